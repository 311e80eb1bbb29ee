"""What differs between two wordings of a sentence, as the page shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

import regex  # type: ignore[import-untyped]

_TOKEN = regex.compile(r"\s+|[\p{L}\p{M}\p{N}'’\-]+|.")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of two sentences."""

    kind: Literal["same", "removed", "added"]
    text: str


def diff(before: str, after: str) -> tuple[Piece, ...]:
    """Word by word: what is the same and removed is the old sentence, what is the same and added the new one."""
    return tuple(_pieces(_TOKEN.findall(before), _TOKEN.findall(after)))


def _pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    for kind, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Piece("same", "".join(old[start:end]))
            continue
        if end > start:
            yield Piece("removed", "".join(old[start:end]))
        if new_end > new_start:
            yield Piece("added", "".join(new[new_start:new_end]))
