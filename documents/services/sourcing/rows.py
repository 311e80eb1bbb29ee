"""A source as a row, as a work of a catalogue, as CSL-JSON, and as a model is given it."""

from __future__ import annotations

from typing import Any

from documents import cleaning
from documents.checks import lamps
from documents.models import DocumentSource
from documents.sources import names
from documents.sources import passages
from documents.sources.base import bare_doi
from documents.sources.works import Author
from documents.sources.works import Work
from documents.writing.sources import Passage
from documents.writing.sources import Source

TITLE_CHARS = 1_000
_NAME_CHARS = 200
_MOST_AUTHORS = 300
_SHOWN_AUTHORS = 3
_CONTAINER = "container-title"
_FIELDS = (
    "type", "publisher", "publisher-place", "volume", "issue", "page", "number-of-pages", "edition", "genre", "URL",
    "collection-title", "ISBN", "ISSN",
)  # fmt: skip
"""Of CSL-JSON, beside those that are read one by one; all of them are text."""


def csl_of(work: Work) -> dict[str, Any]:
    """What a catalogue says, as CSL-JSON. What a catalogue calls nothing is an article."""
    authors = [{"family": one.family, **({"given": one.given} if one.given else {})} for one in work.authors]
    found: dict[str, Any] = {"type": "article-journal", "title": work.title, "author": authors[:_MOST_AUTHORS]}
    if work.year is not None:
        found["issued"] = {"date-parts": [[work.year]]}
    told = {_CONTAINER: work.container, "DOI": work.doi, "language": work.language}
    return found | {name: value for name, value in told.items() if value}


def clean_csl(given: dict[str, Any]) -> dict[str, Any]:
    """CSL-JSON of a person: the fields that are known, as plain text. Without a title it is empty."""
    title = _text(given.get("title"), TITLE_CHARS)
    if not title:
        return {}
    found: dict[str, Any] = {"type": "article-journal", "title": title}
    found |= {name: text for name in _FIELDS if (text := _text(given.get(name), _NAME_CHARS))}
    for name in ("author", "editor"):
        people = given.get(name)
        if people := [one for one in map(_name, people if isinstance(people, list) else []) if one]:
            found[name] = people[:_MOST_AUTHORS]
    if (year := _year(given.get("issued"))) is not None:
        found["issued"] = {"date-parts": [[year]]}
    if container := _text(given.get(_CONTAINER), TITLE_CHARS):
        found[_CONTAINER] = container
    if doi := bare_doi(given.get("DOI")):
        found["DOI"] = doi[:300]
    if language := _text(given.get("language"), 12):
        found["language"] = language
    return found


def work_of_csl(csl: dict[str, Any], *, provider: str, abstract: str = "", is_demo: bool = False) -> Work:
    """As it is held against the records of catalogues."""
    authors = [
        Author(one.get("family") or one.get("literal", ""), one.get("given", "")) for one in csl.get("author", [])
    ]
    return Work(
        provider,
        csl["title"],
        tuple(author for author in authors if author.family),
        _year(csl.get("issued")),
        csl.get(_CONTAINER, ""),
        csl.get("DOI", ""),
        abstract,
        csl.get("language", ""),
        is_demo=is_demo,
    )


def work_of(row: DocumentSource) -> Work:
    """What a document cites."""
    return work_of_csl(row.csl, provider=row.provider, abstract=row.abstract, is_demo=row.is_demo)


def new_row(work: Work, csl: dict[str, Any]) -> DocumentSource:
    """Without a document and a key yet."""
    return DocumentSource(
        provider=work.provider,
        doi=work.doi[:300],
        csl=csl,
        abstract=work.abstract,
        passages=[passage(work.abstract)] if work.abstract else [],
        language=work.language[:12],
        fingerprint=names.fingerprint(work.title, work.year, work.first_family),
        is_demo=work.is_demo,
    )


def passage(text: str, locator: str = "") -> dict[str, str]:
    """As it is stored; ``locator`` is where it stands, such as "p. 12"."""
    return {"text": text, "locator": locator}


def for_model(row: DocumentSource, goal: str, *, most: int) -> Source:
    """With those of its passages, at most so many, that speak of ``goal``."""
    work = work_of(row)
    told = {str(one["text"]): str(one.get("locator", "")) for one in row.passages}
    chosen = passages.about(list(told), goal, most=most)
    families = [author.family for author in work.authors]
    shown = ", ".join(families[:_SHOWN_AUTHORS]) + (" et al." if len(families) > _SHOWN_AUTHORS else "")
    return Source(row.key, work.title, shown, work.year, tuple(Passage(text, told[text]) for text in chosen))


def is_taken_back(row: DocumentSource) -> bool:
    """Nobody should cite it any more."""
    return lamps.is_taken_back(row.retraction)


def _name(given: Any) -> dict[str, str]:
    if not isinstance(given, dict):
        return {}
    found = {part: _text(given.get(part), _NAME_CHARS) for part in ("family", "given", "literal")}
    return {part: text for part, text in found.items() if text} if found["family"] or found["literal"] else {}


def _year(issued: Any) -> int | None:
    """Of the date in CSL-JSON, whose year may be a number or text."""
    parts = issued.get("date-parts") if isinstance(issued, dict) else None
    first = parts[0] if isinstance(parts, list) and parts else None
    year = first[0] if isinstance(first, list) and first else None
    text = str(year) if isinstance(year, int | str) and not isinstance(year, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def _text(value: Any, most: int) -> str:
    return cleaning.line(value)[:most].strip() if isinstance(value, str) else ""
