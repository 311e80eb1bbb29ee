"""CSL-JSON of a source as what a style writes an entry of."""

from __future__ import annotations

from typing import Any

from documents.bibliography.references import Kind
from documents.bibliography.references import Name
from documents.bibliography.references import Reference


def reference(key: str, csl: dict[str, Any]) -> Reference:
    """Of a source as it is kept; a kind that no style here knows is an article."""
    kind = csl.get("type")
    return Reference(
        key=key,
        kind=Kind(kind) if kind in set(Kind) else Kind.ARTICLE,
        title=csl.get("title", ""),
        authors=_names(csl.get("author")),
        editors=_names(csl.get("editor")),
        container=csl.get("container-title", ""),
        publisher=csl.get("publisher", ""),
        place=csl.get("publisher-place", ""),
        year=_year(csl.get("issued")),
        volume=str(csl.get("volume", "")),
        issue=str(csl.get("issue", "")),
        pages=str(csl.get("page", "")),
        page_count=str(csl.get("number-of-pages", "")),
        edition=str(csl.get("edition", "")),
        genre=csl.get("genre", ""),
        doi=csl.get("DOI", ""),
        url=csl.get("URL", ""),
        language=csl.get("language", ""),
    )


def _names(people: list[dict[str, str]] | None) -> tuple[Name, ...]:
    return tuple(Name(one.get("family", ""), one.get("given", ""), one.get("literal", "")) for one in people or [])


def _year(issued: dict[str, Any] | None) -> int | None:
    parts = (issued or {}).get("date-parts") or [[]]
    return parts[0][0] if parts[0] else None
