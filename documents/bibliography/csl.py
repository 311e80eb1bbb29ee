"""References in CSL-JSON, as a processor of styles takes them.

https://docs.citationstyles.org/en/stable/specification.html, 1.0.2. What a field cannot hold is cleaned here, once for
every style.
"""

from __future__ import annotations

from typing import Any

import regex  # type: ignore[import-untyped]

from documents.bibliography import ordering
from documents.bibliography.references import Name
from documents.bibliography.references import Reference
from documents.plain import plain

_RANGE = regex.compile(r"(?<=\w)\s*[-\u2010-\u2015]+\s*(?=\w)")
_ORDINAL = regex.compile(r"(?P<number>\d{1,3})(?:\W|st|nd|rd|th|\p{Cyrillic})*")
"""An edition that is a number: "2", "2nd", "2-ге"."""
_TAG = regex.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", regex.IGNORECASE)
_MARKUP = regex.compile(r"</?span[^>]*>", regex.IGNORECASE)
"""The one markup that the processor reads in a field."""
_FIRST_YEAR, _LAST_YEAR = 1, 9999


def item(reference: Reference) -> dict[str, Any]:
    """One reference; what is not known is left out, as styles ask whether a field is there."""
    fields = {
        "title": _text(reference.title).rstrip(".") or "[…]",
        "container-title": _text(reference.container),
        "publisher": _text(reference.publisher),
        "publisher-place": _text(reference.place),
        "volume": _text(reference.volume),
        "issue": _text(reference.issue),
        "page": _RANGE.sub("-", _text(reference.pages)),
        "number-of-pages": _text(reference.page_count),
        "edition": _edition(_text(reference.edition)),
        "genre": _text(reference.genre),
        "DOI": _text(reference.doi),
        "URL": _text(reference.url),
        "author": [_name(name) for name in reference.authors if _is_named(name)],
        "editor": [_name(name) for name in reference.editors if _is_named(name)],
        "issued": _year(reference.year),
        "accessed": _accessed(reference),
    }
    present = {field: value for field, value in fields.items() if value}
    return {"id": reference.key, "type": reference.kind.value, "language": _language(reference)} | present


def _text(text: str) -> str:
    return plain(_MARKUP.sub("", text))


def _is_named(name: Name) -> bool:
    return any(_text(part) for part in (name.literal, name.family, name.given))


def _name(name: Name) -> dict[str, str]:
    """A person of one name only is written as an organisation is: nothing is turned round or made an initial."""
    family, given = _text(name.family), _text(name.given)
    if literal := _text(name.literal):
        return {"literal": literal}
    return {"family": family, "given": given} if family and given else {"literal": family or given}


def _edition(edition: str) -> str:
    found = _ORDINAL.fullmatch(edition)
    return str(int(found["number"])) if found else edition


def _year(year: int | None) -> dict[str, Any]:
    return {"date-parts": [[year]]} if year is not None and _FIRST_YEAR <= year <= _LAST_YEAR else {}


def _accessed(reference: Reference) -> dict[str, Any]:
    """A day at which a thing was seen says nothing where its address is not."""
    seen = reference.accessed
    return {"date-parts": [[seen.year, seen.month, seen.day]]} if seen and _text(reference.url) else {}


def _language(reference: Reference) -> str:
    """Titles of other languages are not written as English ones are."""
    if _TAG.fullmatch(reference.language):
        return reference.language.lower()
    return "uk" if ordering.is_cyrillic(reference.title) else "en"
