"""What the engine is given, and what it gives back: plain values, no rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from typing import Generic
from typing import Literal
from typing import TypeVar
from uuid import UUID

from core.errors import DomainError
from core.llm.base import Message
from core.llm.base import Model
from core.llm.base import Usage

EndStatus = Literal["complete", "stopped", "incomplete", "failed"]
"""The model ended it · the reader did · text is there, the rest is not · there is no text."""

FINISH_REASON_LENGTH = 30
"""Characters of a finish reason that are kept; OpenAI's words are shorter, other providers write what they like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt at one answer, ready to be sent to the provider; an app's own class adds what its store needs.

    ``base`` is what the answer already says (when it is continued); text positions go on from its length.
    """

    answer_id: UUID
    number: int
    model: Model
    prompt: tuple[Message, ...]
    max_tokens: int
    temperature: float | None
    base: str = ""


AttemptT = TypeVar("AttemptT", bound=Attempt)


@dataclass(frozen=True, slots=True)
class Ending:
    """Why the provider's stream is over."""

    status: EndStatus
    finish_reason: str = ""
    error: DomainError | None = None


@dataclass(frozen=True, slots=True)
class Generated:
    """An attempt that is over: the whole text, ``base`` included, and how it came to its end.

    ``usage`` is the provider's own count, None when it gave none. ``responded`` is False when the provider has sent
    nothing at all.
    """

    text: str
    ending: Ending
    usage: Usage | None
    responded: bool


@dataclass(frozen=True, slots=True)
class AnswerOutcome:
    """How an answer ended, in the words of its store, with the figures of the whole answer (all attempts).

    ``error`` is the house error body; ``status`` is mostly an :data:`EndStatus`.
    """

    status: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    estimated: bool
    error: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class AnswerProgress(Generic[AttemptT]):
    """How far a running attempt is. ``fresh`` is the text since the last count, ``counted`` the tokens until then.

    ``responded`` is False until the provider has sent anything.
    """

    attempt: AttemptT
    text: str
    fresh: str
    counted: int
    responded: bool


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What the store says of an attempt that is still its own; ``counted`` are the tokens of the text so far."""

    counted: int
    stop_requested: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An answer as it is stored; without an outcome it is being written."""

    attempt: int
    text: str
    outcome: AnswerOutcome | None
