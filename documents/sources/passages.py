"""Passages: parts of a text that fit into a prompt, and those of them that speak of a matter."""

from __future__ import annotations

import regex  # type: ignore[import-untyped]

from documents import words

CHARS = 1_600
"""Of one passage: some 250 words."""
SHARED_CHARS = 300
"""That two passages in a row have together, so that a quotation stands whole in one of them."""
MOST = 400
"""Of one work: the text of some 200 pages."""
_PLACE = regex.compile(r"\n\s*\n|(?<=[.!?…])\s+|\s+")


def cut(text: str) -> list[str]:
    """A text as passages that overlap, each beginning and ending at a word, mostly at a sentence."""
    found: list[str] = []
    start = 0
    while start < len(text) and len(found) < MOST:
        end = start + CHARS
        if end < len(text):
            end = _end(text, start, end)
        if piece := text[start:end].strip():
            found.append(piece)
        if end >= len(text):
            break
        start = max(start + 1, _begin(text, end - SHARED_CHARS))
    return found


def about(passages: list[str], goal: str, *, most: int) -> list[str]:
    """Of passages those that speak of ``goal``, in their own order: all of them where there are no more."""
    if len(passages) <= most:
        return passages
    rarity = words.rarity(passages)
    spoken = [words.coverage(goal, passage, rarity) for passage in passages]
    best = sorted(range(len(passages)), key=lambda place: (-spoken[place], place))[:most]
    return [passages[place] for place in sorted(best)]


def _end(text: str, start: int, end: int) -> int:
    """The last end of a sentence in the second half, else of a word, else where it would be cut."""
    half = start + (end - start) // 2
    places = [match.start() for match in _PLACE.finditer(text, half, end)]
    sentences = [place for place in places if text[place - 1] in ".!?…\n"]
    last: int = (sentences or places or [end])[-1]
    return last


def _begin(text: str, place: int) -> int:
    match = _PLACE.search(text, place, place + SHARED_CHARS)
    return int(match.end()) if match else place
