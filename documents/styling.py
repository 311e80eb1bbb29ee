"""The style pass: what a model is asked, and how its answer is read. It edits style and nothing else.

What it may not change is computed (:mod:`documents.checks.style`). Citations cannot move: no model is shown them.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from core.llm import Schema
from core.llm.json_answers import NotFit
from documents import blocks
from documents import cleaning
from documents.checks import style

AT_ONCE = 40
"""Sentences of one question."""
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


def styled(text: blocks.Blocks, said: Mapping[int, str]) -> style.Styled:
    """The text in its new words, as far as the locks allow it."""
    proposed = {
        number - 1: sentence.model_copy(update={"text": said[number]})
        for number, sentence in enumerate(blocks.sentences(text), 1)
        if number in said
    }
    return style.styled(text, proposed)
