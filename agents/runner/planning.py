"""What a model wants to call, as steps: those that can be made, and those of which it is told why they cannot."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from agents import limits
from agents.egress.arguments import checked
from agents.egress.problems import CannotBuild
from agents.models import AgentStep
from agents.runner.claimed import Claimed
from agents.services.snapshots import FunctionSnapshot
from core import llm

StepState = AgentStep.State
MOST_AT_ONCE = 64
"""Calls of one answer; a model that wants more is told of the first ones."""
_CALL_ID_LENGTH = 200


def planned(claimed: Claimed, answer: AgentStep, calls: Sequence[llm.ToolCall]) -> list[AgentStep]:
    """The steps behind an answer."""
    steps: list[AgentStep] = []
    room = claimed.calls_left
    for place, call in enumerate(calls[:MOST_AT_ONCE]):
        step = _step(claimed, answer, answer.n + 1 + place, call)
        before = [one for one in [*claimed.calls, *steps] if one.arguments_hash == step.arguments_hash]
        if step.state == StepState.PLANNED and len(before) >= limits.SAME_CALLS - 1:
            _refuse(step, "repeated", "This was called with the same arguments before. Use what it answered.")
        if step.state == StepState.PLANNED and room <= 0:
            _refuse(step, "calls", "It was not called: you have made all the calls you may make.")
        room -= 1
        steps.append(step)
    return steps


def stored(calls: Sequence[llm.ToolCall]) -> list[dict[str, str]]:
    """The calls as the model said them."""
    return [
        {"id": call.id[:_CALL_ID_LENGTH], "name": call.name, "arguments": _clean(call.arguments)}
        for call in calls[:MOST_AT_ONCE]
    ]


def hash_of(name: str, arguments: Any) -> str:
    """The same for the same function with the same arguments, in whatever order."""
    canonical = json.dumps(arguments, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{name}\n{canonical}".encode("utf-8", "replace")).hexdigest()


def _step(claimed: Claimed, answer: AgentStep, n: int, call: llm.ToolCall) -> AgentStep:
    function = claimed.snapshot.function(call.name)
    step = AgentStep(
        run_id=answer.run_id,
        n=n,
        kind=AgentStep.Kind.TOOL,
        state=StepState.PLANNED,
        attempt=0,
        call_id=call.id[:_CALL_ID_LENGTH],
        name=_clean(function.name if function else call.name)[: limits.FUNCTION_NAME_LENGTH],
        arguments_hash=hash_of(call.name, call.arguments),
    )
    if function is None:
        names = ", ".join(one.name for one in claimed.snapshot.functions)
        _refuse(step, "unknown_tool", f"There is no tool of this name. There are: {names}.")
        return step
    # What is tried has no rows of functions.
    step.function_id, step.effect = None if claimed.row.template else function.pk, function.effect
    _take_arguments(step, function, call.arguments)
    return step


def _take_arguments(step: AgentStep, function: FunctionSnapshot, written: str) -> None:
    try:
        given = json.loads(written or "{}")
    except (ValueError, RecursionError):
        _refuse(step, "bad_arguments", "The arguments are no JSON.")
        return
    try:
        step.arguments = checked(function.parameters, given)
    except CannotBuild as error:
        _refuse(step, "bad_arguments", error.problem.sentence)
        return
    if "\\u0000" in json.dumps(step.arguments):
        step.arguments = None
        _refuse(step, "bad_arguments", "Null characters are not allowed.")
        return
    step.arguments_hash = hash_of(function.name, step.arguments)


def _refuse(step: AgentStep, code: str, sentence: str) -> None:
    step.state, step.error, step.result = StepState.FAILED, code, _clean(sentence)
    step.finished_at = timezone.now()


def _clean(text: str) -> str:
    """As PostgreSQL can keep it."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
