"""The text of a page as it is drawn: each letter with its place, its look, and the operator that draws it.

pdfminer.six follows the content of a page and groups letters into lines and boxes. Here each letter also learns the
number of its operator, counted as they are carried out, so that what is translated can be taken out of the content
again, and nothing else (:mod:`translation.books.taking`).
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

from pdfminer.converter import PDFPageAggregator
from pdfminer.layout import LAParams
from pdfminer.layout import LTChar
from pdfminer.layout import LTFigure
from pdfminer.layout import LTImage
from pdfminer.layout import LTPage
from pdfminer.layout import LTTextBox
from pdfminer.layout import LTTextLine
from pdfminer.pdfinterp import PDFPageInterpreter
from pdfminer.pdfinterp import PDFResourceManager
from pdfminer.pdfpage import PDFPage

FIXED, SERIF, ITALIC, BOLD = 1, 2, 64, 1 << 18
NONSYMBOLIC = 32
"""Flags of a font (ISO 32000-2, table 121)."""
_MONO = ("mono", "courier", "cmtt", "consol", "typewriter", "sftt")
_SANS = ("sans", "helvet", "arial", "gothic", "cmss", "verdana", "calibri", "tahoma", "roboto", "inter", "frutiger")
_SERIFS = ("times", "serif", "roman", "cmr", "cmbx", "cmti", "sfrm", "garamond", "georgia", "palatino", "libertin")
WHOLE_PAGE = 0.6
"""Share of a page. A form as large holds the page; a picture as large is a scan of it."""


@dataclass(frozen=True, slots=True)
class Look:
    """How letters look; ``colour`` as typst says it."""

    family: str
    is_bold: bool
    is_italic: bool
    colour: str


@dataclass(frozen=True, slots=True)
class Show:
    """What an operator that shows text moved, in the units that one to stand in for it is written in."""

    advance: float


@dataclass(slots=True)
class PageText:
    """A page. ``boxes`` are groups of lines of letters; ``loose`` says by operator how many letters are in
    none of them: turned ones, and those in figures."""

    width: float
    height: float
    boxes: list[list[list[LTChar]]]
    loose: Counter[int]
    shows: list[Show]
    back: tuple[float, float, float, float, float, float] = field(default=(1, 0, 0, 1, 0, 0))
    """From the page as it is seen to the coordinates of its content."""
    is_scan: bool = False


class _Interpreter(PDFPageInterpreter):
    def do_TJ(self, seq: Any) -> None:  # noqa: N802 - the operator's name
        device = self.device
        before = self.textstate.linematrix[0]
        super().do_TJ(seq)
        scale = (self.textstate.fontsize or 0) * (self.textstate.scaling or 100) / 100
        moved = self.textstate.linematrix[0] - before
        device.shows.append(Show(-1000 * moved / scale if scale else 0.0))  # type: ignore[attr-defined]


class _Device(PDFPageAggregator):
    def __init__(self, manager: PDFResourceManager, params: LAParams) -> None:
        super().__init__(manager, laparams=params)
        self.shows: list[Show] = []

    def begin_page(self, page: PDFPage, ctm: Any) -> None:
        self.shows = []
        super().begin_page(page, ctm)

    def render_char(self, matrix: Any, font: Any, fontsize: Any, *rest: Any) -> float:
        advance = super().render_char(matrix, font, fontsize, *rest)
        char: Any = self.cur_item._objs[-1]  # the letter just made
        char.operator = len(self.shows)
        char.points = abs(fontsize * (matrix[3] or matrix[1]))
        char.look = _look(char, font)
        return advance


def read(path: Path) -> Iterator[PageText | None]:
    """The pages of a PDF that was written by qpdf, which repaired it; None where the content cannot be followed."""
    manager = PDFResourceManager()
    device = _Device(manager, LAParams(boxes_flow=0.5, all_texts=True))
    interpreter = _Interpreter(manager, device)
    with path.open("rb") as handle:
        for page in PDFPage.get_pages(handle, caching=True):
            try:
                interpreter.process_page(page)
                text = _page(page, device.get_result(), device.shows)
            except (MemoryError, RecursionError):
                raise
            # pdfminer trusts what a file says of its fonts and colours, and fails in any way when it is wrong.
            except Exception:
                yield None
                continue
            yield text


def _page(page: PDFPage, layout: LTPage, shows: list[Show]) -> PageText:
    area = max(layout.width * layout.height, 1.0)
    boxes: list[list[list[LTChar]]] = []
    loose: Counter[int] = Counter()
    is_scan = False
    waiting: list[Any] = [layout]
    while waiting:
        container = waiting.pop()
        for item in container:
            if isinstance(item, LTTextBox):
                lines, others = _lines(item)
                loose.update(others)
                if lines:
                    boxes.append(lines)
            elif isinstance(item, LTFigure):
                if item.width * item.height > WHOLE_PAGE * area:
                    waiting.append(item)
                else:
                    loose.update(char.operator for char in _letters(item))
            elif isinstance(item, LTImage):
                is_scan = is_scan or item.width * item.height > WHOLE_PAGE * area
            elif isinstance(item, LTChar) and not item.get_text().isspace():
                loose[item.operator] += 1  # type: ignore[attr-defined]
    return PageText(layout.width, layout.height, boxes, loose, shows, _back(page), is_scan)


def _lines(box: LTTextBox) -> tuple[list[list[LTChar]], list[int]]:
    """Lines of upright letters of a box, and the operators of letters that stand otherwise."""
    lines: list[list[LTChar]] = []
    others: list[int] = []
    for line in box:
        if not isinstance(line, LTTextLine):
            continue
        chars = list(line)
        letters = [char for char in chars if isinstance(char, LTChar)]
        if all(_is_upright(char) for char in letters):
            if any(not char.get_text().isspace() for char in letters):
                lines.append(chars)
        else:
            others += [char.operator for char in letters]  # type: ignore[attr-defined]
    return lines, others


def _is_upright(char: LTChar) -> bool:
    a, b, c, d, *_ = char.matrix
    return a > 0 and d > 0 and abs(b) < 0.01 * a and abs(c) < 0.35 * d


def _letters(container: Any) -> Iterator[Any]:
    waiting = [container]
    while waiting:
        item = waiting.pop()
        if isinstance(item, LTChar):
            if not item.get_text().isspace():
                yield item
        elif hasattr(item, "__iter__"):
            waiting.extend(item)


def _back(page: PDFPage) -> tuple[float, float, float, float, float, float]:
    """The inverse of what pdfminer does to a page that is turned, or does not begin at nought."""
    x0, y0, x1, y1 = (float(value) for value in page.mediabox)
    return {
        90: (0.0, 1.0, -1.0, 0.0, x1, y0),
        180: (-1.0, 0.0, 0.0, -1.0, x1, y1),
        270: (0.0, -1.0, 1.0, 0.0, x0, y1),
    }.get(page.rotate, (1.0, 0.0, 0.0, 1.0, x0, y0))


def _look(char: LTChar, font: Any) -> Look:
    name = unicodedata.normalize("NFKC", str(font.fontname or "")).lower().rpartition("+")[2]
    flags = font.flags if isinstance(font.flags, int) else 0
    return Look(
        family=_family(name, flags),
        is_bold=bool(flags & BOLD) or any(word in name for word in ("bold", "black", "heavy", "cmbx", "sfbx")),
        is_italic=bool(flags & ITALIC) or any(word in name for word in ("ital", "obli", "cmti", "sfti")),
        colour=_colour(char.graphicstate.ncolor),
    )


def _family(name: str, flags: int) -> str:
    """By the name where it says one, else by the flags, which LaTeX's fonts leave empty."""
    if flags & FIXED or any(word in name for word in _MONO):
        return "mono"
    if any(word in name for word in _SERIFS) and "sans" not in name:
        return "serif"
    if any(word in name for word in _SANS):
        return "sans"
    return "sans" if flags & NONSYMBOLIC and not flags & SERIF else "serif"


def _colour(value: Any) -> str:
    parts = value if isinstance(value, (tuple, list)) else (value,)
    if not all(isinstance(part, (int, float)) for part in parts):
        return "black"
    shares = [round(min(max(float(part), 0.0), 1.0) * 100) for part in parts]
    match len(shares):
        case 1:
            return f"luma({shares[0]}%)"
        case 3:
            return "rgb({}%, {}%, {}%)".format(*shares)
        case 4:
            return "cmyk({}%, {}%, {}%, {}%)".format(*shares)
        case _:
            return "black"
