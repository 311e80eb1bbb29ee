"""OpenAlex: an open index of works, with a key and a budget for each day (https://developers.openalex.org, 2026-11).

A search costs of the budget, a look-up does not; so the last part of it is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from datetime import UTC
from datetime import datetime
from typing import Any

import httpx2
from django.core.cache import cache

from documents.sources.base import BudgetSpent
from documents.sources.base import Door
from documents.sources.base import Unanswered
from documents.sources.base import bare_doi
from documents.sources.base import number
from documents.sources.base import of_doi
from documents.sources.base import records
from documents.sources.base import text
from documents.sources.works import Asked
from documents.sources.works import Author
from documents.sources.works import Notice
from documents.sources.works import Work

BASE_URL = "https://api.openalex.org"
PER_SECOND = 5.0
"""Ours; it allows 100 (its documentation, 2026-11)."""
KEPT_SHARE = 0.05
"""Of the day's budget, for look-ups and whoever uses the key besides us."""
_FIELDS = (
    "doi,title,authorships,publication_year,primary_location,abstract_inverted_index,language,cited_by_count,"
    "is_retracted"
)
_LONGEST_ABSTRACT = 20_000
"""Words. Its index of an abstract may name any place."""
_SPENT = "documents:openalex:spent"


class OpenAlex:
    """See :class:`documents.sources.base.Provider` and :class:`documents.sources.base.Watcher`."""

    name = "openalex"
    is_demo = False
    is_scarce = False
    questions: tuple[str, ...] = (name,)

    def __init__(self, *, key: str, base_url: str = BASE_URL, trusted: bool = False) -> None:
        self._door = Door(self.name, base_url, PER_SECOND, {}, trusted)
        self._mine = {"api_key": key} if key else {}

    def search(self, query: str, *, most: int) -> Sequence[Work]:
        """Raises BudgetSpent when no more than the kept share is left of the day."""
        if left := _seconds_left(cache.get(_SPENT)):
            raise BudgetSpent(self.name, retry_after=left)
        answer = self._door.get("/works", search=query, per_page=str(most), select=_FIELDS, **self._mine)
        if answer is None:
            raise Unanswered(self.name)
        _note_budget(answer)
        return [work for item in records(self._door.json(answer).get("results")) if (work := _work(item)).title]

    def look_up(self, doi: str) -> Work | None:
        record = self._record(doi)
        return _work(record) if record is not None else None

    def notices(self, doi: str) -> Sequence[Asked]:
        try:
            record = self._record(doi)
        except Unanswered:
            return [Asked(self.name, is_answered=False)]
        if record is None or not isinstance(record.get("is_retracted"), bool):
            return [Asked(self.name, is_answered=False)]
        found = frozenset({Notice.RETRACTION}) if record["is_retracted"] else frozenset[Notice]()
        return [Asked(self.name, is_answered=True, notices=found, on=datetime.now(UTC).date())]

    def _record(self, doi: str) -> Mapping[str, Any] | None:
        answer = self._door.get(f"/works/doi:{of_doi(doi)}", select=_FIELDS, **self._mine)
        return self._door.json(answer) if answer is not None else None


def _note_budget(answer: httpx2.Response) -> None:
    """Remember, for all processes, that the day's budget has come to its end, and until when."""
    limit, left = (_figure(answer, name) for name in ("x-ratelimit-limit", "x-ratelimit-remaining"))
    if limit and left is not None and left <= limit * KEPT_SHARE:
        seconds = _figure(answer, "x-ratelimit-reset") or _until_midnight()
        seconds = min(seconds, 86_400)
        cache.set(_SPENT, datetime.now(UTC).timestamp() + seconds, timeout=int(seconds) + 1)


def _figure(answer: httpx2.Response, name: str) -> float | None:
    try:
        return float(answer.headers.get(name, ""))
    except ValueError:
        return None


def _until_midnight() -> float:
    now = datetime.now(UTC)
    return 86_400 - (now.hour * 3_600 + now.minute * 60 + now.second)


def _seconds_left(until: Any) -> float:
    return max(0.0, until - datetime.now(UTC).timestamp()) if isinstance(until, float) else 0.0


def _work(record: Mapping[str, Any]) -> Work:
    place = record.get("primary_location")
    source = place.get("source") if isinstance(place, dict) else None
    authors = [_author(one.get("author")) for one in records(record.get("authorships"))]
    return Work(
        OpenAlex.name,
        text(record.get("title")),
        tuple(author for author in authors if author.family),
        number(record.get("publication_year")),
        text(source.get("display_name")) if isinstance(source, dict) else "",
        bare_doi(record.get("doi")),
        abstract_of(record.get("abstract_inverted_index")),
        text(record.get("language")),
        number(record.get("cited_by_count")),
    )


def _author(record: Any) -> Author:
    """It has whole names alone: the last word is the family's, which is right for most."""
    given, _, family = (text(record.get("display_name")) if isinstance(record, dict) else "").rpartition(" ")
    return Author(family, given)


def abstract_of(index: Any) -> str:
    """The text of an inverted index: each word with the places where it stands."""
    if not isinstance(index, dict):
        return ""
    placed = {
        place: word
        for word, places in index.items()
        if isinstance(word, str) and isinstance(places, list)
        for place in places
        if number(place) is not None and 0 <= place < _LONGEST_ABSTRACT
    }
    return " ".join(placed[place] for place in sorted(placed))
