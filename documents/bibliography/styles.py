"""The citation styles that are offered: a closed list, each with golden files (``tests/golden``).

A mark is what stands in the text, "(Коваль, 2020)" or "[3]"; the list has what is cited and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from documents.bibliography import dstu
from documents.bibliography import ordering
from documents.bibliography.locales import LOCALES
from documents.bibliography.references import Reference
from documents.bibliography.shapes import Bibliography
from documents.bibliography.shapes import Entry
from documents.bibliography.shapes import Run
from documents.bibliography.shapes import UnknownReference
from documents.plain import plain

Citation = tuple[str, ...]
"""Keys of the references that one place of the text points at."""


class Style(Protocol):
    """``name`` is as it is stored, ``title`` as it is shown."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    def render(self, references: Sequence[Reference], citations: Sequence[Citation], language: str) -> Bibliography:
        """Marks of the citations, given in the order of the text, and the list. Raises UnknownReference."""


@dataclass(frozen=True, slots=True)
class AuthorDate:
    """Marks say author and year, and the list follows the alphabet; ``is_labelled``: it is numbered nevertheless."""

    name: str
    title: str
    is_labelled: bool = False
    english: str = "en-US"

    def render(self, references: Sequence[Reference], citations: Sequence[Citation], language: str) -> Bibliography:
        cited, wanted = _cited(references, citations)
        ordered = ordering.listed(cited, cyrillic_first=language == "uk", by_year=True)
        locale = self.english if language == "en" else LOCALES[language]
        from documents.bibliography import rendering  # it reads styles with lxml, which few processes need

        marks, entries = rendering.render(ordered, wanted, style=self.name, locale=locale, is_labelled=self.is_labelled)
        return Bibliography(tuple(marks[citation] for citation in wanted), entries)


@dataclass(frozen=True, slots=True)
class Numbered:
    """Marks are numbers, in the order of the text. ``each``: a number has brackets of its own, as in "[1], [3]"."""

    name: str
    title: str
    brackets: tuple[str, str]
    joined: str
    each: bool = False

    def render(self, references: Sequence[Reference], citations: Sequence[Citation], language: str) -> Bibliography:
        cited, wanted = _cited(references, citations)
        from documents.bibliography import rendering  # as above

        _, entries = rendering.render(cited, (), style=self.name, locale=LOCALES[language], is_labelled=True)
        numbers = {reference.key: number for number, reference in enumerate(cited, 1)}
        marks = [self._mark(sorted({numbers[key] for key in citation})) for citation in wanted]
        return Bibliography(tuple(marks), entries)

    def _mark(self, numbers: list[int]) -> str:
        start, end = self.brackets
        around = f"{start}{{}}{end}" if self.each else "{}"
        written = self.joined.join(_ranges(numbers, around))
        return written if self.each else f"{start}{written}{end}"


@dataclass(frozen=True, slots=True)
class Dstu:
    """ДСТУ 8302:2015: numbers, "[3; 7]", of a list that follows the alphabet."""

    name: str = "dstu-8302-2015"
    title: str = "ДСТУ 8302:2015"

    def render(self, references: Sequence[Reference], citations: Sequence[Citation], language: str) -> Bibliography:
        del language  # each description is in the language of what it describes
        cited, wanted = _cited(references, citations)
        ordered = dstu.listed(cited)
        numbers = {reference.key: number for number, reference in enumerate(ordered, 1)}
        marks = [f"[{'; '.join(str(n) for n in sorted({numbers[key] for key in citation}))}]" for citation in wanted]
        entries = [
            Entry(reference.key, (Run(plain(dstu.entry(reference))),), f"{number}.")
            for number, reference in enumerate(ordered, 1)
        ]
        return Bibliography(tuple(marks), tuple(entries))


STYLES: dict[str, Style] = {
    style.name: style
    for style in (
        Dstu(),
        AuthorDate("apa", "APA"),
        AuthorDate("harvard-cite-them-right", "Harvard (Cite Them Right)", english="en-GB"),
        AuthorDate("gost-r-7-0-5-2008", "ГОСТ Р 7.0.5-2008", is_labelled=True),
        Numbered("ieee", "IEEE", ("[", "]"), ", ", each=True),
        Numbered("nlm-citation-sequence", "Vancouver (NLM)", ("(", ")"), ","),
    )
}
"""By the names under which they are kept."""


def usual(language: str) -> str:
    """The style of a document that names none."""
    return "dstu-8302-2015" if language == "uk" else "apa"


def _cited(references: Sequence[Reference], citations: Sequence[Citation]) -> tuple[list[Reference], list[Citation]]:
    """What the text points at, in its order, and the citations. Raises UnknownReference."""
    known = {reference.key: reference for reference in references}
    keys = dict.fromkeys(key for citation in citations for key in citation)
    if unknown := next((key for key in keys if key not in known), None):
        raise UnknownReference(unknown)
    return [known[key] for key in keys], [tuple(dict.fromkeys(citation)) for citation in citations]


def _ranges(numbers: list[int], around: str) -> list[str]:
    """Three and more in a row are a range."""
    found: list[str] = []
    for _, members in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        row = [around.format(number) for _, number in members]
        found += [f"{row[0]}\u2013{row[-1]}"] if len(row) > 2 else row
    return found
