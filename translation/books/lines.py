"""Lines of letters in paragraphs: where one ends, by what would still have gone into its last line."""

from __future__ import annotations

import re
from collections import Counter
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from pdfminer.layout import LTAnno
from pdfminer.layout import LTChar

from translation.books.glyphs import Line

LEADER = re.compile(r"^(?P<title>.*?\w.*?)\s*(?:[.\u00b7\u2026_]\s?){4,}\s*(?P<page>[\w.\-]{0,12})\s*$")
"""A line of a table of contents: dots lead from a title to its page."""


def letters(line: Line) -> list[Any]:
    """Those drawn."""
    return [char for char in line if isinstance(char, LTChar)]


def _visible(line: Line) -> list[Any]:
    return [char for char in letters(line) if not char.get_text().isspace()]


def size_of(line: Line) -> float:
    """The size in points that half of its letters have at least."""
    sizes = sorted(char.points for char in letters(line))
    return float(sizes[len(sizes) // 2]) or 1.0


def base(line: Line) -> float:
    """The base line that most letters stand on, in points from the bottom."""
    return float(Counter(round(char.matrix[5], 1) for char in letters(line)).most_common(1)[0][0])


def _text(line: Line) -> str:
    return "".join(char.get_text() for char in line)


def paragraphs(boxes: list[list[Line]]) -> Iterator[tuple[list[Line], str]]:
    """Boxes as pdfminer found them in paragraphs, with how they are aligned; contents lines last."""
    leading = _leading(boxes)
    taken = set(leading)
    for box in boxes:
        lines = [line for line in box if round(base(line)) not in taken]
        if lines:
            align = _align(lines)
            for part in _parts(lines, align):
                yield part, align
    for line in leading.values():
        yield [line], "left"


def _leading(boxes: list[list[Line]]) -> dict[int, Line]:
    """Lines of a table of contents by their height: all that stands in one row, whichever box it was put into."""
    rows: dict[int, list[Line]] = defaultdict(list)
    for box in boxes:
        for line in box:
            rows[round(base(line))].append(line)
    found = {}
    for height, lines in sorted(rows.items(), reverse=True):
        row = _row(lines)
        if LEADER.match(" ".join(_text(row).split())):
            found[height] = row
    return found


def _row(lines: list[Line]) -> Line:
    chars = sorted((char for line in lines for char in _visible(line)), key=lambda char: char.x0)
    made: Line = []
    for char in chars:
        if made and char.x0 - made[-1].x1 > 0.18 * char.points:
            made.append(LTAnno(" "))
            made.append(char)
        else:
            made.append(char)
    return made


def _align(lines: list[Line]) -> str:
    if len(lines) < 2:
        return "left"
    lefts = [_visible(line)[0].x0 for line in lines]
    rights = [_visible(line)[-1].x1 for line in lines]
    if max(lefts) - min(lefts) < 4:
        return "left"
    middles = [left + right for left, right in zip(lefts, rights, strict=True)]
    if max(middles) - min(middles) < 3:
        return "center"
    # The last line of a justified paragraph ends before the edge.
    return "right" if max(rights) - min(rights) < 1 and lefts[-1] > min(lefts) + 4 else "left"


def _parts(lines: list[Line], align: str) -> Iterator[list[Line]]:
    widest = max(_width(line) for line in lines)
    edge = max(_visible(line)[-1].x1 for line in lines)
    part: list[Line] = []
    for line in lines:
        if part and _is_end(part[-1], line, widest if align != "left" else None, edge):
            yield part
            part = []
        part.append(line)
    yield part


def _width(line: Line) -> float:
    seen = _visible(line)
    return float(seen[-1].x1 - seen[0].x0)


def _is_end(line: Line, after: Line, widest: float | None, edge: float) -> bool:
    """Whether a paragraph ends with a line: what follows looks otherwise, is beside it, or had room in it."""
    one, other = size_of(line), size_of(after)
    if abs(one - other) > 0.12 * max(one, other) or _is_bold(line) != _is_bold(after):
        return True
    if base(line) - base(after) < 0.5 * one:
        return True
    room = edge - _visible(line)[-1].x1 if widest is None else widest - _width(line)
    return room > _first_word(after) + 0.3 * one + 1


def _first_word(line: Line) -> float:
    begin = end = None
    for char in line:
        if char.get_text().isspace():
            if begin is not None:
                break
        elif isinstance(char, LTChar):
            begin = char.x0 if begin is None else begin
            end = char.x1
    return float((end or 0) - (begin or 0))


def _is_bold(line: Line) -> bool:
    return bool(all(char.look.is_bold for char in _visible(line)))
