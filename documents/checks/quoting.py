"""Whether quoted words stand in a source, and where."""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz import fuzz

from documents.checks.folding import Folded
from documents.checks.folding import fold

NEARLY = 92.0
"""Of 100: how much of a quote must stand in one place of the source (``rapidfuzz.fuzz.partial_ratio``). Ours, by trying
it: below it other sentences about the same thing begin to pass."""
SHORTEST = 12
"""Characters. Fewer are found anywhere, and show nothing."""


@dataclass(frozen=True, slots=True)
class Quote:
    """``words`` are the source's own; ``is_exact`` when they are those that were given."""

    words: str
    is_exact: bool


def find(quote: str, source: str) -> Quote | None:
    """The quoted words as the source has them; None when they do not stand there."""
    wanted, there = fold(quote), fold(source)
    if len(wanted.text) < SHORTEST:
        return None
    start = there.text.find(wanted.text)
    if start >= 0:
        return Quote(_whole_words(there, start, start + len(wanted.text)), is_exact=True)
    place = fuzz.partial_ratio_alignment(wanted.text, there.text, score_cutoff=NEARLY)
    if place is None or len(there.text) < len(wanted.text) * NEARLY / 100:
        return None
    return Quote(_whole_words(there, place.dest_start, place.dest_end), is_exact=False)


def _whole_words(there: Folded, start: int, end: int) -> str:
    while start > 0 and there.text[start - 1].isalnum() and there.text[start].isalnum():
        start -= 1
    while end < len(there.text) and there.text[end].isalnum() and there.text[end - 1].isalnum():
        end += 1
    return there.between(start, end).strip()
