"""What an editor of style may not change in a sentence, and what it did change.

A sentence that breaks a lock keeps its old words. Whether a sentence still stands on its source is asked elsewhere
(:mod:`documents.checks.support`): here only what can be seen in the two sentences.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

import regex  # type: ignore[import-untyped]

from documents import blocks
from documents.blocks import Sentence
from documents.checks import figures

SHORTEST, LONGEST = 0.6, 1.5
"""Of a sentence's letters, that its new wording may have."""
_QUOTED = regex.compile(r"«([^»]*)»|“([^”]*)”|„([^“”]*)[“”]|\"([^\"]*)\"")
_WORD = regex.compile(r"[\p{L}\p{M}][\p{L}\p{M}\p{N}'’\-]*")
_DIGITS = regex.compile(r"\d+(?:[.,:/\-–]\d+)*\s?%?")


class Lock(StrEnum):
    """Why a sentence kept its words."""

    CITATIONS = "citations"
    """Others, or in another order; a note of the author's is one of them."""
    QUOTATIONS = "quotations"
    FIGURES = "figures"
    NAMES = "names"
    """A capitalised word is gone, or is new."""
    LENGTH = "length"


def broken(before: Sentence, after: Sentence) -> Lock | None:
    """The first lock that a new wording breaks; None: it may stand.

    A new word at the beginning is capitalised by its place, so a name that comes in there alone is not seen.
    """
    if (before.marks, before.note) != (after.marks, after.note):
        return Lock.CITATIONS
    if _quotations(before.text) != _quotations(after.text):
        return Lock.QUOTATIONS
    if not _has_figures_of(before.text, after.text):
        return Lock.FIGURES
    if not _has_names_of(before.text, after.text):
        return Lock.NAMES
    if not SHORTEST <= len(after.text.strip()) / max(len(before.text.strip()), 1) <= LONGEST:
        return Lock.LENGTH
    if len(after.text) > blocks.SENTENCE_CHARS:
        return Lock.LENGTH
    return None


def _quotations(text: str) -> list[str]:
    return ["".join(filter(None, found)) for found in _QUOTED.findall(text)]


def _has_figures_of(before: str, after: str) -> bool:
    """The same digits as often, and the same numbers in words."""
    digits = [Counter(found.replace(" ", "") for found in _DIGITS.findall(text)) for text in (before, after)]
    return digits[0] == digits[1] and figures.given(before) == figures.given(after)


def _has_names_of(before: str, after: str) -> bool:
    old, new = _WORD.findall(before), _WORD.findall(after)
    kept = {word for word in old[1:] if _is_capital(word)} | {word for word in old[:1] if _is_spelt_large(word)}
    if not kept <= set(new):
        return False
    known = {word for word in old if _is_capital(word)}
    added = {word for word in new[1:] if _is_capital(word)} | {word for word in new[:1] if _is_spelt_large(word)}
    return added <= known


def _is_capital(word: str) -> bool:
    return word != word.lower()


def _is_spelt_large(word: str) -> bool:
    """By more than its place at the beginning: "NASA", "mRNA"."""
    return word[1:] != word[1:].lower()


@dataclass(frozen=True, slots=True)
class Change:
    """``number``: of the sentence, from 0, in the order of reading. ``lock``: why its old words stay, if they do."""

    number: int
    before: str
    after: str
    lock: Lock | None


@dataclass(frozen=True, slots=True)
class Styled:
    """The text with what may stand, and everything that was proposed, in order."""

    content: blocks.Blocks
    changes: tuple[Change, ...]


def styled(content: blocks.Blocks, proposed: Mapping[int, Sentence]) -> Styled:
    """Each new wording that breaks no lock, by the number of its sentence; numbers of no sentence are left out."""
    accepted: dict[int, Sentence] = {}
    changes: list[Change] = []
    for number, before in enumerate(blocks.sentences(content)):
        after = proposed.get(number)
        if after is None or after == before:
            continue
        lock = broken(before, after)
        changes.append(Change(number, before.text, after.text, lock))
        if lock is None:
            accepted[number] = after
    return Styled(replaced(content, accepted), tuple(changes))


def replaced(content: blocks.Blocks, sentences: Mapping[int, Sentence]) -> blocks.Blocks:
    """The text with these sentences in the places of others; what was taken back is put back in the same way."""
    numbers = count()

    def new(old: tuple[Sentence, ...]) -> tuple[Sentence, ...]:
        return tuple(sentences.get(next(numbers), sentence) for sentence in old)

    made: list[blocks.Block] = []
    for block in content:
        match block:
            case blocks.Paragraph():
                made.append(block.model_copy(update={"sentences": new(block.sentences)}))
            case blocks.Items():
                made.append(block.model_copy(update={"items": tuple(new(item) for item in block.items)}))
            case _:
                made.append(block)
    return tuple(made)
