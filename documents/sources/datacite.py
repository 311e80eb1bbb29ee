"""DataCite: records of data sets, theses and preprints, whose DOIs Crossref does not have.

It is looked up where the others have nothing (https://support.datacite.org/docs/api, 2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from documents.sources.base import Door
from documents.sources.base import bare_doi
from documents.sources.base import number
from documents.sources.base import of_doi
from documents.sources.base import records
from documents.sources.base import text
from documents.sources.works import Author
from documents.sources.works import Work

BASE_URL = "https://api.datacite.org"
PER_SECOND = 5.0
"""Ours; it allows 3,000 in five minutes (its documentation, 2026-11)."""


class DataCite:
    """See :class:`documents.sources.base.Provider`."""

    name = "datacite"
    is_demo = False
    is_scarce = True

    def __init__(self, *, base_url: str = BASE_URL, trusted: bool = False) -> None:
        self._door = Door(self.name, base_url, PER_SECOND, {}, trusted)

    def search(self, query: str, *, most: int) -> Sequence[Work]:
        answer = self._door.get("/dois", query=query, **{"page[size]": str(most)})
        items = self._door.json(answer).get("data") if answer is not None else None
        return [work for item in records(items) if (work := _work(item)).title]

    def look_up(self, doi: str) -> Work | None:
        answer = self._door.get(f"/dois/{of_doi(doi)}")
        record = self._door.json(answer).get("data") if answer is not None else None
        return _work(record) if isinstance(record, dict) else None


def _work(record: Mapping[str, Any]) -> Work:
    said = record.get("attributes")
    about: Mapping[str, Any] = said if isinstance(said, dict) else {}
    titles, container = records(about.get("titles")), about.get("container")
    abstracts = [
        text(one.get("description"))
        for one in records(about.get("descriptions"))
        if one.get("descriptionType") == "Abstract"
    ]
    return Work(
        DataCite.name,
        text(titles[0].get("title")) if titles else "",
        tuple(author for one in records(about.get("creators")) if (author := _author(one)).family),
        number(about.get("publicationYear")),
        text(container.get("title")) if isinstance(container, dict) else "",
        bare_doi(about.get("doi")),
        abstracts[0] if abstracts else "",
        text(about.get("language")),
        number(about.get("citationCount")),
    )


def _author(record: Mapping[str, Any]) -> Author:
    """Whoever gave no parts has a name "Family, Given"; an organisation has one without a comma."""
    family, _, given = text(record.get("name")).partition(", ")
    return Author(text(record.get("familyName")) or family, text(record.get("givenName")) or given)
