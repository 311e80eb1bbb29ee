"""What a run does next, from its rows alone: so any process comes to the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agents import limits
from agents.models import AgentRun
from agents.models import AgentStep
from agents.runner.claimed import ENDED_CALL
from agents.runner.claimed import Claimed

Reason = AgentRun.Reason
StepState = AgentStep.State


@dataclass(frozen=True, slots=True)
class Think:
    """The model answers; with ``closing``, a bound that was met, it may only answer."""

    closing: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """These calls, at the same time."""

    steps: tuple[AgentStep, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """A person has to decide first."""


@dataclass(frozen=True, slots=True)
class End:
    """It is over."""

    state: str
    reason: str = ""
    error: dict[str, Any] | None = None


Action = Think | Call | Wait | End


def next_action(claimed: Claimed, *, seconds: float) -> Action:
    """After ``seconds`` of running, those of earlier processes included."""
    if claimed.ending is not None:
        return End(*claimed.ending)
    pending = [step for step in claimed.batch if step.state not in ENDED_CALL]
    if pending:
        return _next_calls(claimed, pending)
    last = claimed.last
    if last is not None and last.state == StepState.BROKEN:
        return _again(claimed, last)
    if claimed.steps_left <= 0:
        return End(AgentRun.State.LIMITED, Reason.STEPS)
    return Think(bound_met(claimed, seconds=seconds))


def bound_met(claimed: Claimed, *, seconds: float) -> str:
    """Why the next answer has to be the last; empty when it need not."""
    if claimed.repeated is not None:
        return Reason.REPEATS
    if claimed.wrong_in_row >= limits.WRONG_CALLS:
        return Reason.ARGUMENTS
    if seconds >= claimed.seconds_allowed:
        return Reason.SECONDS
    if not claimed.snapshot.tools or not claimed.row.steps:
        return ""
    if claimed.calls_left <= 0:
        return Reason.CALLS
    return Reason.STEPS if claimed.steps_left <= 1 else ""


def _next_calls(claimed: Claimed, pending: list[AgentStep]) -> Action:
    """Reads that stand together are made together, each write by itself, all in the model's order."""
    first = pending[0]
    if first.state == StepState.ASKING:
        return Wait()
    if not _only_reads(claimed, first):
        return Call((first,))
    together = []
    for step in pending:
        if step.state != StepState.PLANNED or not _only_reads(claimed, step):
            break
        together.append(step)
    return Call(tuple(together))


def _only_reads(claimed: Claimed, step: AgentStep) -> bool:
    function = claimed.function(step)
    return function is not None and function.only_reads


def _again(claimed: Claimed, step: AgentStep) -> Action:
    """An answer that was broken off is asked for again, and counted once."""
    most = limits.LOST_ATTEMPTS if step.error == "interrupted" else limits.MODEL_ATTEMPTS
    if step.attempt >= most:
        lost = step.error == "interrupted"
        return End(AgentRun.State.FAILED, Reason.LOST if lost else Reason.MODEL_UNAVAILABLE)
    return Think(claimed.closing_of(step))
