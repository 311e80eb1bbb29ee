"""Paragraphs of a page: what is one segment, with markers where its look changes, and what stays as it is."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from dataclasses import field
from itertools import pairwise
from typing import Any

from pdfminer.layout import LTChar

from translation import markers
from translation.books.glyphs import Look
from translation.books.glyphs import PageText

LEADER = re.compile(r"^(?P<title>.*?\w.*?)\s*(?:[.\u00b7\u2026_]\s?){4,}\s*(?P<page>[\w.\-]{0,12})\s*$")
_CID = re.compile(r"\(cid:\d+\)")
_LETTERS = re.compile(r"[^\W\d_]{2,}|[\u3040-\u30ff\u3400-\u9fff]")
_ADDRESS = re.compile(r"^\S*(?:://|@)\S*$")
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]$")
_DROPPED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\uffff\ue000-\uf8ff]"
)
"""Controls, marks of direction and halves of pairs: beside a combining accent they make typst end the process."""


@dataclass(slots=True)
class Block:
    """A paragraph, in points from the top left corner of the page as it is seen."""

    x: float
    y: float
    width: float
    height: float
    size: float
    pitch: float
    """From one base line to the next."""
    lines: int
    look: Look
    stretches: dict[int, Look]
    text: str
    """With markers."""
    operators: set[int]
    is_text: bool
    """There are words in it to translate; else it stays."""
    is_readable: bool
    indent: float = 0.0
    align: str = "left"
    tail: str = ""
    """The page that a line of a table of contents leads to; dots go before it."""
    room_right: float = 0.0
    room_below: float = 0.0
    number: int = field(default=0)
    """Of its segment, or 0."""


def clean(text: str) -> str:
    """A text that can be set: composed, and without what has no shape."""
    return unicodedata.normalize("NFC", _DROPPED.sub("", text))


def blocks_of(page: PageText) -> list[Block]:
    """The blocks of a page in reading order, each with whether it is to be translated."""
    if page.is_scan:  # its text lies unseen over the picture of it
        return []
    found = []
    for lines in page.boxes:
        found.extend(_block(part, page.height) for part in _parts(lines))
    _settle(found, set(page.loose))
    _make_room(found, page)
    return found


def _plain(line: list[Any]) -> str:
    return "".join(char.get_text() for char in line)


def _parts(lines: list[list[Any]]) -> list[list[list[Any]]]:
    """A box in paragraphs: a line with leaders is one of its own, and so is one of another size."""
    parts: list[list[list[Any]]] = []
    was_leader = True
    for line in lines:
        is_leader = bool(LEADER.match(" ".join(_plain(line).split())))
        if was_leader or is_leader or _differs(parts[-1][-1], line):
            parts.append([line])
        else:
            parts[-1].append(line)
        was_leader = is_leader
    return parts


def _differs(before: list[Any], line: list[Any]) -> bool:
    one, other = _size(before), _size(line)
    return abs(one - other) > 0.12 * max(one, other)


def _letters(line: list[Any]) -> list[Any]:
    return [char for char in line if isinstance(char, LTChar)]


def _size(line: list[Any]) -> float:
    sizes = sorted(char.points for char in _letters(line))
    return float(sizes[len(sizes) // 2]) or 1.0


def _block(lines: list[list[Any]], page_height: float) -> Block:
    chars = [char for line in lines for char in _letters(line)]
    visible = [char for char in chars if not char.get_text().isspace()]
    look = Counter(char.look for char in visible).most_common(1)[0][0]
    size = _size([char for line in lines for char in line])
    lefts = [min(char.x0 for char in _letters(line)) for line in lines]
    rights = [max(char.x1 for char in _letters(line) if not char.get_text().isspace()) for line in lines]
    bases = [_base(line) for line in lines]
    steps = sorted(one - other for one, other in pairwise(bases) if one > other)
    text, stretches = _marked(lines, look)
    tail = ""
    if len(lines) == 1 and (leader := LEADER.match(markers.plain(text))):
        text, stretches, tail = leader["title"].strip(), {}, leader["page"] or " "
    raw = "".join(char.get_text() for char in chars)
    top = page_height - max(char.y1 for char in visible)
    plain = markers.plain(text)
    is_readable = not _CID.search(raw) and not any("\ue000" <= char <= "\uf8ff" for char in raw)
    is_code = look.family == "mono" and not stretches
    block = Block(
        x=min(lefts),
        y=page_height - (bases[0] + size * 0.8),
        width=max(rights) - min(lefts),
        height=max(page_height - min(char.y0 for char in visible) - top, size),
        size=size,
        pitch=steps[len(steps) // 2] if steps else size * 1.2,
        lines=len(lines),
        look=look,
        stretches=stretches,
        text=text,
        operators={char.operator for char in visible},
        is_text=is_readable and not is_code and bool(_LETTERS.search(plain)) and not _ADDRESS.match(plain),
        is_readable=is_readable,
        tail=tail,
    )
    block.height = max(block.height, page_height - (bases[-1] - size * 0.25) - block.y)
    _shape(block, lefts, rights)
    return block


def _base(line: list[Any]) -> float:
    """The base line most letters stand on."""
    return float(Counter(round(char.matrix[5], 1) for char in _letters(line)).most_common(1)[0][0])


def _shape(block: Block, lefts: list[float], rights: list[float]) -> None:
    if block.lines < 2:
        return
    rest = min(lefts[1:])
    block.indent = lefts[0] - rest if abs(lefts[0] - rest) > 2 else 0.0
    full = rights[:-1]
    if block.lines > 2 and sum(max(rights) - right < 2 for right in full) >= 0.7 * len(full):
        block.align = "justify"
    middles = [left + right for left, right in zip(lefts, rights, strict=True)]
    if max(middles) - min(middles) < 3 and max(lefts) - min(lefts) > 4:
        block.align, block.indent = "center", 0.0


def _marked(lines: list[list[Any]], look: Look) -> tuple[str, dict[int, Look]]:
    """The text of lines as one, with a stretch where letters look otherwise than most."""
    runs: list[tuple[Look, str]] = []
    for index, line in enumerate(lines):
        for char in line:
            text = char.get_text().translate(_BRACKETS)
            text = unicodedata.normalize("NFKC", text) if "\ufb00" <= text <= "\ufb06" else text
            at = char.look if isinstance(char, LTChar) and not text.isspace() else runs[-1][0] if runs else look
            if runs and runs[-1][0] == at:
                runs[-1] = (at, runs[-1][1] + text)
            else:
                runs.append((at, text))
        if index < len(lines) - 1 and runs:
            runs[-1] = (runs[-1][0], _joined(runs[-1][1]))
    text, stretches = "", {}
    for at, piece in runs:
        words = clean(re.sub(r"\s+", " ", piece))
        if at == look or not words.strip():
            text += words
            continue
        number = len(stretches) + 1
        stretches[number] = at
        head, tail = words[: len(words) - len(words.lstrip())], words[len(words.rstrip()) :]
        text += f"{head}{markers.opening(number)}{words.strip()}{markers.closing(number)}{tail}"
    return re.sub(r"  +", " ", text).strip(), stretches


_BRACKETS = {ord("⟦"): "[", ord("⟧"): "]"}


def _joined(text: str) -> str:
    """The end of a line: a hyphen that only parts a word goes."""
    text = text.rstrip()
    return _HYPHEN.sub("", text) if _HYPHEN.search(text) else text + " "


def _settle(found: list[Block], loose: set[int]) -> None:
    """What one operator draws is taken out or left as one.

    Blocks that share an operator become alike: one that cannot be read keeps its neighbours as they are; else what has
    no words is set again beside what has.
    """
    parents = list(range(len(found)))

    def top(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    owners: dict[int, int] = {}
    for index, block in enumerate(found):
        for operator in block.operators:
            parents[top(index)] = top(owners.setdefault(operator, index))
    kept = {top(index) for index, block in enumerate(found) if not block.is_readable or block.operators & loose}
    for index, block in enumerate(found):
        if top(index) in kept:
            block.is_text = block.is_readable = False
    moved = {top(index) for index, block in enumerate(found) if block.is_text}
    for index, block in enumerate(found):
        if top(index) not in moved:
            block.is_readable = False


def _make_room(found: list[Block], page: PageText) -> None:
    """How far each block may grow to the right and down before it meets another."""
    edge = max((block.x + block.width for block in found), default=0.0)
    for block in found:
        right, below = max(edge, block.x + block.width), page.height
        for other in found:
            if other is block:
                continue
            overlaps = other.y < block.y + block.height and block.y < other.y + other.height
            if overlaps and other.x >= block.x + block.width - 1:
                right = min(right, other.x - 3)
            beside = other.x < block.x + block.width and block.x < other.x + other.width
            if beside and other.y >= block.y + block.height - 1:
                below = min(below, other.y)
        block.room_right = max(right - block.x - block.width, 0.0)
        block.room_below = min(max(below - block.y - block.height - 1, 0.0), block.pitch * 0.6)
        middle = abs(block.x + block.width / 2 - page.width / 2)
        if block.lines == 1 and not block.tail and middle < 3 and block.x > page.width * 0.2:
            block.align = "center"
