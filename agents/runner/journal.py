"""The transactions of a run. Each one begins with its row, so that who has lost it writes nothing, and each is
committed before what it announces is done.

Rows are locked in the order run → step → approval → hold → quota, everywhere.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.db.models import F
from django.db.models import Q
from django.utils import timezone

from agents import events
from agents import limits
from agents import metrics
from agents.models import AgentApproval
from agents.models import AgentFunction
from agents.models import AgentRun
from agents.models import AgentStep
from agents.models import AgentSubscription
from agents.runner.answering import Answer
from agents.runner.claimed import Claimed
from agents.runner.claimed import RunLost
from agents.services import histories
from agents.services import run_events
from agents.services import runs
from billing import metering
from core.jobs import claims

logger = logging.getLogger(__name__)

State = AgentRun.State
StepState = AgentStep.State
UNKNOWN = "It is not known whether this was done. Do not do it again; say so."
LOST = "The call was lost."


# Claiming -------------------------------------------------------------------------------------------------------------


def due(room: int, *, only: UUID | None = None) -> list[UUID]:
    """Runs that may be claimed, oldest first: queued ones, and those whose process is silent."""
    now = timezone.now()
    free = Q(state=State.QUEUED) & (Q(due_at=None) | Q(due_at__lte=now))
    waiting = AgentRun.objects.filter(free | claims.lapsed(now)).order_by("id")
    if only is not None:
        waiting = waiting.filter(pk=only)
    columns = ("pk", "payer_id", "conversation_id", "state", "subscription_id")
    rows: list[tuple[Any, ...]] = list(waiting.values_list(*columns)[: 4 * room])
    if not rows:
        return []
    payers = _running("payer_id", {row[1] for row in rows})
    conversations = _running("conversation_id", {row[2] for row in rows if row[2] is not None})
    busy = set(_running("subscription_id", {row[4] for row in rows if row[4] is not None}))
    chosen = []
    for pk, payer, place, state, subscription in rows:
        if state == State.QUEUED:
            if payers.get(payer, 0) >= limits.RUNS_OF_A_PAYER:
                continue
            if place is not None and conversations.get(place, 0) >= limits.RUNS_OF_A_CONVERSATION:
                continue
            if subscription in busy:
                continue
            if subscription is not None:
                busy.add(subscription)
            payers[payer] = payers.get(payer, 0) + 1
            conversations[place] = conversations.get(place, 0) + 1
        chosen.append(pk)
    return chosen[:room]


def _running(field: str, values: set[Any]) -> dict[Any, int]:
    running = AgentRun.objects.filter(**{f"{field}__in": values}, state=State.RUNNING)
    return dict(running.values_list(field).annotate(count=Count("pk")))


def claim(run_id: UUID) -> Claimed | None:
    """Take a run, if it is free; None when it is not."""
    before = AgentRun.objects.filter(pk=run_id).only(
        "fence", "state", "seconds_used", "running_since", "lease_until", "started_at", "subscription_id"
    )
    found = before.first()
    if found is None:
        return None
    now = timezone.now()
    free = AgentRun.objects.filter(Q(state=State.QUEUED) | claims.lapsed(now), fence=found.fence)
    with transaction.atomic():
        if found.subscription_id is not None and _is_taken(found.pk, found.subscription_id):
            return None
        row = claims.claim(
            free,
            run_id,
            lease=limits.LEASE,
            state=State.RUNNING,
            attempts=F("attempts") + 1,
            seconds_used=found.seconds_used + seconds_of(found),
            running_since=now,
            due_at=None,
            started_at=found.started_at or now,
        )
    if row is None:
        return None
    if found.state == State.RUNNING:
        metrics.RESUMED.inc()
    steps = list(AgentStep.objects.filter(run_id=run_id).order_by("n"))
    approved = AgentApproval.objects.filter(step__run_id=run_id, state=AgentApproval.State.APPROVED) if steps else ()
    claimed = Claimed(row, steps, frozenset(approval.step_id for approval in approved))
    if row.trigger == AgentRun.Trigger.MESSAGE and (place := histories.place_of(row)) is not None:
        claimed.place, claimed.answer = place, Answer(row, claimed.steps, place)
    recover(claimed)
    return claimed


def _is_taken(run_id: UUID, subscription_id: UUID) -> bool:
    """Whether its agent answers somebody else there: one after the other. Locks the subscription."""
    AgentSubscription.objects.select_for_update().filter(pk=subscription_id).first()
    others = AgentRun.objects.filter(subscription_id=subscription_id, state=State.RUNNING)
    return others.exclude(pk=run_id).exists()


def seconds_of(row: AgentRun) -> float:
    """For how long its process has run it, as far as the rows know."""
    if row.running_since is None or row.lease_until is None:
        return 0.0
    return max(0.0, (min(row.lease_until, timezone.now()) - row.running_since).total_seconds())


def recover(claimed: Claimed) -> None:
    """Judge what a process that is gone has left in the middle."""
    left = [step for step in claimed.steps if step.state in (StepState.OPEN, StepState.SENDING)]
    if not left:
        return
    with writing(claimed):
        for step in left:
            if step.kind == AgentStep.Kind.MODEL:
                _break_off(claimed, step)
            else:
                _judge(claimed, step)


def _break_off(claimed: Claimed, step: AgentStep, error: str = "interrupted") -> None:
    """The answer was lost on its way: what was used of its hold is paid."""
    booked = metering.settle_at_progress(step.hold_key)
    step.state, step.error, step.finished_at = StepState.BROKEN, error, timezone.now()
    if booked is not None:
        step.prompt_tokens += booked.prompt_tokens
        step.completion_tokens += booked.completion_tokens
        row = claimed.row
        row.prompt_tokens += booked.prompt_tokens
        row.completion_tokens += booked.completion_tokens
        row.estimated = True
        if booked.cost is not None:
            row.cost = (row.cost or 0) + booked.cost
        row.save(update_fields=["prompt_tokens", "completion_tokens", "estimated", "cost"])
    step.save(update_fields=["state", "error", "finished_at", "prompt_tokens", "completion_tokens"])


def _judge(claimed: Claimed, step: AgentStep, *, final: bool = False) -> None:
    """A call that may have left the house: made again only where that does no harm, and the run is not over."""
    function = claimed.function(step)
    kind = function.repeat_kind if function is not None else "never"
    if kind != "never" and step.attempt < limits.LOST_ATTEMPTS and not final:
        step.state = StepState.PLANNED
        step.save(update_fields=["state"])
        return
    step.state, step.finished_at = (StepState.FAILED if kind == "always" else StepState.UNKNOWN), timezone.now()
    step.result = LOST if kind == "always" else UNKNOWN
    step.save(update_fields=["state", "finished_at", "result"])
    if step.state == StepState.UNKNOWN:
        metrics.UNKNOWN_CALLS.inc()


@contextmanager
def writing(claimed: Claimed, **changes: Any) -> Iterator[None]:
    """A transaction of who holds the run, with ``changes`` of its row. Raises RunLost."""
    with transaction.atomic():
        if not claims.extend(claimed.row, lease=limits.LEASE, **changes):
            raise RunLost
        yield
    for name, value in changes.items():
        setattr(claimed.row, name, value)


# A call -------------------------------------------------------------------------------------------------------------


def sending(
    claimed: Claimed,
    step: AgentStep,
    *,
    request: dict[str, Any] | None,
    size: int,
    host: str,
    last_called: datetime | None = None,
) -> None:
    """From here on it may have happened. ``last_called`` is when its function was, as far as is known."""
    row = claimed.row
    with writing(claimed, calls=row.calls + (step.attempt == 0), bytes_out=row.bytes_out + size):
        step.state, step.attempt, step.request, step.started_at = (
            StepState.SENDING,
            step.attempt + 1,
            request,
            timezone.now(),
        )
        step.save(update_fields=["state", "attempt", "request", "started_at"])
    if last_called is None or last_called < step.started_at - limits.CALLED_AT_ROUGHLY:
        _note_called(step)  # by itself: who takes a function away locks it before its agent's runs
    logger.debug("A call leaves", extra={"step_id": str(step.pk), "host": host})


def _note_called(step: AgentStep) -> None:
    """When it was last called, to a few seconds: a row that many runs write would have them wait for each other."""
    if step.function_id is None:
        return
    now = step.started_at
    before = Q(called_at=None) | Q(called_at__lt=now - limits.CALLED_AT_ROUGHLY)
    AgentFunction.objects.filter(before, pk=step.function_id).update(called_at=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a call ended. ``host`` is where its answer came from, empty when none came or it never left."""

    state: str
    result: str
    error: str = ""
    response: dict[str, Any] | None = None
    request: dict[str, Any] | None = None
    status_code: int | None = None
    size: int = 0
    host: str = ""
    reads_private: bool = False
    counts: bool = False
    """As a call, though it was not sent."""


def answered(claimed: Claimed, step: AgentStep, outcome: Outcome) -> None:
    """What came of a call."""
    row = claimed.row
    outside = list(row.touched_outside)
    if outcome.host and outcome.host not in outside:
        outside.append(outcome.host)
    changes = {
        "bytes_in": row.bytes_in + outcome.size,
        "touched_outside": outside,
        "touched_private": row.touched_private or outcome.reads_private,
        "calls": row.calls + (outcome.counts and step.attempt == 0),
    }
    with writing(claimed, **changes):
        step.state, step.result, step.error = outcome.state, outcome.result, outcome.error[:500]
        step.response, step.status_code, step.finished_at = outcome.response, outcome.status_code, timezone.now()
        step.request = outcome.request or step.request
        step.save(update_fields=["state", "result", "error", "response", "request", "status_code", "finished_at"])


# People -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody is to be asked whether a call may be made."""

    step: AgentStep
    asked_of: UUID
    why: str
    request: dict[str, Any] | None


def ask(claimed: Claimed, wanted: Sequence[Ask]) -> None:
    """Mark calls as to be decided; the run goes on with what stands before them, then waits."""
    expires = timezone.now() + limits.APPROVAL_TIME
    asked: list[AgentApproval] = []
    with writing(claimed):
        for one in wanted:
            one.step.state, one.step.request = StepState.ASKING, one.request
            one.step.save(update_fields=["state", "request"])
            approval, _created = AgentApproval.objects.update_or_create(
                step=one.step,
                defaults={
                    "asked_of_id": one.asked_of,
                    "why": one.why,
                    "arguments_hash": one.step.arguments_hash,
                    "state": AgentApproval.State.WAITING,
                    "expires_at": expires,
                },
            )
            approval.step = one.step
            asked.append(approval)
        run_events.publish_asked(claimed.row, asked)


def wait(claimed: Claimed) -> bool:
    """Let go of the run until somebody has decided; False when that happened meanwhile, and it goes on."""
    with transaction.atomic():
        if not claims.release(claimed.row, **_let_go(claimed), state=State.WAITING):
            raise RunLost
        waiting = AgentApproval.objects.filter(step__run_id=claimed.pk, state=AgentApproval.State.WAITING)
        if waiting.exists():
            return True
        AgentRun.objects.filter(pk=claimed.pk).update(state=State.QUEUED)
        return False


# The end ------------------------------------------------------------------------------------------------------------


def release(claimed: Claimed, *, due_at: datetime | None = None) -> None:
    """Let another process go on with the run, at once."""
    claims.release(claimed.row, **_let_go(claimed), state=State.QUEUED, due_at=due_at)


def end(claimed: Claimed, state: str, reason: str = "", error: dict[str, Any] | None = None) -> None:
    """The run is over."""
    with claimed.ending_answer(), transaction.atomic():
        over = finish_row(claimed, state, reason, error)
        for step in claimed.calls:
            if step.state == StepState.SENDING:
                _judge(claimed, step, final=True)
        runs.close_steps(claimed.pk)
        if claimed.answer is not None:
            claimed.answer.finish(state, reason, over)
        run_events.publish_ended(over)
    ended(claimed, state, reason)


def finish_row(
    claimed: Claimed, state: str, reason: str, error: dict[str, Any] | None = None, **changes: Any
) -> AgentRun:
    """The run's own row, in the caller's transaction; :func:`ended` comes behind it. Raises RunLost."""
    changes |= _let_go(claimed) | {"state": state, "reason": reason, "error": error, "finished_at": timezone.now()}
    if not claims.release(claimed.row, **changes):
        raise RunLost
    now_over = copy.copy(claimed.row)
    for name, value in changes.items():
        setattr(now_over, name, value)
    events.run_ended.send(AgentRun, run=now_over)
    return now_over


def ended(claimed: Claimed, state: str, reason: str) -> None:
    """It is so, and this process has nothing more to do with it."""
    claimed.row.state, claimed.row.reason, claimed.row.finished_at = state, reason, timezone.now()
    metrics.RUNS.labels(state, reason or "none").inc()


def _let_go(claimed: Claimed) -> dict[str, Any]:
    return {"seconds_used": claimed.row.seconds_used + seconds_since(claimed), "running_since": None}


def seconds_since(claimed: Claimed) -> float:
    """Since this process has claimed it."""
    since = claimed.row.running_since
    return (timezone.now() - since).total_seconds() if since is not None else 0.0
