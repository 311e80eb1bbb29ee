"""ДСТУ 8302:2015, the style that Ukrainian faculties ask for and that no package has.

Descriptions are short ones, as the standard has them: areas end with a point, a colon before the publisher has blanks
on both sides, up to three authors stand first and of four and more the first one after the title, words of the
description are in the language of what is described. Written from what libraries teach of it; a librarian's eye is
still wanted.
"""

from __future__ import annotations

from dataclasses import dataclass

import regex  # type: ignore[import-untyped]

from documents.bibliography import ordering
from documents.bibliography.references import Kind
from documents.bibliography.references import Name
from documents.bibliography.references import Reference

_AUTHORS_FIRST = 3
_DASH = "\u2013"
_RANGE = regex.compile(r"(?<=\d)\s*[-\u2010-\u2015]\s*(?=\d)")
_DOI = "https://doi.org/"


@dataclass(frozen=True, slots=True)
class _Words:
    """Of a description, in one language."""

    volume: str
    issue: str
    pages: str
    page_count: str
    others: str
    edited: str
    edition: str
    accessed: str
    undated: str


_UKRAINIAN = _Words("Т.", "№", "С.", "с.", "та ін.", "за ред.", "вид.", "дата звернення", "б. р.")
_ENGLISH = _Words("Vol.", "no.", "P.", "p.", "et al.", "ed. by", "ed.", "date of access", "n. d.")


def entry(reference: Reference) -> str:
    """One reference, as plain text."""
    words = _words(reference)
    areas = [_head(reference, words)]
    if reference.kind in {Kind.ARTICLE, Kind.PAPER, Kind.CHAPTER} and reference.container:
        areas.append(reference.container)
    areas += _imprint(reference, words)
    text = " ".join(_ended(area) for area in areas if area)
    return " ".join(filter(None, [text, _address(reference, words)]))


def listed(references: list[Reference]) -> list[Reference]:
    """In the order of a list: what is written in Cyrillic first, each by the alphabet of its author or title."""
    return ordering.listed(references, cyrillic_first=True, by_year=False, most_authors=_AUTHORS_FIRST)


def _words(reference: Reference) -> _Words:
    if reference.language:
        return _UKRAINIAN if reference.language.casefold().split("-")[0] == "uk" else _ENGLISH
    return _UKRAINIAN if ordering.is_cyrillic(reference.title) else _ENGLISH


def _head(reference: Reference, words: _Words) -> str:
    authors = reference.authors
    title = " : ".join(filter(None, [reference.title.strip().rstrip("."), _genre(reference)]))
    if not authors:
        return _with_editors(title, reference, words)
    if len(authors) <= _AUTHORS_FIRST:
        names = ", ".join(_inverted(name) for name in authors)
        return _with_editors(f"{_ended(names)} {title}", reference, words)
    return _with_editors(f"{title} / {_direct(authors[0])} {words.others}", reference, words)


def _genre(reference: Reference) -> str:
    return reference.genre if reference.kind in {Kind.BOOK, Kind.THESIS, Kind.REPORT} else ""


def _with_editors(head: str, reference: Reference, words: _Words) -> str:
    """Of a book; a chapter's stand with its container, which has no place for them in a short description."""
    if not reference.editors or reference.kind is not Kind.BOOK:
        return head
    names = ", ".join(_direct(name) for name in reference.editors[:_AUTHORS_FIRST])
    more = f" {words.others}" if len(reference.editors) > _AUTHORS_FIRST else ""
    return f"{head}{' ; ' if ' / ' in head else ' / '}{words.edited} {names}{more}"


def _imprint(reference: Reference, words: _Words) -> list[str]:
    year = str(reference.year) if reference.year is not None else words.undated
    pages = _pages(reference, words)
    if reference.kind in {Kind.ARTICLE, Kind.PAPER} and not reference.publisher:
        issue = f"{words.issue} {reference.issue}" if reference.issue else ""
        volume = f"{words.volume} {reference.volume}" if reference.volume else ""
        return [year, ", ".join(filter(None, [volume, issue])), pages]
    if reference.kind is Kind.PAGE:
        return [reference.container, year if reference.year is not None else ""]
    edition = f"{reference.edition} {words.edition}" if reference.edition else ""
    published = " : ".join(filter(None, [reference.place, reference.publisher]))
    volume = f"{words.volume} {reference.volume}" if reference.volume else ""
    return [edition, ", ".join(filter(None, [published, year])), volume, pages]


def _pages(reference: Reference, words: _Words) -> str:
    if pages := _RANGE.sub(_DASH, reference.pages.strip()):
        # The number of an article is no page.
        return f"{words.pages} {pages}" if pages[0].isdigit() else pages
    return f"{reference.page_count} {words.page_count}" if reference.page_count else ""


def _address(reference: Reference, words: _Words) -> str:
    if reference.doi:
        return f"DOI: {_DOI}{reference.doi}"
    if not reference.url:
        return ""
    seen = f" ({words.accessed}: {reference.accessed:%d.%m.%Y})" if reference.accessed else ""
    return f"URL: {reference.url}{seen}."


def _inverted(name: Name) -> str:
    """ "Шевченко Т. Г." """
    return name.literal or " ".join(filter(None, [name.family, _initials(name.given)]))


def _direct(name: Name) -> str:
    """ "Т. Г. Шевченко" """
    return name.literal or " ".join(filter(None, [_initials(name.given), name.family]))


def _initials(given: str) -> str:
    """ "Жан-Поль" is "Ж.-П.", "Тарас Григорович" is "Т. Г.", and what is initials already stays."""
    parts = given.replace(".", ". ").split()
    return " ".join(
        "-".join(f"{piece[0].upper()}." for piece in part.rstrip(".").split("-") if piece) for part in parts
    )


def _ended(area: str) -> str:
    """An area ends with one point, also where an abbreviation did already; a question ends itself."""
    return area if area.endswith((".", "?", "!")) else f"{area}."
