"""A document as a PDF, by typst: tagged, with a contents, footnotes and links, and the same on every machine.

Text goes in as strings, never as markup; there is no folder to read from and no package to fetch. Only for a process of
its own (``exports_worker``): typst keeps what it has set, and ends a process on some texts.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2
import regex  # type: ignore[import-untyped]
import typst

from documents.bibliography.shapes import Run
from documents.exports import flow
from documents.exports import labels
from documents.exports.manuscript import Layout
from documents.exports.manuscript import Manuscript
from documents.plain import plain

FONT_FOLDERS = ("/usr/share/fonts",)
"""For sans serif alone (Debian: fonts-liberation, fonts-dejavu-core). Libertinus Serif comes with typst."""
FACES = {
    "Times New Roman": ("Libertinus Serif",),
    "Arial": ("Liberation Sans", "DejaVu Sans", "Libertinus Serif"),
}
_LINE = 1.15
"""Height of a line of single spacing, in sizes of the font, as Word has it for Times New Roman."""
_LONGEST_WORD = 40
"""Letters of a line's word that is left in one piece; addresses are longer."""
_USUAL_WORD = 14
_BREAK = "\u200b"
_JOINERS = regex.compile("[\u200c\u200d]+")
_FROM_THE_RIGHT = regex.compile(r"[\p{Bidi_Class=R}\p{Bidi_Class=AL}\p{Bidi_Class=AN}]")
"""In a line from right to left what is drawn as nothing, a break as well, ends typst 0.15.2."""
_LETTERS = regex.compile(r"\X")
_LETTER = 0.55
"""Width of a letter, in sizes of the font: what a column holds is reckoned with it, on the safe side."""
_SMALLEST = 8.0
_PAGE_WIDTH = 210.0
_POINT = 25.4 / 72
_STANDARD = "ua-1"


@dataclass(frozen=True, slots=True)
class Set:
    """``text_pages``: from the first heading to the list of references; ``standard``: empty where it is only tagged."""

    pages: int
    text_pages: int
    is_tagged: bool
    standard: str


class Unset(Exception):
    """typst ended itself."""


def write(manuscript: Manuscript, to: Path) -> Set:
    """Write the PDF, to the standard of accessible ones (PDF/UA-1) where the document allows it. Raises Unset."""
    source = "".join(_source(manuscript))
    try:
        content, standard = _compiled(source, manuscript.layout, pdf_standards=_STANDARD), _STANDARD
    except typst.TypstError:
        content, standard = _compiled(source, manuscript.layout), ""
    to.write_bytes(content)
    return _read(content, manuscript, standard)


def measure(manuscript: Manuscript) -> Set:
    """How many pages it has, and nothing is kept."""
    return _read(_compiled("".join(_source(manuscript)), manuscript.layout, pdf_tags=False), manuscript, "")


def _compiled(source: str, layout: Layout, **options: Any) -> bytes:
    with tempfile.TemporaryDirectory(prefix="export-") as nothing:
        given = {"root": nothing, "package_path": nothing, "package_cache_path": nothing, **options}
        try:
            made: bytes = typst.compile(source.encode(), None, font_paths=_fonts(layout.font), **given)
        except BaseException as panic:
            # What typst ends with on a text it cannot set is no Exception, and has no name to be caught by.
            if type(panic).__name__ == "PanicException":
                raise Unset from panic
            raise
    return made


@cache
def _fonts(font: str) -> typst.Fonts:
    """Those of typst, which are the same everywhere, and for sans serif those of the machine."""
    folders = [] if font == "Times New Roman" else [path for path in FONT_FOLDERS if Path(path).is_dir()]
    return typst.Fonts(include_system_fonts=False, font_paths=folders)


def _read(content: bytes, manuscript: Manuscript, standard: str) -> Set:
    file = pypdfium2.PdfDocument(content)
    try:
        pages = len(file)
        starts = [mark.get_dest() for mark in file.get_toc() if mark.level == 0]
        at = [dest.get_index() for dest in starts if dest is not None]
        is_tagged = bool(pypdfium2.raw.FPDFCatalog_IsTagged(file.raw))
    finally:
        file.close()
    after = (1 if manuscript.entries else 0) + (1 if manuscript.unverified else 0)
    first = at[0] if at else pages
    end = at[len(at) - after] if after and len(at) >= after else pages
    return Set(pages, max(end - first, 0), is_tagged, standard)


def _source(manuscript: Manuscript) -> Iterator[str]:
    words = labels.of(manuscript.language)
    yield _head(manuscript, words)
    yield f'#v(1fr)\n#align(center, text(size: 1.3em, weight: "bold", {_string(manuscript.title)}))\n'
    if manuscript.author:
        yield f"#align(center, {_text(manuscript.author)})\n"
    yield "#v(2fr)\n#pagebreak()\n"
    yield f"#align(center, {_text(words.contents)})\n#outline(title: none, depth: {flow.DEEPEST - 1})\n#pagebreak()\n"
    for element in flow.elements(manuscript):
        yield from _element(element, manuscript.layout)


def _head(manuscript: Manuscript, words: labels.Labels) -> str:
    layout, margins = manuscript.layout, manuscript.layout.margins
    faces = ", ".join(f'"{face}"' for face in FACES[layout.font])
    notice = f"header: align(center, text(size: 0.8em, {_string(words.demo)})), " if manuscript.is_demo else ""
    return f"""
#set document(title: {_string(manuscript.title)}, author: {_string(manuscript.author)}, date: none)
#set text(
  lang: "{manuscript.language}", font: ({faces},), size: {layout.size}pt, hyphenate: false,
  top-edge: 0.8em, bottom-edge: -0.2em,
)
#set page(
  paper: "a4", {notice}numbering: "1", footer: context if here().page() > 1 {{
    align(center, counter(page).display())
  }}, margin: (left: {margins.left}mm, right: {margins.right}mm,
  top: {margins.top}mm, bottom: {margins.bottom}mm),
)
#let between = {_LINE * layout.spacing - 1:.3f}em
#set par(justify: true, leading: between, spacing: between, first-line-indent: (amount: {layout.indent}mm, all: true))
#set list(indent: {layout.indent}mm)
#set enum(indent: {layout.indent}mm)
#set footnote.entry(gap: 0.3em)
#show footnote.entry: set text(size: {max(layout.size - 2, _SMALLEST)}pt)
#show footnote.entry: set par(leading: 0.2em, first-line-indent: 0mm)
#show heading: set text(size: {layout.size}pt)
#show heading: set par(justify: false, first-line-indent: 0mm)
#show heading: set block(above: 1.2em, below: 0.9em, sticky: true)
#show outline: set par(first-line-indent: 0mm)
#show table.cell.where(y: 0): set text(weight: "bold")
#show figure: set block(breakable: true)
#show figure.caption: it => it.body
#show figure.caption: set align(left)
#show figure.caption: set par(first-line-indent: 0mm)
#set figure.caption(position: top)
"""


def _element(element: flow.Element, layout: Layout) -> Iterator[str]:
    match element:
        case flow.Head(level=level, text=text, is_break=is_break):
            yield "#pagebreak(weak: true)\n" if is_break else ""
            yield f"#heading(level: {level}, {_text(text)})\n"
        case flow.Body(pieces=pieces):
            yield f"#par({{{_pieces(pieces)}}})\n"
        case flow.Listing(is_ordered=is_ordered, items=items):
            made = "".join(f"{{{_pieces(item)}}}, " for item in items)
            yield f"#{'enum' if is_ordered else 'list'}({made})\n"
        case flow.Grid():
            yield _grid(element, layout)
        case flow.Source(label=label, runs=runs):
            indent = f"first-line-indent: 0mm, hanging-indent: {layout.indent}mm, justify: false"
            yield f"#par({indent}, {{{_runs(label, runs)}}})\n"


def _pieces(pieces: Iterable[flow.Piece]) -> str:
    made: list[str] = []
    for place, piece in enumerate(pieces):
        made.append(_text(f" {piece.text}" if place else piece.text))
        if piece.note:
            made.append(f"footnote({_text(piece.note)})")
    return "; ".join(made)


def _runs(label: str, runs: Iterable[Run]) -> str:
    made = [_text(f"{label} ")] if label else []
    return "; ".join([*made, *(f"emph({_text(run.text)})" if run.is_italic else _text(run.text) for run in runs)])


def _grid(grid: flow.Grid, layout: Layout) -> str:
    """Columns are as wide as what stands in them asks for; a word that is wider than its column is broken."""
    columns = list(zip(grid.header, *grid.rows, strict=True))
    size = max(layout.size - (2 if len(columns) <= 5 else 4), _SMALLEST)
    width = _PAGE_WIDTH - layout.margins.left - layout.margins.right
    wanted = [_wanted(column) for column in columns]
    shares = [max(width * want / sum(wanted), width / len(columns) / 2) for want in wanted]
    shares = [share * width / sum(shares) for share in shares]
    letters = [max(int((share - 3) / (size * _POINT * _LETTER)), 1) for share in shares]
    cells = [
        ", ".join(f"{_text(text, most)}" for text, most in zip(row, letters, strict=True))
        for row in (grid.header, *grid.rows)
    ]
    body = "".join(f"{row}, " for row in cells[1:])
    return (
        f"#figure(kind: table, supplement: none, numbering: none, outlined: false, caption: {_text(grid.caption)}, {{"
        f"set text(size: {size}pt); set par(justify: false, leading: 0.3em, first-line-indent: 0mm); "
        f"table(columns: ({', '.join(f'{share:.2f}mm' for share in shares)},), align: left, inset: 1.5mm, "
        f"table.header({cells[0]}), {body})}})\n"
    )


def _wanted(column: Sequence[str]) -> float:
    """Letters that a column asks for: a usual cell, and a usual word, in one line."""
    words = [min(len(word), _USUAL_WORD) for text in column for word in text.split()]
    return max(sum(map(len, column)) / len(column), *words, 2)


def _text(text: str, most: int = _LONGEST_WORD) -> str:
    return f"text({_string(text, most)})"


def _string(text: str, most: int = _LONGEST_WORD) -> str:
    """A literal of typst's code; what could end it is escaped, and nothing in it is read as code."""
    blank = " " if text.startswith(" ") else ""
    end = " " if text.endswith(" ") else ""
    words = _JOINERS.sub("", plain(text)).split(" ")
    broken = blank + " ".join(_breakable(word, most) for word in words) + end
    return '"' + broken.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _breakable(word: str, most: int) -> str:
    if len(word) <= most or _FROM_THE_RIGHT.search(word):
        return word
    letters = _LETTERS.findall(word)
    return _BREAK.join("".join(letters[start : start + most]) for start in range(0, len(letters), most))
