"""Semantic Scholar: search by meaning (https://api.semanticscholar.org/api-docs, 2026-11).

At most one question a second with a key, for all processes together. Without one a pool is shared with the whole world,
in which being refused is nothing unusual.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from documents.sources.base import Door
from documents.sources.base import Unanswered
from documents.sources.base import bare_doi
from documents.sources.base import number
from documents.sources.base import of_doi
from documents.sources.base import records
from documents.sources.base import text
from documents.sources.works import Author
from documents.sources.works import Work

BASE_URL = "https://api.semanticscholar.org/graph/v1"
PER_SECOND = 2 / 3
"""It allows one. Of two calls of two processes the first may be longer on its way: by 0.3 s on a busy machine of two
cores, as measured with four processes (2026-12)."""
MOST = 100
_FIELDS = "title,authors,year,venue,abstract,externalIds,citationCount"


class SemanticScholar:
    """See :class:`documents.sources.base.Provider`."""

    name = "semantic_scholar"
    is_demo = False
    is_scarce = True

    def __init__(self, *, key: str, base_url: str = BASE_URL, trusted: bool = False) -> None:
        self._door = Door(self.name, base_url, PER_SECOND, {"x-api-key": key} if key else {}, trusted)

    def search(self, query: str, *, most: int) -> Sequence[Work]:
        # A hyphen finds nothing there.
        words = " ".join(query.replace("-", " ").split())
        answer = self._door.get("/paper/search", query=words, limit=str(min(most, MOST)), fields=_FIELDS)
        if answer is None:
            raise Unanswered(self.name)
        return [work for item in records(self._door.json(answer).get("data")) if (work := _work(item)).title]

    def look_up(self, doi: str) -> Work | None:
        answer = self._door.get(f"/paper/DOI:{of_doi(doi)}", fields=_FIELDS)
        return _work(self._door.json(answer)) if answer is not None else None


def _work(record: Mapping[str, Any]) -> Work:
    ids = record.get("externalIds")
    authors = [_author(one) for one in records(record.get("authors"))]
    return Work(
        SemanticScholar.name,
        text(record.get("title")),
        tuple(author for author in authors if author.family),
        number(record.get("year")),
        text(record.get("venue")),
        bare_doi(ids.get("DOI")) if isinstance(ids, dict) else "",
        text(record.get("abstract")),
        "",
        number(record.get("citationCount")),
    )


def _author(record: Mapping[str, Any]) -> Author:
    given, _, family = text(record.get("name")).rpartition(" ")
    return Author(family, given)
