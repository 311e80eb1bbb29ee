"""A document as it is set: its sections with their newest text, and what they cite in its style."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from core.errors import DomainError
from documents import blocks
from documents import printing
from documents.bibliography import styles
from documents.bibliography.references import Kind
from documents.bibliography.references import Name
from documents.bibliography.references import Reference
from documents.exports import composing
from documents.exports.manuscript import Manuscript
from documents.exports.manuscript import Section
from documents.exports.manuscript import layout_of
from documents.models import Document
from documents.models import DocumentSection
from documents.models import DocumentSource

logger = logging.getLogger(__name__)


def of(document: Document, rows: Iterable[DocumentSection]) -> Manuscript:
    """These sections of it, in their order; those without text are left out."""
    sections = [
        Section(row.title, blocks.read(row.styled or row.content), level=row.level) for row in rows if row.content
    ]
    references = [reference_of(row) for row in DocumentSource.objects.filter(document=document)]
    return composing.compose(
        title=document.title,
        language=document.language,
        sections=sections,
        references=references,
        style=document.citation_style or styles.usual(document.language),
        layout=layout_of(document.layout),
        is_demo=document.is_demo,
    )


def pages(document: Document, rows: Iterable[DocumentSection]) -> float | None:
    """How many the text of these sections fills as it is set; None when it cannot be set now."""
    try:
        return float(printing.measure(of(document, rows)).text_pages)
    except DomainError as error:
        logger.warning("A document could not be measured", extra={"code": error.code})
        return None


def reference_of(row: DocumentSource) -> Reference:
    """As styles take it."""
    csl: dict[str, Any] = row.csl
    return Reference(
        row.key,
        _kind(csl.get("type")),
        csl.get("title", ""),
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


def _kind(given: Any) -> Kind:
    return Kind(given) if given in set(Kind) else Kind.ARTICLE


def _names(people: Any) -> tuple[Name, ...]:
    return tuple(
        Name(one.get("family", ""), one.get("given", ""), one.get("literal", "")) for one in people or () if one
    )


def _year(issued: Any) -> int | None:
    parts = (issued or {}).get("date-parts") or [[None]]
    year = parts[0][0]
    return int(year) if year is not None else None
