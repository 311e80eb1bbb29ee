"""Crossref: records of publishers, without a key (https://api.crossref.org/swagger-ui, 2026-11).

Whether a work was taken back stands in two places, and neither is reliable alone: its own record (``updated-by``), and
the records of notices (``filter=updates:…``).
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from datetime import UTC
from datetime import date
from datetime import datetime
from typing import Any

import regex  # type: ignore[import-untyped]

from documents.sources.base import Door
from documents.sources.base import Unanswered
from documents.sources.base import bare_doi
from documents.sources.base import number
from documents.sources.base import of_doi
from documents.sources.base import records
from documents.sources.base import text
from documents.sources.base import texts
from documents.sources.works import Asked
from documents.sources.works import Author
from documents.sources.works import Notice
from documents.sources.works import Work

BASE_URL = "https://api.crossref.org"
PER_SECOND = 5.0
"""Ours: half of what the polite pool allows (10 a second, its documentation of 2025-12)."""
MAX_NOTICES = 20
_TAG = regex.compile(r"<[^<>]{1,60}>")
_ABSTRACT = regex.compile(r"\A(?:abstract|анотація)[\s.:]*", regex.IGNORECASE)


class Crossref:
    """See :class:`documents.sources.base.Provider` and :class:`documents.sources.base.Watcher`."""

    name = "crossref"
    is_demo = False
    is_scarce = False
    questions: tuple[str, ...] = (f"{name}:record", f"{name}:notices")

    def __init__(self, *, mailto: str, base_url: str = BASE_URL, trusted: bool = False) -> None:
        agent = f"Kintsugi (mailto:{mailto})" if mailto else "Kintsugi"
        self._door = Door(self.name, base_url, PER_SECOND, {"User-Agent": agent}, trusted)
        self._polite = {"mailto": mailto} if mailto else {}

    def search(self, query: str, *, most: int) -> Sequence[Work]:
        answer = self._door.get("/works", **{"query.bibliographic": query, "rows": str(most)}, **self._polite)
        items = _message(self._door.json(answer)).get("items") if answer is not None else None
        return [work for item in records(items) if (work := _work(item)).title]

    def look_up(self, doi: str) -> Work | None:
        record = self._record(doi)
        return _work(record) if record is not None else None

    def notices(self, doi: str) -> Sequence[Asked]:
        return [self._by_its_record(doi), self._by_notices(doi)]

    def _by_its_record(self, doi: str) -> Asked:
        name = self.questions[0]
        try:
            record = self._record(doi)
        except Unanswered:
            return Asked(name, is_answered=False)
        # Who has no record cannot say that nothing happened to it.
        if record is None:
            return Asked(name, is_answered=False)
        found = [_notice(update.get("type")) for update in records(record.get("updated-by"))]
        return Asked(name, is_answered=True, notices=frozenset(filter(None, found)), on=_today())

    def _by_notices(self, doi: str) -> Asked:
        name = self.questions[1]
        # A comma would begin the next filter.
        wanted = "updates:" + doi.replace("\\", "\\\\").replace(",", "\\,")
        try:
            answer = self._door.get("/works", filter=wanted, rows=str(MAX_NOTICES), **self._polite)
            items = _message(self._door.json(answer)).get("items") if answer is not None else None
        except Unanswered:
            return Asked(name, is_answered=False)
        if not isinstance(items, list):
            return Asked(name, is_answered=False)
        found = [
            _notice(update.get("type"))
            for item in records(items)
            for update in records(item.get("update-to"))
            if bare_doi(update.get("DOI")) == bare_doi(doi)
        ]
        return Asked(name, is_answered=True, notices=frozenset(filter(None, found)), on=_today())

    def _record(self, doi: str) -> Mapping[str, Any] | None:
        answer = self._door.get(f"/works/{of_doi(doi)}", **self._polite)
        return _message(self._door.json(answer)) if answer is not None else None


def _message(document: Mapping[str, Any]) -> Mapping[str, Any]:
    message = document.get("message")
    if not isinstance(message, dict):
        raise Unanswered(Crossref.name)
    return message


def _work(record: Mapping[str, Any]) -> Work:
    titles, containers = texts(record.get("title")), texts(record.get("container-title"))
    authors = [_author(one) for one in records(record.get("author"))]
    return Work(
        Crossref.name,
        titles[0] if titles else "",
        tuple(author for author in authors if author.family),
        _year(record.get("issued")),
        containers[0] if containers else "",
        bare_doi(record.get("DOI")),
        _ABSTRACT.sub("", " ".join(_TAG.sub(" ", text(record.get("abstract"))).split())),
        text(record.get("language")),
        number(record.get("is-referenced-by-count")),
    )


def _author(record: Mapping[str, Any]) -> Author:
    """An organisation has a name alone."""
    return Author(text(record.get("family")) or text(record.get("name")), text(record.get("given")))


def _year(issued: Any) -> int | None:
    parts = issued.get("date-parts") if isinstance(issued, dict) else None
    first = parts[0] if isinstance(parts, list) and parts else None
    return number(first[0]) if isinstance(first, list) and first else None


_NOTICES = {"expression-of-concern": Notice.CONCERN, "corrigendum": Notice.CORRECTION, "erratum": Notice.CORRECTION,
            "partial-retraction": Notice.CONCERN}  # fmt: skip


def _notice(kind: Any) -> Notice | None:
    """Crossref's words, with a line or a blank between them; new versions and clarifications are no notice."""
    name = text(kind).casefold().replace("_", "-").replace(" ", "-")
    if name in _NOTICES:
        return _NOTICES[name]
    return Notice(name) if name in set(Notice) else None


def _today() -> date:
    return datetime.now(UTC).date()
