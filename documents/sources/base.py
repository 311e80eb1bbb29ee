"""What a provider of scholarly data must do, and how each is asked: paced for all processes, bounded, in one way."""

from __future__ import annotations

import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from typing import Protocol
from urllib.parse import quote

import httpx2

from core import http
from core.http import pace
from documents.sources.works import Asked
from documents.sources.works import Work

MAX_ANSWER = 8 * 1024 * 1024
SECONDS = 20.0
AWAY_SECONDS = 30
"""After which a provider that was away is asked again, where it names no time."""


class Unanswered(Exception):
    """Somebody could not be asked, or did not answer: nothing is known, and nothing may be concluded from it."""

    def __init__(self, provider: str, *, retry_after: float = AWAY_SECONDS) -> None:
        super().__init__(provider)
        self.provider, self.retry_after = provider, retry_after


class KeyRejected(Unanswered):
    """Its key is missing or is not taken: staff must look."""


class BudgetSpent(Unanswered):
    """What it gives for a day is nearly used up; the rest is kept for look-ups."""


class NotOurTurn(Unanswered):
    """Others of ours are asking it, and so it was not asked."""


class Provider(Protocol):
    """Raises Unanswered from every method."""

    name: str
    is_demo: bool
    """It has works that do not exist."""
    is_scarce: bool
    """It may be asked so rarely that the others go first."""

    def search(self, query: str, *, most: int) -> Sequence[Work]:
        """Works about it, the best first."""

    def look_up(self, doi: str) -> Work | None:
        """The work with this DOI; None when it has none."""


class Watcher(Protocol):
    """A provider that knows what became of a work."""

    questions: tuple[str, ...]
    """What its answers are called; each of them is given every time."""

    def notices(self, doi: str) -> Sequence[Asked]:
        """Each question that was asked, with its answer; those without one are told as that and not raised."""


@dataclass(frozen=True, slots=True)
class _Patience:
    until: float
    """Of the monotonic clock."""
    check: Callable[[], object]


_patience: ContextVar[_Patience | None] = ContextVar("_patience", default=None)
_LOOK_SECONDS = 1.0


@contextmanager
def patient(seconds: float, check: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Within it a turn is waited for, so long in all; ``check`` is called meanwhile, and what it raises is raised."""
    token = _patience.set(_Patience(time.monotonic() + seconds, check))
    try:
        yield
    finally:
        _patience.reset(token)


@dataclass(frozen=True)
class Door:
    """The way to one provider. ``per_second`` holds for all processes together."""

    provider: str
    base_url: str
    per_second: float
    headers: Mapping[str, str]
    trusted: bool = False
    """For a server of the operator's own, and in tests."""

    @cached_property
    def _client(self) -> httpx2.Client:
        return http.client(
            role=self.provider, headers=self.headers, timeout=SECONDS, max_bytes=MAX_ANSWER, trusted=self.trusted
        )

    def get(self, path: str, **query: str) -> httpx2.Response | None:
        """The answer; None for 404. Raises Unanswered, also when its turn is further away than may be waited for."""
        self._wait_for_turn()
        try:
            answer = self._client.get(f"{self.base_url}{path}", params=query)
        except http.OutgoingError as error:
            raise Unanswered(self.provider, retry_after=error.retry_after or AWAY_SECONDS) from error
        if answer.status_code == 404:
            return None
        if answer.status_code in {401, 403}:
            raise KeyRejected(self.provider)
        if not answer.is_success:
            raise Unanswered(self.provider, retry_after=_seconds(answer.headers.get("retry-after")))
        return answer

    def _wait_for_turn(self) -> None:
        patience = _patience.get()
        while wait := pace.take(self.provider, per_second=self.per_second, burst=max(1.0, self.per_second)):
            if patience is None or time.monotonic() + wait > patience.until:
                raise NotOurTurn(self.provider, retry_after=wait)
            patience.check()
            time.sleep(min(wait, _LOOK_SECONDS))

    def json(self, answer: httpx2.Response) -> Mapping[str, Any]:
        """Raises Unanswered for what is no object: a page of an error, with 200 above it."""
        try:
            document = answer.json()
        except ValueError:
            raise Unanswered(self.provider) from None
        if not isinstance(document, dict):
            raise Unanswered(self.provider)
        return document


def of_doi(doi: str) -> str:
    """A DOI as a part of a path; it may hold anything, blanks and slashes included."""
    return quote(doi, safe="")


def bare_doi(written: object) -> str:
    """Without the address before it; in small letters, as DOIs know no case."""
    text = str(written or "").strip().casefold()
    for before in ("https://doi.org/", "http://doi.org/", "https://dx.doi.org/", "http://dx.doi.org/", "doi:"):
        text = text.removeprefix(before)
    return text if text.startswith("10.") else ""


def _seconds(written: str | None) -> float:
    return float(min(int(written), 3600)) if written and written.isdigit() else AWAY_SECONDS


# What others write is not believed to have the shape that it should have.


def texts(value: Any) -> list[str]:
    """The strings of what should be a list of them."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def records(value: Any) -> list[Mapping[str, Any]]:
    """The objects of what should be a list of them."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def number(value: Any) -> int | None:
    """A whole number, and no boolean."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def text(value: Any) -> str:
    """A string, or nothing."""
    return value.strip() if isinstance(value, str) else ""
