"""XLIFF 1.2 and 2.0 in place: ``target`` of each unit that has none yet is filled; what is translated stays."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from translation.formats import encoded
from translation.formats import markup
from translation.formats.base import Unreadable
from translation.formats.base import Walk
from translation.formats.markup import Mark
from translation.formats.passages import Passage
from translation.formats.passages import Token

_STRETCHES = frozenset({"g", "mrk", "pc"})
_UNITS = frozenset({"trans-unit", "segment"})
_NOT_YET = frozenset({"", "new", "needs-translation", "initial"})
"""States of a target, or of a segment, that nobody has translated (XLIFF 1.2, 3.2.1; 2.0, 4.3.1)."""
_STATE = re.compile(r"""(\sstate\s*=\s*)("[^"]*"|'[^']*')""")
_NO = re.compile(r"""\stranslate\s*=\s*["']no["']""")
_APPROVED = re.compile(r"""\sapproved\s*=\s*["']yes["']""")
_LANGUAGE = {"file": "target-language", "xliff": "trgLang"}


def walk_xliff(path: Path, walk: Walk, to: Path | None) -> None:
    """A file of either version, by position: notes, skeletons and whatever tools have added stay as they are."""
    data = encoded.load(path)
    text = encoded.decoded(data).removeprefix("\ufeff")
    new = _File(markup.xml_marks(text, "xliff"), walk).rewritten()
    walk.finish()
    if to is not None:
        to.write_bytes(encoded.encoded(new, data))


@dataclass(slots=True)
class _Unit:
    """Positions of tokens; those of an element are of its start and its end."""

    start: int
    is_kept: bool
    source: tuple[int, int] = (-1, -1)
    target: tuple[int, int] = (-1, -1)
    after: int = -1
    state: str = field(default="")


class _File:
    def __init__(self, marks: list[Mark], walk: Walk) -> None:
        self._marks = marks
        self._walk = walk
        self._edits: dict[int, tuple[int, str]] = {}
        root = next((mark for mark in marks if mark.kind in {"start", "empty"}), None)
        if root is None or root.tag != "xliff":
            raise Unreadable("type", root.tag if root else "")
        self._is_2 = bool(re.search(r"""\sversion\s*=\s*["']2""", root.raw))

    def rewritten(self) -> str:
        above: list[tuple[str, int]] = []
        kept: list[bool] = [False]
        unit: _Unit | None = None
        for at, mark in enumerate(self._marks):
            if mark.kind == "start":
                above.append((mark.tag, at))
                kept.append(kept[-1] or bool(_NO.search(mark.raw)))
                if mark.tag in _UNITS:
                    unit = _Unit(at, kept[-1] or bool(_APPROVED.search(mark.raw)), state=_state(mark.raw))
            elif mark.kind == "end" and above:
                tag, start = above.pop()
                kept.pop()
                if unit and above and above[-1][0] in _UNITS:
                    _note_child(unit, tag, (start, at))
                elif unit and tag in _UNITS:
                    self._unit(unit)
                    unit = None
            elif mark.kind == "empty" and unit and above[-1][0] in _UNITS:
                _note_child(unit, mark.tag, (at, at))
        return self._spliced()

    def _unit(self, unit: _Unit) -> None:
        start, end = unit.source
        if start < 0:
            return
        tokens = _tokens(self._marks[start + 1 : end])
        words = "".join(token.text for token in tokens)
        self._walk.count(words)
        passage = Passage(tokens)
        if not passage.text or unit.is_kept or self._is_translated(unit, words):
            self._walk.protect(words)
            return
        self._walk.protect(" " * (passage.whole - len(passage.plain)))
        target = self._walk.segment(f"unit{len(self._walk.segments) + 1}", "message", passage.text)
        if target is not None:
            self._fill(unit, passage.render(target, markup.escape))

    def _is_translated(self, unit: _Unit, words: str) -> bool:
        start, end = unit.target
        if start < 0:
            return False
        there = "".join(mark.text for mark in self._marks[start + 1 : end] if mark.kind == "text")
        state = unit.state if self._is_2 else _state(self._marks[start].raw)
        # Tools put the source there to begin with.
        return bool(there.strip()) and (state not in _NOT_YET or (not state and there != words))

    def _fill(self, unit: _Unit, inside: str) -> None:
        source = self._marks[unit.source[0]].raw
        prefix = re.match(r"<((?:[\w.-]+:)?)", source)
        name = f"{prefix[1] if prefix else ''}target"
        start, end = unit.target
        opening = re.sub(r"\s*/?>\Z", ">", self._marks[start].raw) if start >= 0 else f"<{name}>"
        if self._is_2:
            state = self._marks[unit.start].raw
            changed = _STATE.sub(lambda found: f'{found[1]}"translated"', state)
            self._edits.setdefault(unit.start, (unit.start, changed))
        else:
            # The work of a machine is to be looked at: the standard has a state for that.
            opening = _STATE.sub("", opening)[:-1] + ' state="needs-review-translation">'
        new = f"{opening}{inside}</{name}>"
        if start >= 0:
            self._edits[start] = (end, new)
        else:
            self._edits[unit.after] = (unit.after, self._marks[unit.after].raw + new)

    def _spliced(self) -> str:
        if not self._walk.writes:
            return ""
        parts = []
        at = 0
        while at < len(self._marks):
            end, new = self._edits.get(at, (at, self._in_language(self._marks[at])))
            parts.append(new)
            at = end + 1
        return "".join(parts)

    def _in_language(self, mark: Mark) -> str:
        name = _LANGUAGE.get(mark.tag, "")
        raw = mark.raw
        if mark.kind == "start" and name and (mark.tag == "xliff") == self._is_2 and self._walk.language:
            raw = re.sub(rf"""\s{name}\s*=\s*("[^"]*"|'[^']*')""", "", raw)
            raw = f'{raw[:-1]} {name}="{html.escape(self._walk.language)}">'
        if mark.tag == "xliff" and mark.kind == "start" and self._walk.note:
            raw = f"{raw}<!-- {self._walk.note.replace('--', '- -')} -->"
        return raw


def _note_child(unit: _Unit, tag: str, span: tuple[int, int]) -> None:
    if tag == "source":
        unit.source, unit.after = span, span[1]
    elif tag == "target":
        unit.target = span
    elif tag == "seg-source":
        unit.after = span[1]


def _state(raw: str) -> str:
    found = _STATE.search(raw)
    return found[2][1:-1] if found else ""


def _tokens(marks: list[Mark]) -> list[Token]:
    """The content of a source; codes of the original format are kept with what stands in them."""
    tokens = []
    for mark in marks:
        if mark.kind == "text":
            tokens.append(Token("text", mark.raw, mark.text))
        elif mark.kind in {"start", "end"}:
            is_kept = mark.tag not in _STRETCHES or bool(_NO.search(mark.raw))
            tokens.append(Token("open" if mark.kind == "start" else "close", mark.raw, "", mark.tag, is_kept))
        else:
            tokens.append(Token("void", mark.raw))
    return tokens
