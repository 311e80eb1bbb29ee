"""Which kinds of jobs there are. Apps register them in their ``tasks.py``, which every process can import."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import autodiscover_modules

if TYPE_CHECKING:
    from core.jobs.models import Job
    from core.jobs.run import Run

Body = Callable[["Run"], None]
Ended = Callable[["Job"], None]
Moved = Callable[["Job"], None]
Shown = Callable[[Sequence["Job"]], Mapping[UUID, Mapping[str, Any]]]
"""Jobs of one kind → by id, what the kind adds to the shape of its jobs."""
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
    ended: Ended | None
    moved: Moved | None
    shown: Shown | None
    pausable: bool
    again: bool


_handlers: dict[str, Handler] = {}
_periods: dict[str, timedelta] = {}


def handler(
    kind: str,
    *,
    max_attempts: int = 3,
    lease: float = 60,
    timeout: float = 540,
    queue: str = "default",
    ended: Ended | None = None,
    moved: Moved | None = None,
    shown: Shown | None = None,
    pausable: bool = False,
    again: bool = False,
) -> Callable[[Body], Body]:
    """Register the function that does jobs of ``kind`` (``<app>.<what>``), in one of ``settings.JOB_QUEUES``.

    It takes a :class:`core.jobs.Run` and may be started again at any point, in another process: what it did is told by
    ``run.checkpoint``. ``max_attempts`` runs without a new checkpoint and it has failed. A run that is silent for
    ``lease`` seconds is lost and begins anew elsewhere; the lease is extended beside the body as long as the process
    lives and ``timeout`` has not passed.

    ``ended`` is called with the job when it failed for good or was cancelled, also when the process that did it was
    lost: in the transaction that ends it, so that the app's own rows end with it. If it raises, the job has not ended.
    A job that is deleted, as with its owner, ends without it.

    ``moved`` is called with the job when it was paused, or goes on after a pause or a failure, in the transaction that
    does so; what it raises undoes that and, where somebody asked for it, is their answer.

    ``shown`` lets owners see, cancel and, if it is ``pausable``, pause and resume their jobs of this kind by
    ``/api/jobs``, and adds fields of its own there; a body that may be paused calls ``run.check`` often. With ``again``
    they may also resume one that failed, from its checkpoint. Jobs of other kinds are the house's own business.
    """

    if queue not in settings.JOB_QUEUES:
        raise ValueError(f"No worker consumes the queue {queue!r}.")

    def register(body: Body) -> Body:
        _handlers[kind] = Handler(
            kind=kind,
            body=body,
            max_attempts=max_attempts,
            lease=lease,
            timeout=timeout,
            queue=queue,
            ended=ended,
            moved=moved,
            shown=shown,
            pausable=pausable,
            again=again,
        )
        return body

    return register


def periodic(kind: str, *, every: timedelta) -> None:
    """Run ``kind`` once in each window of ``every``, counted from 1970: whoever looks first makes the row.

    A window nobody looked at is left out; the next look makes the current one.
    """
    _periods[kind] = every


def find(kind: str) -> Handler:
    """The handler of a kind. Raises LookupError when no installed app has it."""
    _discover()
    return _handlers[kind]


def shown() -> dict[str, Shown]:
    """The kinds whose jobs their owners see."""
    _discover()
    return {kind: handler.shown for kind, handler in _handlers.items() if handler.shown}


def windows(now: datetime) -> dict[str, datetime]:
    """The beginning of the current window of every scheduled kind."""
    _discover()
    return {kind: _EPOCH + (now - _EPOCH) // every * every for kind, every in _periods.items()}


@cache
def _discover() -> None:
    autodiscover_modules("tasks")
