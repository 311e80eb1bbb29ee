"""What the demo model answers where JSON of a certain schema is asked for: modules register it when the project starts.

So everything that works by JSON (outlines, judgements, batches) can be tried without a key.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

from core.llm.base import Message
from core.llm.base import Schema

Scripted = Callable[[Sequence[Message], Schema], Any]
"""From the prompt and the schema to the document; it must be fit for the schema, and the same each time."""

_answers: dict[str, Scripted] = {}


def register(name: str, answer: Scripted) -> None:
    """Answer so for schemas of this name; raises ValueError for a name that is taken."""
    if _answers.get(name, answer) is not answer:
        raise ValueError(f"There is a scripted answer for {name!r} already.")
    _answers[name] = answer


def find(name: str) -> Scripted | None:
    """The registered answer; None when there is none."""
    return _answers.get(name)
