"""What the demo model writes where documents ask for JSON, so that a whole document can be seen without a key.

It invents nothing: its sentences say that they are a demo's, and what it cites are words of the sources that it was
given, quoted letter by letter.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from core import llm
from documents import outlining
from documents.prompting import FENCE

_TITLES = ("Introduction", "What is known", "How it was studied", "What was found", "Discussion", "Conclusion")
_GOAL = "Says what {title} would say. Builds on what stands before it."


def register() -> None:
    """Called once, when the app is ready."""
    llm.scripted.register(outlining.SCHEMA.name, _outline)


def data_of(messages: Sequence[llm.Message]) -> dict[str, Any]:
    """What a task speaks of: the JSON of the first prompt."""
    told = next(message.content for message in messages if message.role == "user")
    found: dict[str, Any] = json.loads(told.split(FENCE)[1])
    return found


def _outline(messages: Sequence[llm.Message], _schema: llm.Schema) -> dict[str, Any]:
    data = data_of(messages)
    count = max(1, min(len(_TITLES), int(data["most_sections"]), 2 + int(data["pages"])))
    each, rest = divmod(int(data["words"]), count)
    sections = [
        {
            "title": title,
            "goal": _GOAL.format(title=title.lower()),
            "words": each + (rest if number == 0 else 0),
            "level": 1,
            "needs_sources": 0 < number < count - 1,
        }
        for number, title in enumerate(_TITLES[:count])
    ]
    return {"sections": sections}
