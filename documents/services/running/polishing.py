"""The style pass of a section; what it may not change is computed (:mod:`documents.styling`)."""

from __future__ import annotations

from documents import blocks
from documents import styling
from documents.services.running.asking import Clerk
from documents.writing.contract import Written

_TOKENS_A_CHARACTER = 1
_ROOM = 300


def section(clerk: Clerk, written: Written) -> blocks.Blocks:
    """The text after the pass. Raises NotFit when no answer was a list of sentences."""
    sentences = styling.numbered(written.blocks)
    said: dict[int, str] = {}
    for start in range(0, len(sentences), styling.AT_ONCE):
        ids = list(sentences)[start : start + styling.AT_ONCE]
        data = {"sentences": [{"id": number, "t": sentences[number]} for number in ids]}
        room = _ROOM + _TOKENS_A_CHARACTER * sum(len(sentences[number]) for number in ids)
        kind = f"style:{1 + start // styling.AT_ONCE}"
        messages = clerk.prompt(styling.TASK, data)
        said |= clerk.asked(kind, messages, room, styling.SCHEMA, lambda answer, ids=ids: styling.read(answer, ids))
    styled, _kept = styling.styled(written.blocks, said)
    return styled
