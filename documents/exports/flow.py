"""A manuscript as one run of headings, paragraphs, lists and tables: what both kinds of files are written from.

Here text becomes what may be set, marks find their places and tables their numbers, so that two files of one document
cannot differ in them.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import regex  # type: ignore[import-untyped]

from documents import blocks
from documents.bibliography.shapes import Run
from documents.exports import labels
from documents.exports.manuscript import Manuscript
from documents.exports.manuscript import Section
from documents.plain import plain

_STOP = regex.compile(r"(?P<body>.*?)(?P<stop>[.!?…]*)")
DEEPEST = 4
"""Level of headings; deeper ones stand at this one."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, with the footnote that hangs on its end."""

    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """``is_break``: it begins a page."""

    level: int
    text: str
    is_break: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """A paragraph."""

    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Items of a list."""

    is_ordered: bool
    items: tuple[tuple[Piece, ...], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; every row is as long as the header."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """One entry of the list of references."""

    label: str
    runs: tuple[Run, ...]


Element = Head | Body | Listing | Grid | Source


@dataclass(frozen=True, slots=True)
class Figures:
    """What a document has; ``words`` of its text, notes, tables and lists, without title page and contents."""

    words: int
    headings: int
    tables: int
    notes: int
    references: int


def elements(manuscript: Manuscript) -> Iterator[Element]:
    """In the order of reading."""
    words = labels.of(manuscript.language)
    yield from _levelled(_sections(manuscript), words_of_tables=words.table)
    if manuscript.entries:
        yield Head(1, words.references, is_break=True)
        for entry in manuscript.entries:
            yield Source(entry.label, entry.runs)
    if manuscript.unverified:
        yield Head(1, words.unverified, is_break=True)
        for one in manuscript.unverified:
            yield Body(_pieces(plain(f"{one.source} — {one.reason} «{one.sentence}»")))


def figures(manuscript: Manuscript) -> Figures:
    """Counted in what is written."""
    found = list(elements(manuscript))
    texts = [text for element in found for text in texts_of(element)]
    return Figures(
        words=sum(len(text.split()) for text in texts),
        headings=sum(isinstance(element, Head) for element in found),
        tables=sum(isinstance(element, Grid) for element in found),
        notes=sum(bool(piece.note) for element in found for piece in _all_pieces(element)),
        references=len(manuscript.entries),
    )


def texts_of(element: Element) -> Iterator[str]:
    """All text of an element: a line, an item, a cell or a note each."""
    match element:
        case Head(text=text):
            yield text
        case Grid(caption=caption, header=header, rows=rows):
            yield caption
            for row in (header, *rows):
                yield from row
        case Source(label=label, runs=runs):
            yield label
            yield "".join(run.text for run in runs)
        case Body() | Listing():
            for piece in _all_pieces(element):
                yield from (piece.text, piece.note)


def _all_pieces(element: Element) -> Iterator[Piece]:
    match element:
        case Body(pieces=pieces):
            yield from pieces
        case Listing(items=items):
            for item in items:
                yield from item


def _sections(manuscript: Manuscript) -> Iterator[Element]:
    marks = {mark.sources: mark.text for mark in manuscript.marks}
    for section in manuscript.sections:
        yield from _section(section, marks, new_pages=manuscript.layout.new_pages)


def _section(section: Section, marks: dict[tuple[str, ...], str], *, new_pages: bool) -> Iterator[Element]:
    title = plain(f"{section.number} {section.title}")
    if title:
        yield Head(section.level, title, is_break=new_pages and section.level == 1)
    for block in section.content:
        match block:
            case blocks.Heading():
                if text := plain(block.text):
                    yield Head(max(block.level, section.level + 1), text)
            case blocks.Paragraph():
                if pieces := _written(block.sentences, marks):
                    yield Body(pieces)
            case blocks.Items():
                items = tuple(filter(None, (_written(item, marks) for item in block.items)))
                if items:
                    yield Listing(block.is_ordered, items)
            case blocks.Table():
                rows = tuple(tuple(map(plain, row)) for row in block.rows)
                yield Grid(plain(block.caption), tuple(map(plain, block.header)), rows)


def _levelled(found: Iterable[Element], *, words_of_tables: str) -> Iterator[Element]:
    """No heading is two levels below the one before, which readers of structure stumble over; tables are numbered."""
    above, tables = 0, count(1)
    for element in found:
        match element:
            case Head(level=level, text=text, is_break=is_break):
                above = min(level, above + 1, DEEPEST)
                yield Head(above, text, is_break)
            case Grid(caption=caption, header=header, rows=rows):
                numbered = f"{words_of_tables} {next(tables)}"
                yield Grid(f"{numbered} – {caption}" if caption else numbered, header, rows)
            case _:
                yield element


def _written(sentences: Iterable[blocks.Sentence], marks: dict[tuple[str, ...], str]) -> tuple[Piece, ...]:
    found = [(_marked(sentence, marks), plain(sentence.note)) for sentence in sentences]
    return tuple(Piece(text, note) for text, note in found if text)


def _marked(sentence: blocks.Sentence, marks: dict[tuple[str, ...], str]) -> str:
    """The mark stands before the stop."""
    text = plain(sentence.text)
    if not sentence.marks:
        return text
    found = _STOP.fullmatch(text)
    return f"{found['body']} {marks[tuple(mark.source for mark in sentence.marks)]}{found['stop']}".strip()


def _pieces(text: str) -> tuple[Piece, ...]:
    return (Piece(text),)
