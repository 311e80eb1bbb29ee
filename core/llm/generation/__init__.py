"""Answers that are written in the event loop beside whoever reads them, and are stored by the app they belong to."""

from __future__ import annotations

from core.llm.generation.attempt import AnswerOutcome
from core.llm.generation.attempt import AnswerProgress
from core.llm.generation.attempt import Attempt
from core.llm.generation.attempt import Ending
from core.llm.generation.attempt import Generated
from core.llm.generation.attempt import Heartbeat
from core.llm.generation.attempt import Snapshot
from core.llm.generation.engine import Engine
from core.llm.generation.engine import Engines
from core.llm.generation.errors import Interrupted
from core.llm.generation.store import AnswerStore
from core.llm.generation.transcript import Thinking
from core.llm.generation.transcript import Transcript

__all__ = [
    "AnswerOutcome",
    "AnswerProgress",
    "AnswerStore",
    "Attempt",
    "Ending",
    "Engine",
    "Engines",
    "Generated",
    "Heartbeat",
    "Interrupted",
    "Snapshot",
    "Thinking",
    "Transcript",
]
