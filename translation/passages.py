"""A text as segments and back: paragraphs, so that sentences broken over lines stay whole, and all blanks between kept.

Brackets of the text's own that look like markers are marked, and stand there again at the end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from translation import markers
from translation.segments import Segment

_LONGEST = 4_000
"""Characters of a segment: a longer paragraph is cut after a line or a sentence."""
_BETWEEN = re.compile(r"(\s*\n\s*\n\s*)")
_END = re.compile(r"\n|[.!?…。！？][\"'»”)]*\s+|\s+")
_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class _Piece:
    """``number`` is 0 for what is not translated."""

    text: str
    number: int = 0
    brackets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passages:
    """A text taken apart."""

    pieces: Sequence[_Piece]
    segments: Sequence[Segment]

    def joined(self, targets: Mapping[int, str]) -> str:
        """The text with translations in place of its segments; one that is missing stays as it was."""
        return "".join(
            markers.restore(targets.get(piece.number, piece.text), piece.brackets) if piece.number else piece.text
            for piece in self.pieces
        )


def split(text: str) -> Passages:
    """Take a text apart; joined with nothing translated it is the same again."""
    pieces: list[_Piece] = []
    segments: list[Segment] = []
    for part in _BETWEEN.split(text):
        for cut in _cut(part):
            core = cut.strip()
            if not _WORD.search(core):
                pieces.append(_Piece(cut))
                continue
            before, after = cut[: cut.index(core)], cut[cut.index(core) + len(core) :]
            escaped, brackets = markers.escape(core)
            number = len(segments) + 1
            segments.append(Segment(number, "", "paragraph", escaped))
            pieces += [_Piece(before), _Piece(escaped, number, brackets), _Piece(after)]
    return Passages([piece for piece in pieces if piece.text], segments)


def _cut(paragraph: str) -> list[str]:
    parts = []
    while len(paragraph) > _LONGEST:
        at = _last_end(paragraph)
        parts.append(paragraph[:at])
        paragraph = paragraph[at:]
    return [*parts, paragraph] if paragraph else parts


def _last_end(paragraph: str) -> int:
    """Where to cut: behind the last line, else sentence, else word that fits."""
    ends: dict[int, int] = {}
    for match in _END.finditer(paragraph, _LONGEST // 2, _LONGEST):
        rank = 0 if "\n" in match.group() else 1 if match.group().strip() else 2
        ends[rank] = match.end()
    return ends[min(ends)] if ends else _LONGEST
