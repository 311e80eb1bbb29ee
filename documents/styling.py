"""The style pass: sentences in better words, each held to locks that are computed. It edits style and nothing else.

A sentence that breaks a lock keeps its old words. Citations cannot move: they are no part of what a model is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import regex  # type: ignore[import-untyped]

from core.llm import Schema
from core.llm.json_answers import NotFit
from documents import blocks
from documents import cleaning
from documents.checks import figures

AT_ONCE = 40
"""Sentences of one question."""
SHORTEST, LONGEST = 0.6, 1.5
"""Times the characters of the old sentence."""
SCHEMA = Schema(
    "document_style",
    {
        "type": "object",
        "properties": {
            "sentences": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"id": {"type": "integer"}, "t": {"type": "string"}},
                    "required": ["id", "t"],
                    "additionalProperties": False,
                },
            }
        },
        "required": ["sentences"],
        "additionalProperties": False,
    },
)
TASK = """Edit the style of the sentences of the data: vary their length, cut filler, and let no two of them open \
alike. Keep the register that is required.
Answer with one JSON object and nothing else: {"sentences": [{"id": 1, "t": "..."}]}
- One entry for each sentence that you change, with its id; leave out those that are good as they are.
- What a sentence says stays the same. Figures, names, terms and quoted words stay letter by letter.
- Never join or split sentences, and add no reference, name or fact."""
_QUOTED = regex.compile(r"«[^»]*»|“[^”]*”|„[^“”]*[“”]|\"[^\"]*\"")
_CAPITAL = regex.compile(r"(?<![\p{L}\p{N}])\p{Lu}[\p{L}\p{N}'’-]*")
_FIRST = regex.compile(r"\A[^\p{L}\p{N}]*[\p{L}\p{N}'’-]+")


class Lock(StrEnum):
    """What a new sentence may not do."""

    EMPTY = "empty"
    LENGTH = "length"
    FIGURES = "figures"
    QUOTATION = "quotation"
    NAMES = "names"


@dataclass(frozen=True, slots=True)
class Kept:
    """A sentence that kept its old words, and the lock that the new ones broke."""

    id: int
    lock: Lock


def numbered(text: blocks.Blocks) -> dict[int, str]:
    """The sentences of a text, from 1 in the order of reading."""
    return {number: sentence.text for number, sentence in enumerate(blocks.sentences(text), 1)}


def read(document: Any, ids: Sequence[int]) -> dict[int, str]:
    """New words by id; only those that were asked for. Raises NotFit for what has no list of sentences."""
    given = document.get("sentences") if isinstance(document, Mapping) else document
    if not isinstance(given, list):
        raise NotFit('There are no sentences in it. Answer {"sentences": [{"id": 1, "t": "..."}]}.')
    found: dict[int, str] = {}
    for one in given:
        if isinstance(one, Mapping) and one.get("id") in ids and isinstance(one.get("t"), str):
            found.setdefault(one["id"], cleaning.line(one["t"]))
    return found


def locked(before: str, after: str) -> Lock | None:
    """The first lock that the new words break; None: they may stand."""
    if not after:
        return Lock.EMPTY
    if not SHORTEST <= len(after) / len(before) <= LONGEST or len(after) > blocks.SENTENCE_CHARS:
        return Lock.LENGTH
    if figures.asserted(before) != figures.asserted(after):
        return Lock.FIGURES
    if sorted(_QUOTED.findall(before)) != sorted(_QUOTED.findall(after)):
        return Lock.QUOTATION
    # What opens a sentence is large by its place: it may go, and nothing else may come.
    if _names(before) - _capitals(after) or _names(after) - _capitals(before):
        return Lock.NAMES
    return None


def styled(text: blocks.Blocks, said: Mapping[int, str]) -> tuple[blocks.Blocks, list[Kept]]:
    """The text in its new words, as far as the locks allow it."""
    kept: list[Kept] = []
    numbers = iter(range(1, blocks.MOST_BLOCKS * blocks.MOST_SENTENCES))

    def one(sentence: blocks.Sentence) -> blocks.Sentence:
        number = next(numbers)
        after = said.get(number, sentence.text)
        if after == sentence.text:
            return sentence
        if (lock := locked(sentence.text, after)) is not None:
            kept.append(Kept(number, lock))
            return sentence
        return sentence.model_copy(update={"text": after})

    return tuple(_each(text, one)), kept


def _each(text: blocks.Blocks, one: Any) -> Iterator[blocks.Block]:
    for block in text:
        if isinstance(block, blocks.Paragraph):
            yield block.model_copy(update={"sentences": tuple(one(sentence) for sentence in block.sentences)})
        elif isinstance(block, blocks.Items):
            items = tuple(tuple(one(sentence) for sentence in item) for item in block.items)
            yield block.model_copy(update={"items": items})
        else:
            yield block


def _capitals(sentence: str) -> set[str]:
    return {match.group() for match in _CAPITAL.finditer(sentence)}


def _names(sentence: str) -> set[str]:
    """Capitalised words that are not so for their place."""
    return {match.group() for match in _CAPITAL.finditer(_FIRST.sub("", sentence))}
