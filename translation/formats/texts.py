"""Plain text in place: paragraphs between empty lines."""

from __future__ import annotations

import re
from pathlib import Path

from translation import markers
from translation.formats import encoded
from translation.formats.base import Walk
from translation.formats.base import has_words

_BETWEEN = re.compile(r"((?:[ \t]*(?:\r\n|\r(?!\n)|(?<!\r)\n)){2,})")
_LINE_END = re.compile(r"\r\n|\r|\n")
_ITEM = re.compile(r"\s*(?:[-*•–]|\d+[.)])\s")


def walk_txt(path: Path, walk: Walk, to: Path | None) -> None:
    """A text, in whatever encoding; written as UTF-8, with its line ends."""
    data = encoded.load(path)
    text = encoded.decoded(data)
    walk.count(text)
    end = found[0] if (found := _LINE_END.search(text)) else "\n"
    out = [f"{walk.note}{end}{end}"] if walk.writes and walk.note else []
    for number, part in enumerate(_BETWEEN.split(text.removeprefix("\ufeff")), start=1):
        out.append(_paragraph(part, walk, f"text#p{number}", end) if has_words(part) else _kept(part, walk))
    walk.protect("\ufeff" if text.startswith("\ufeff") else "")
    walk.finish()
    if to is not None:
        to.write_bytes(encoded.encoded("".join(out), data))


def _kept(part: str, walk: Walk) -> str:
    walk.protect(part)
    return part


def _paragraph(part: str, walk: Walk, place: str, end: str) -> str:
    words = part.strip()
    before, _, after = part.partition(words)
    escaped, brackets = markers.escape(words)
    walk.protect(before + after + "".join(brackets))
    target = walk.segment(place, "item" if _ITEM.match(part) else "paragraph", escaped)
    if target is None:
        return part
    target = markers.restore(target, brackets)
    target = end.join(_LINE_END.split(target))
    return f"{before}{words}{end}{target}{after}" if walk.both else f"{before}{target}{after}"
