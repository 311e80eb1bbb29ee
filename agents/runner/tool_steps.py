"""Calls: marked before they leave, judged when they come back, tried again only where that does no harm."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from agents import limits
from agents import metrics
from agents.egress import Answer
from agents.egress import CannotBuild
from agents.egress import Verdict
from agents.egress import verdict
from agents.models import AgentFunction
from agents.models import AgentFunctionDay
from agents.models import AgentStep
from agents.runner import callers
from agents.runner import journal
from agents.runner import prompting
from agents.runner.callers import Prepared
from agents.runner.callers import Wanted
from agents.runner.claimed import Claimed
from agents.runner.journal import Outcome
from agents.services import snapshots
from agents.services import trials
from agents.services.snapshots import FunctionSnapshot
from core.api import throttles
from core.errors import RateLimited

logger = logging.getLogger(__name__)

StepState = AgentStep.State
Write = Callable[..., Awaitable[Any]]
"""Runs a function of :mod:`.journal` in a database thread, one at a time for each run."""
DRY = "This is a dry run: the call was built and not sent."
_STOPPED = "The call was cut off."
_GONE = 410
_SWITCHED_OFF = "Its server answered that it wants no more calls (410)."


class Refused(Exception):
    """The call is not made; the model is told why."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code, self.sentence = code, sentence
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class _Ready:
    wanted: Wanted
    prepared: Prepared
    snapshot: FunctionSnapshot


def key_of(step: AgentStep) -> UUID:
    """What the other side knows a repeat of this call by."""
    return step.pk


async def perform(claimed: Claimed, step: AgentStep, write: Write) -> None:
    """Make one call, from its mark to its result. Raises RunLost."""
    try:
        ready = await write(_mark, claimed, step)
    except asyncio.CancelledError:
        if claimed.ending is not None and step.state == StepState.SENDING:  # it was marked, and did not leave
            outcome = Outcome(state=StepState.FAILED, result=_STOPPED, error=_STOPPED)
            await _kept(write(journal.answered, claimed, step, outcome))
        raise
    except Refused as refused:
        outcome = Outcome(state=StepState.FAILED, result=refused.sentence, error=refused.code, counts=True)
        await write(journal.answered, claimed, step, outcome)
        return
    if ready is None:
        return
    try:
        outcome = await _send(claimed, ready, write)
    except asyncio.CancelledError:
        # Cut off from outside: whoever did that says whether the run goes on; what is known of the call is kept.
        if claimed.ending is not None:
            await _kept(write(journal.answered, claimed, step, _cut_off(ready)))
        raise
    if outcome.status_code == _GONE:
        await write(_switch_off, ready.wanted.function)
    _count(ready, outcome)
    metrics.STEP_SECONDS.labels("tool").observe((timezone.now() - step.started_at).total_seconds())
    await write(journal.answered, claimed, step, outcome)


async def _kept(writing: Awaitable[Any]) -> None:
    """Write it, however often this is cancelled."""
    await asyncio.shield(asyncio.ensure_future(writing))


def prepare(claimed: Claimed, step: AgentStep) -> tuple[Wanted, Prepared, FunctionSnapshot]:
    """A call as it would be made now. Raises Refused: permissions and secrets are those of this moment."""
    snapshot = claimed.function(step)
    run = claimed.row
    row = _row(claimed, step)
    if snapshot is None or row is None or run.asker_id is None or not _is_the_same(row, snapshot, run.asker_id):
        raise Refused("function_off", f"{step.name} is not there any more.")
    wanted = Wanted(
        function=row,
        arguments=step.arguments or {},
        key=key_of(step),
        run_id=run.pk,
        asker_id=run.asker_id,
        conversation_id=run.conversation_id,
    )
    if not callers.can_call(row.function_type):
        raise Refused("function_off", f"{step.name} cannot be called here.")
    try:
        return wanted, callers.prepare(wanted), snapshot
    except CannotBuild as error:
        raise Refused("cannot_call", error.problem.sentence) from None


def _row(claimed: Claimed, step: AgentStep) -> AgentFunction | None:
    run = claimed.row
    if run.template:
        return trials.function(run.template, step.name, run.asker_id) if run.asker_id else None
    if step.function_id is None:
        return None
    return AgentFunction.objects.select_related("agent", "source").filter(pk=step.function_id).first()


def _is_the_same(row: AgentFunction, snapshot: FunctionSnapshot, asker_id: UUID) -> bool:
    return snapshots.may_be_called(row, row.agent, asker_id) and row.pinned_hash == snapshot.pinned_hash


def _mark(claimed: Claimed, step: AgentStep) -> _Ready | None:
    """Everything before the call leaves; None when it does not leave, as nothing does in a dry run."""
    wanted, prepared, snapshot = prepare(claimed, step)
    if claimed.row.is_dry and (prepared.host or not snapshot.only_reads):
        outcome = Outcome(state=StepState.DONE, result=DRY, request=prepared.shown, counts=True)
        journal.answered(claimed, step, outcome)
        return None
    if not step.attempt:
        _within_bounds(claimed, snapshot, prepared)
    journal.sending(
        claimed,
        step,
        request=prepared.shown,
        size=prepared.size,
        host=prepared.host,
        last_called=wanted.function.called_at,
    )
    return _Ready(wanted, prepared, snapshot)


def _within_bounds(claimed: Claimed, function: FunctionSnapshot, prepared: Prepared) -> None:
    run = claimed.row
    if claimed.calls_of(function) >= function.per_run:
        raise Refused("per_run", f"`{function.name}` may be called {function.per_run} times a run.")
    if prepared.host and (run.bytes_out + prepared.size > limits.BYTES_OUT or run.bytes_in > limits.BYTES_IN):
        raise Refused("too_much", "This run has sent or read as much as it may.")
    try:
        throttles.hit("agent_calls", str(run.payer_id))
    except RateLimited:
        raise Refused("rate_limited", "There were too many calls in this minute.") from None
    if function.per_day is not None and not _count_today(function.pk, function.per_day):
        raise Refused("per_day", f"`{function.name}` may be called {function.per_day} times a day.")


def _count_today(function_id: UUID, per_day: int) -> bool:
    today = timezone.now().date()
    days = AgentFunctionDay.objects.filter(function_id=function_id, day=today)
    AgentFunctionDay.objects.bulk_create([AgentFunctionDay(function_id=function_id, day=today)], ignore_conflicts=True)
    return bool(days.filter(calls__lt=per_day).update(calls=F("calls") + 1))


async def _send(claimed: Claimed, ready: _Ready, write: Write) -> Outcome:
    """Send until there is an answer, or the rule of the function says no more."""
    tries, in_doubt, prepared = 0, False, ready.prepared
    while True:
        answer = await prepared.send()
        tries += 1
        if answer.failure is None:
            return _good(claimed, ready, answer)
        step = verdict(
            ready.snapshot.repeat_kind,
            answer.failure,
            tries=tries,
            retry_after=answer.retry_after,
            in_doubt=in_doubt,
        )
        in_doubt = in_doubt or answer.failure == "lost"
        if step.action != "again":
            return _bad(claimed, ready, answer, step)
        await asyncio.sleep(step.wait)
        # With the time of now, and its signature.
        prepared = await write(callers.prepare, ready.wanted)


def _good(claimed: Claimed, ready: _Ready, answer: Answer) -> Outcome:
    text = answer.text or "(It answered without a text.)"
    return _outcome(ready, answer, state=StepState.DONE, result=prompting.clipped(claimed, text))


def _bad(claimed: Claimed, ready: _Ready, answer: Answer, step: Verdict) -> Outcome:
    sentence = answer.problem.sentence if answer.problem else "The call failed."
    if step.action == "unknown":
        return _outcome(ready, answer, state=StepState.UNKNOWN, result=journal.UNKNOWN, error=sentence)
    said = f"The call failed: {sentence}\n{answer.text}".strip()
    return _outcome(ready, answer, state=StepState.FAILED, result=prompting.clipped(claimed, said), error=sentence)


def _outcome(ready: _Ready, answer: Answer, *, state: str, result: str, error: str = "") -> Outcome:
    host = ready.prepared.host
    response = None
    if host:
        response = {
            "status": answer.status,
            "headers": dict(answer.headers),
            "body": _cut(answer.text),
            "is_cut": answer.is_cut,
            "bytes": answer.bytes,
            "seconds": round(answer.seconds, 3),
        }
    return Outcome(
        state=state,
        result=_clean(result),
        error=_clean(error),
        response=json.loads(_clean(json.dumps(response, default=str)).replace("\\u0000", "")) if response else None,
        status_code=answer.status,
        size=answer.bytes,
        host=host if answer.text else "",
        reads_private=ready.snapshot.reads_private,
    )


def _switch_off(row: AgentFunction) -> None:
    AgentFunction.objects.filter(pk=row.pk).update(is_enabled=False, problem=_SWITCHED_OFF)


def _cut_off(ready: _Ready) -> Outcome:
    """What is known of a call that was cancelled while it was under way."""
    if ready.snapshot.repeat_kind == "always":
        return Outcome(state=StepState.FAILED, result=_STOPPED, error=_STOPPED)
    return Outcome(state=StepState.UNKNOWN, result=journal.UNKNOWN, error=_STOPPED)


def _cut(text: str) -> str:
    data = text.encode("utf-8", "replace")[: limits.KEPT_RESPONSE_BYTES]
    return data.decode("utf-8", "ignore")


def _clean(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _count(ready: _Ready, outcome: Outcome) -> None:
    metrics.CALLS.labels(ready.wanted.function.function_type, outcome.state).inc()
    if outcome.state == StepState.UNKNOWN:
        metrics.UNKNOWN_CALLS.inc()
