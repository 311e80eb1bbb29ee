"""Which kinds of jobs there are. Apps register them in their ``tasks.py``, which every process can import."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from django.utils.module_loading import autodiscover_modules

if TYPE_CHECKING:
    from core.jobs.run import Run

Body = Callable[["Run"], None]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Handler:
    """How the jobs of one kind are done; times in seconds."""

    kind: str
    body: Body
    max_attempts: int
    lease: float
    timeout: float
    queue: str


_handlers: dict[str, Handler] = {}
_periods: dict[str, timedelta] = {}


def handler(
    kind: str, *, max_attempts: int = 3, lease: float = 60, timeout: float = 540, queue: str = "default"
) -> Callable[[Body], Body]:
    """Register the function that does jobs of ``kind`` (``<app>.<what>``).

    It takes a :class:`core.jobs.Run` and may be started again at any point, in another process: what it did is told by
    ``run.checkpoint``. ``max_attempts`` runs without a new checkpoint and it has failed. A run that is silent for
    ``lease`` seconds is lost and begins anew elsewhere; the lease is extended beside the body as long as the process
    lives and ``timeout`` has not passed.
    """

    def register(body: Body) -> Body:
        _handlers[kind] = Handler(kind, body, max_attempts, lease, timeout, queue)
        return body

    return register


def periodic(kind: str, *, every: timedelta) -> None:
    """Run ``kind`` once in each window of ``every``, counted from 1970: whoever looks first makes the row.

    A window nobody looked at is left out; the next look makes the current one.
    """
    _periods[kind] = every


def find(kind: str) -> Handler:
    """The handler of a kind. Raises LookupError when no installed app has it."""
    if kind not in _handlers:
        _discover()
    return _handlers[kind]


def windows(now: datetime) -> dict[str, datetime]:
    """The beginning of the current window of every scheduled kind."""
    _discover()
    return {kind: _EPOCH + (now - _EPOCH) // every * every for kind, every in _periods.items()}


@cache
def _discover() -> None:
    autodiscover_modules("tasks")
