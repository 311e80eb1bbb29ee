"""What the engine is given, and what it gives back: plain values, no rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from typing import Generic
from typing import Literal
from typing import TypeVar
from uuid import UUID

from core.errors import DomainError
from core.llm.base import Message
from core.llm.base import Model
from core.llm.base import State
from core.llm.base import Tool
from core.llm.base import ToolCall
from core.llm.base import ToolChoice
from core.llm.base import Usage

EndStatus = Literal["complete", "stopped", "incomplete", "failed"]
"""The model ended it · the reader did · text is there, the rest is not · there is no text."""

FINISH_REASON_LENGTH = 30
"""Characters of a finish reason that are kept; OpenAI's words are shorter, other providers write what they like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt at one answer, ready to be sent to the provider; an app's own class adds what its store needs.

    ``effort``, ``person``, ``thread`` and what is said of tools are those of :class:`core.llm.base.Request`. ``base``
    is what the answer already says (when it is continued), ``thought_base`` what was thought for it so far, in
    ``thinking_base_ms``; positions go on from their lengths.
    """

    answer_id: UUID
    number: int
    model: Model
    prompt: tuple[Message, ...]
    max_tokens: int
    temperature: float | None
    effort: str | None = None
    person: str = ""
    thread: str = ""
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice = "auto"
    base: str = ""
    thought_base: str = ""
    thinking_base_ms: int = 0

    @property
    def thinks(self) -> bool:
        """Whether it may be thinking while nothing is seen of it."""
        return self.effort not in {None, "none"}


AttemptT = TypeVar("AttemptT", bound=Attempt)


@dataclass(frozen=True, slots=True)
class Ending:
    """Why the provider's stream is over."""

    status: EndStatus
    finish_reason: str = ""
    error: DomainError | None = None


@dataclass(frozen=True, slots=True)
class Generated:
    """An attempt that is over: the whole text and the whole thought, both bases included, and how it came to its end.

    ``usage`` is the provider's own count, None when it gave none. ``responded`` is False when the provider has sent
    nothing at all. ``thinking_ms`` is that of all attempts, None where nothing was thought; ``hidden_seconds`` are
    those of thinking of which nothing was seen. ``unpaid`` is what the provider counted for an answer that
    is not charged. ``tool_calls`` are those of an answer that came to its end, with the ``state`` of that turn.
    """

    text: str
    ending: Ending
    usage: Usage | None
    responded: bool
    thought: str = ""
    thinking_ms: int | None = None
    hidden_seconds: float = 0.0
    unpaid: Usage | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    state: State | None = None


@dataclass(frozen=True, slots=True)
class AnswerOutcome:
    """How an answer ended, in the words of its store, with the figures of the whole answer (all attempts).

    ``error`` is the house error body; ``status`` is mostly an :data:`EndStatus`. ``cost`` are dollars, ``priced`` (a
    day) says by which price, and ``held_tokens`` were set aside; None: not known. What has a default is missing in what
    older processes send.
    """

    status: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    estimated: bool
    error: dict[str, Any] | None = None
    reasoning_tokens: int | None = None
    thinking_ms: int | None = None
    effort: str | None = None
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    cost: Decimal | None = None
    priced: date | None = None
    held_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class AnswerProgress(Generic[AttemptT]):
    """How far a running attempt is. ``fresh`` is the text since the last count, ``counted`` the tokens until then.

    ``responded`` is False until the provider has sent anything. ``fresh_thought`` is to be counted as ``fresh`` is;
    ``thought`` is all of it, None when it has not grown. ``hidden_seconds`` are as in :class:`Generated`: their
    tokens are no part of ``counted``.
    """

    attempt: AttemptT
    text: str
    fresh: str
    counted: int
    responded: bool
    thought: str | None = None
    fresh_thought: str = ""
    thinking_ms: int | None = None
    hidden_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What the store says of an attempt that is still its own; ``counted`` are the tokens of what was seen so far."""

    counted: int
    stop_requested: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An answer as it is stored; without an outcome it is being written."""

    attempt: int
    text: str
    outcome: AnswerOutcome | None
    thought: str = ""
    thinking_ms: int = 0
