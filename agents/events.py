"""What agents tell within the house, and what they tell their clients."""

from __future__ import annotations

from typing import Any
from typing import ClassVar
from uuid import UUID

from django.dispatch import Signal

from agents.shapes import ApprovalShape
from agents.shapes import Reason
from agents.shapes import RunState
from core.realtime.events import Event
from core.shapes import Shape

run_ended = Signal()
"""``run: AgentRun``, as it ends: sent inside the transaction that ends it, so what is written with it ends with it."""

_AGENT_USER = "01990000-0000-7000-8000-00000000000a"
_AGENT = "01990000-0000-7000-8000-0000000000aa"
_ROOM = "01990000-0000-7000-8000-00000000000c"
_MESSAGE = "01990000-0000-7000-8000-00000000000e"
_RUN = "01990000-0000-7000-8000-0000000000ab"


class Doing(Shape):
    """A call that is being made; its arguments are its asker's alone."""

    name: str


class AgentRunning(Event):
    """An agent of the conversation is at work, or no more: what it does this moment."""

    type: ClassVar[str] = "agent.run"
    durable: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = {
        "conversation_id": _ROOM,
        "run_id": _RUN,
        "user_id": _AGENT_USER,
        "state": "running",
        "doing": {"name": "get_weather"},
    }

    conversation_id: UUID
    run_id: UUID
    user_id: UUID
    """The agent's, as it is a member."""
    state: RunState
    doing: Doing | None
    """null: it thinks, or writes."""


class AgentRunChanged(Event):
    """To who pays a run, as it ends; and to whom is asked about a call, with what is asked."""

    type: ClassVar[str] = "agent.run_changed"
    example: ClassVar[dict[str, Any]] = {
        "run_id": _RUN,
        "agent_id": _AGENT,
        "conversation_id": _ROOM,
        "state": "limited",
        "reason": "steps",
        "approval": None,
    }

    run_id: UUID
    agent_id: UUID | None
    conversation_id: UUID | None
    state: RunState
    reason: Reason | None
    approval: ApprovalShape | None


class AgentRefused(Event):
    """To who has asked alone: the agent does not answer this message, or could not, and why. The others see nothing."""

    type: ClassVar[str] = "agent.refused"
    example: ClassVar[dict[str, Any]] = {
        "conversation_id": _ROOM,
        "message_id": _MESSAGE,
        "agent_id": _AGENT,
        "user_id": _AGENT_USER,
        "code": "token_limit_exceeded",
        "error": "Your tokens are used up.",
        "reset_at": None,
        "run_id": None,
    }

    conversation_id: UUID
    message_id: UUID
    agent_id: UUID
    user_id: UUID
    """The agent's, as it is a member."""
    code: str
    error: str
    reset_at: str | None = None
    """Where tokens are used up: when there are some again."""
    run_id: UUID | None = None
    """What was begun and ended without a word; null: nothing was."""
