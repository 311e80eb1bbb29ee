"""What the engine is given, and what it gives back: plain values, no rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core import llm


@dataclass(frozen=True, slots=True)
class Job:
    """One attempt at one answer, paid for by the hold ``key`` and ready to be sent to the provider.

    ``base`` is what the message already says (when an answer is continued); text positions go on from its length.
    ``may_name`` is False where the chat has its final title, so that nobody needs to ask the database about it.
    """

    message_id: UUID
    chat_id: UUID
    owner_id: UUID
    attempt: int
    key: str
    model: llm.Model
    prompt: tuple[llm.Message, ...]
    prompt_tokens: int
    max_tokens: int
    temperature: float | None
    base: str = ""
    may_name: bool = True


@dataclass(frozen=True, slots=True)
class Ending:
    """Why the provider's stream is over: ``status`` of the message, and the house error body when it went wrong."""

    status: str
    finish_reason: str = ""
    error: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an answer ended, with the figures of the whole message (all attempts)."""

    status: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    estimated: bool
    error: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a running attempt is. ``fresh`` is the text since the last count, ``counted`` the count until then.

    ``heard`` is False until the provider has sent anything: until then nothing is charged.
    """

    job: Job
    content: str
    fresh: str
    counted: int
    heard: bool


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the database says of a running attempt."""

    counted: int
    stop_requested: bool
