"""Runs and their steps, as they are shown, and what one may cost."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from agents.shapes.agents import LimitsShape
from agents.shapes.words import ApprovalState
from agents.shapes.words import Effect
from agents.shapes.words import Reason
from agents.shapes.words import RunState
from agents.shapes.words import StepKind
from agents.shapes.words import StepState
from agents.shapes.words import Trigger
from agents.shapes.words import Why
from core.shapes import Page
from core.shapes import Shape
from messenger.shapes import Person


class WantedCallShape(Shape):
    """A call that the model wants."""

    id: str
    name: str
    arguments: str
    """As the model said them."""


class ApprovalShape(Shape):
    """A person is asked whether a call may be made."""

    id: UUID
    run_id: UUID
    step_id: UUID
    n: int
    name: str
    host: str | None
    arguments: Any
    arguments_hash: str
    """What a decision has to name: a yes is for these arguments alone."""
    request: dict[str, Any] | None
    """What will be sent, with its secrets masked."""
    why: Why
    asked_of: Person
    state: ApprovalState
    expires_at: datetime
    decided_at: datetime | None


class StepShape(Shape):
    """One answer of the model, or one call. Texts are null for an owner who neither asked nor paid."""

    id: UUID
    n: int
    kind: StepKind
    state: StepState
    attempt: int
    is_closing: bool
    text: str | None
    calls: list[WantedCallShape]
    function_id: UUID | None
    name: str
    call_id: str
    arguments: Any
    arguments_hash: str
    effect: Effect | None
    request: dict[str, Any] | None
    response: dict[str, Any] | None
    status_code: int | None
    result: str | None
    """What the model was given."""
    error: str | None
    prompt_tokens: int
    completion_tokens: int
    started_at: datetime
    finished_at: datetime | None
    approval: ApprovalShape | None


class RunShape(Shape):
    """What one question to one agent set going."""

    id: UUID
    agent_id: UUID | None
    template: str | None
    """What was tried, where there is no agent."""
    version: int
    """Of the agent, when it began."""
    model: str
    trigger: Trigger
    is_dry: bool
    """Calls were built and shown, and not sent."""
    state: RunState
    is_stopping: bool
    """It was asked to stop, and the process that runs it has not let go yet."""
    reason: Reason | None
    error: dict[str, Any] | None
    prompt: str | None
    """Null for an owner who neither asked nor paid."""
    conversation_id: UUID | None
    asker: Person | None
    payer: Person | None
    hop: int
    limits: LimitsShape
    at_most: int
    """Tokens that it may use, what it was continued with included."""
    steps: int
    calls: int
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    estimated: bool
    seconds: float
    """Without the time it waited for people."""
    answer_message_ids: list[UUID]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class RunPage(Page[RunShape]):
    """Newest first."""


class RunDetail(RunShape):
    """A run with all its steps."""

    text: str | None
    """What it answered, as far as it is."""
    trace: list[StepShape]


class EstimateShape(Shape):
    """What a question would cost before it is asked; only `at_most` is a promise."""

    prompt_tokens: int
    """Of the first step: prompt, question and functions."""
    typical: int | None
    """The median of the last runs; null when there were none."""
    typical_of: int
    """Of so many runs."""
    at_most: int
    tokens_left: int | None
    """Of the payer; null: without limit, or not the asker's to know."""
    payer: Person
    fits: bool
