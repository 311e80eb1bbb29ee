"""The style pass of a section; what it may not change is computed (:mod:`documents.checks.style`)."""

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
        said |= _edited(clerk, {number: sentences[number] for number in ids}, number=1 + start // styling.AT_ONCE)
    return styling.styled(written.blocks, said).content


def _edited(clerk: Clerk, sentences: dict[int, str], *, number: int) -> dict[int, str]:
    messages = clerk.prompt(styling.TASK, {"sentences": [{"id": id_, "t": text} for id_, text in sentences.items()]})
    room = _ROOM + _TOKENS_A_CHARACTER * sum(map(len, sentences.values()))
    return clerk.asked(
        f"style:{number}", messages, room, styling.SCHEMA, lambda answer: styling.read(answer, list(sentences))
    )
