"""A document as it goes to a printer: nothing of it is looked up any more."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from typing import Any

from pydantic import TypeAdapter
from pydantic import ValidationError

from documents import blocks
from documents.bibliography.shapes import Entry

FONTS = ("Times New Roman", "Arial")
"""As a Word file names them; in a PDF stand free ones (:mod:`.typesetting`)."""


@dataclass(frozen=True, slots=True)
class Margins:
    """Millimetres."""

    left: float = 25.4
    right: float = 25.4
    top: float = 25.4
    bottom: float = 25.4


@dataclass(frozen=True, slots=True)
class Layout:
    """An A4 page. ``size`` in points, ``spacing`` in lines, ``indent`` of a paragraph's first line in millimetres."""

    font: str = FONTS[0]
    size: float = 12
    spacing: float = 1.5
    margins: Margins = field(default_factory=Margins)
    indent: float = 12.5
    new_pages: bool = False
    """Whether sections of the first level begin on a page of their own."""

    def __post_init__(self) -> None:
        """Raises ValueError: what no page can be set with."""
        if self.font not in FONTS:
            raise ValueError(f"The font is one of: {', '.join(FONTS)}.")
        _within("size", self.size, 8, 20)
        _within("spacing", self.spacing, 1, 3)
        _within("indent", self.indent, 0, 30)
        for side in ("left", "right", "top", "bottom"):
            _within(f"margin {side}", getattr(self.margins, side), 5, 60)


def _within(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise ValueError(f"The {name} is between {least} and {most}.")


PRESETS = {
    "dstu-3008": Layout(size=14, margins=Margins(30, 15, 20, 20), new_pages=True),
    "apa": Layout(spacing=2, indent=12.7),
    "university": Layout(size=14, margins=Margins(25, 10, 20, 20)),
}
"""ДСТУ 3008:2015; APA (7th edition, student papers); and what a university's own rules are changed from."""


@dataclass(frozen=True, slots=True)
class Section:
    """``number`` is written as it is ("1.2", or nothing); ``level`` from 1."""

    title: str
    content: blocks.Blocks = ()
    number: str = ""
    level: int = 1


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands in the text for a citation of these sources."""

    sources: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Unverified:
    """A citation that somebody let pass, and why it is listed."""

    sentence: str
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Manuscript:
    """``language`` is one of ``bibliography.locales``; made by ``composing``, so that each mark has its entry."""

    title: str
    language: str
    sections: tuple[Section, ...]
    author: str = ""
    marks: tuple[Mark, ...] = ()
    entries: tuple[Entry, ...] = ()
    unverified: tuple[Unverified, ...] = ()
    layout: Layout = field(default_factory=Layout)
    is_demo: bool = False


_ADAPTER: TypeAdapter[Manuscript] = TypeAdapter(Manuscript)
_LAYOUT: TypeAdapter[Layout] = TypeAdapter(Layout)


def layout_of(stored: dict[str, Any]) -> Layout:
    """Of JSON: its fields, over those of the ``preset`` that it names. Raises ValueError, which says why."""
    changed = dict(stored)
    name = changed.pop("preset", "")
    if name and name not in PRESETS:
        raise ValueError(f"The preset is one of: {', '.join(PRESETS)}.")
    usual = _LAYOUT.dump_python(PRESETS.get(name, Layout()))
    if isinstance(changed.get("margins"), dict):
        changed["margins"] = usual["margins"] | changed["margins"]
    if unknown := sorted(changed.keys() - usual.keys()):
        raise ValueError(f"A layout has no {unknown[0]}.")
    try:
        return _LAYOUT.validate_python(usual | changed)
    except ValidationError as error:
        raise ValueError(str(error.errors()[0]["msg"]).removeprefix("Value error, ")) from None


def dumped(manuscript: Manuscript) -> dict[str, Any]:
    """JSON of it, for a process of its own."""
    found: dict[str, Any] = _ADAPTER.dump_python(manuscript, mode="json", by_alias=True)
    return found


def loaded(stored: dict[str, Any]) -> Manuscript:
    """What ``dumped`` gave. Raises ValueError."""
    return _ADAPTER.validate_python(stored)
