"""Answers of the model: one hold and one settlement each, and what it wants to call planned in the same transaction."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db import transaction
from django.utils import timezone

from agents import limits
from agents import metrics
from agents.models import AgentRun
from agents.models import AgentStep
from agents.runner import journal
from agents.runner import planning
from agents.runner import prompting
from agents.runner.claimed import Claimed
from agents.runner.claimed import RunLost
from agents.runner.deciding import End
from agents.services import allowances
from agents.services import run_events
from billing import metering
from core import llm
from core.errors import DomainError
from core.jobs import claims
from core.llm import prices
from core.llm.base import person_id
from core.llm.generation import AnswerOutcome
from core.llm.generation import AnswerProgress
from core.llm.generation import Attempt
from core.llm.generation import Engines
from core.llm.generation import Generated
from core.llm.generation import Heartbeat
from core.llm.generation import Interrupted
from core.llm.generation import Snapshot
from core.sql import identity

logger = logging.getLogger(__name__)

FEATURE = "agents"
STREAM_PREFIX = "step"
LOST = "lost"
State = AgentRun.State
StepState = AgentStep.State
PASSING = (
    llm.errors.ProviderUnavailable,
    llm.errors.ProviderRateLimited,
    llm.errors.ProviderSilent,
    llm.errors.StreamCut,
    llm.errors.MalformedCall,
    Interrupted,
)
"""What the same question may not meet again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAttempt(Attempt):
    """One attempt at one answer of a run; ``closing`` is the bound for which it is the last one."""

    claimed: Claimed = field(repr=False, compare=False)
    step: AgentStep = field(repr=False, compare=False)
    hold_key: str
    prompt_tokens: int
    closing: str
    asked_on: date


# Before ---------------------------------------------------------------------------------------------------------------


def begin(claimed: Claimed, closing: str) -> ModelAttempt | End:
    """Write the next step, or the next attempt of the last one, with its hold.

    Raises RunLost, and MeteringUnavailable when the ledger cannot be written.
    """
    given = allowances.left_of_owner(claimed.row)
    if given is not None and given < limits.LEAST_TOKENS:
        return End(State.LIMITED, AgentRun.Reason.OWNER_BUDGET)
    wanted = _fitted(claimed, closing)
    if isinstance(wanted, End):
        return wanted
    prompt, closing, max_tokens = wanted
    if given is not None:
        max_tokens = min(max_tokens, given - metering.for_prompt(prompt.tokens))
        if max_tokens < limits.LEAST_TOKENS:
            return End(State.LIMITED, AgentRun.Reason.OWNER_BUDGET)
    again = claimed.last if claimed.last is not None and claimed.last.state == StepState.BROKEN else None
    step = again or AgentStep(run=claimed.row, n=len(claimed.steps) + 1, kind=AgentStep.Kind.MODEL, attempt=0)
    step.state, step.attempt, step.text, step.error = StepState.OPEN, step.attempt + 1, "", ""
    step.is_closing, step.started_at, step.finished_at = bool(closing), timezone.now(), None
    step.hold_key = f"agent:{claimed.pk}:{step.n}:{step.attempt}"
    row = claimed.row
    try:
        with journal.writing(claimed, steps=row.steps + (again is None), reason=closing):
            step.save(force_insert=again is None, update_fields=None if again is None else _BEGUN)
            hold = _hold(claimed, step, prompt.tokens, max_tokens)
    except metering.TokenLimitExceeded as error:
        return _without_tokens(claimed, step, again, error)
    if again is None:
        claimed.steps.append(step)
    return ModelAttempt(
        answer_id=step.pk,
        number=step.attempt,
        model=claimed.model,
        prompt=prompt.messages,
        max_tokens=hold.max_tokens,
        temperature=claimed.snapshot.temperature,
        person=person_id(row.asker_id) if row.asker_id else "",
        thread=str(row.pk),
        tools=claimed.snapshot.tools,
        tool_choice="none" if closing or claimed.calls_left <= 0 or claimed.steps_left < 1 else "auto",
        claimed=claimed,
        step=step,
        hold_key=step.hold_key,
        prompt_tokens=prompt.tokens,
        closing=closing,
        asked_on=llm.catalogue.today(),
    )


_BEGUN = ["state", "attempt", "text", "error", "is_closing", "started_at", "finished_at", "hold_key"]


def _fitted(claimed: Claimed, closing: str) -> tuple[prompting.Prompt, str, int] | End:
    """The prompt and the length of the answer, within the run's tokens; there stays room to end in words."""
    most = min(claimed.snapshot.max_tokens, claimed.model.max_output_tokens)
    window = min(claimed.model.context_window - most, claimed.model.max_input or claimed.model.context_window)
    left = claimed.tokens_left
    ending = limits.CLOSING_TOKENS + 2 * limits.LEAST_TOKENS
    if claimed.snapshot.tools and not closing:
        # Half of what is left, so that one more answer fits behind this one.
        prompt = prompting.compose(claimed, closing="", most=min(window, (left - ending) * 10 // 22))
        reserve = metering.for_prompt(prompt.tokens)
        if left - 2 * reserve >= ending:
            return prompt, "", min(most, left - 2 * reserve - limits.CLOSING_TOKENS)
        closing = AgentRun.Reason.TOKENS
    allowed = min(window, (left - limits.LEAST_TOKENS) * 10 // 11)
    prompt = prompting.compose(claimed, closing=closing, most=allowed)
    room = left - metering.for_prompt(prompt.tokens)
    if room < limits.LEAST_TOKENS:
        return End(State.LIMITED, AgentRun.Reason.TOKENS)
    return prompt, closing, min(most, room)


def _hold(claimed: Claimed, step: AgentStep, prompt_tokens: int, max_tokens: int) -> metering.Hold:
    row = claimed.row
    if row.payer_id is None:
        raise RunLost
    return metering.hold(
        row.payer_id,
        key=step.hold_key,
        prompt_tokens=prompt_tokens,
        max_tokens=max_tokens,
        feature=FEATURE,
        reference=str(row.pk),
        model=claimed.model.id,
        cost=_dearest(claimed.model, prompt_tokens, max_tokens),
        savepoint=False,
    )


def _dearest(model: llm.Model, prompt_tokens: int, max_tokens: int) -> Decimal | None:
    """Dollars, when all of the room is used and nothing comes from the cache; the price of the demo is for show."""
    read = metering.for_prompt(prompt_tokens)
    usage = llm.Usage(read, max_tokens, cache_write_tokens=read)
    return None if model.is_demo else prices.cost(usage, model, llm.catalogue.today())


def _without_tokens(
    claimed: Claimed, step: AgentStep, again: AgentStep | None, error: metering.TokenLimitExceeded
) -> End:
    """The payer has none left. Nothing more is said, as that would cost, too."""
    if again is not None:
        step.state = StepState.BROKEN
    mine = claimed.row.payer_id == claimed.row.asker_id
    reason = AgentRun.Reason.PAYER_TOKENS if mine else AgentRun.Reason.OWNER_BUDGET
    return End(State.LIMITED, reason, error.body() if mine else None)


# While it is written, and after ------------------------------------------------------------------------------------


class ModelSteps:
    """Steps of runs as an :class:`core.llm.generation.AnswerStore`."""

    stream_prefix = STREAM_PREFIX

    def checkpoint(
        self, grown: Sequence[AnswerProgress[ModelAttempt]], *, running: Sequence[ModelAttempt], renew_lease: bool
    ) -> Mapping[UUID, Heartbeat]:
        """Keep text and progress; the leases are the runs' own, which their runner renews."""
        counts = {item.attempt.answer_id: item.counted + _seen(item) for item in grown}
        news = [metering.HoldProgress(item.attempt.hold_key, *_so_far(item, counts)) for item in grown]
        if renew_lease:
            known = {item.key for item in news}
            news += [metering.HoldProgress(one.hold_key, 0, 0) for one in running if one.hold_key not in known]
        with transaction.atomic():
            _store(grown)
            if news:
                metering.record_progress(news)
        fences = {attempt.claimed.pk: attempt.claimed.row.fence for attempt in running}
        rows = AgentRun.objects.filter(pk__in=fences, lease_until__isnull=False).values_list("pk", "fence")
        alive = {pk for pk, fence in rows if fences[pk] == fence}
        return {
            attempt.answer_id: Heartbeat(counts.get(attempt.answer_id, -1), stop_requested=False)
            for attempt in running
            if attempt.claimed.pk in alive
        }

    def finish(self, attempt: ModelAttempt, generated: Generated) -> AnswerOutcome:
        """End a step, settle it and plan its calls; where the run goes on elsewhere, nothing is written."""
        try:
            return _finish(attempt, generated)
        except RunLost:
            return AnswerOutcome(LOST, "", 0, 0, estimated=True)

    def snapshots(self, answer_ids: Iterable[UUID]) -> Mapping[UUID, Snapshot]:
        """The steps as they are now."""
        return {step.pk: snapshot(step) for step in AgentStep.objects.filter(pk__in=list(answer_ids))}

    async def ended(self, attempt: ModelAttempt, outcome: AnswerOutcome) -> None:
        """The run's own task waits for this."""


engines: Engines[ModelAttempt] = Engines(ModelSteps())
"""One in each event loop."""


def snapshot(step: AgentStep) -> Snapshot:
    """A row as the engine reads it."""
    outcome = None
    if step.state != StepState.OPEN:
        outcome = AnswerOutcome(step.state, "", step.prompt_tokens, step.completion_tokens, estimated=False)
    return Snapshot(step.attempt, step.text, outcome)


_CHECKPOINT = """
UPDATE agent_steps SET text = news.column3
FROM (VALUES {rows}) AS news
WHERE agent_steps.id = news.column1 AND agent_steps.attempt = news.column2 AND agent_steps.state = 'open'
  AND EXISTS (SELECT 1 FROM agent_runs r WHERE r.id = agent_steps.run_id AND r.fence = news.column4)
"""


def _store(grown: Sequence[AnswerProgress[ModelAttempt]]) -> None:
    if not grown:
        return
    row = "(%s::uuid, %s, %s, %s::bigint)" if connection.vendor == "postgresql" else "(%s, %s, %s, %s)"
    parameters: list[Any] = []
    for item in grown:
        attempt = item.attempt
        parameters += [identity(attempt.answer_id), attempt.number, item.text, attempt.claimed.row.fence]
    with connection.cursor() as cursor:
        cursor.execute(_CHECKPOINT.format(rows=", ".join([row] * len(grown))), parameters)


def _seen(item: AnswerProgress[ModelAttempt]) -> int:
    model = item.attempt.model
    return sum(llm.tokens.count_text(text, model) for text in (item.fresh, item.fresh_thought) if text)


def _so_far(item: AnswerProgress[ModelAttempt], counts: Mapping[UUID, int]) -> tuple[int, int]:
    prompt = item.attempt.prompt_tokens if item.responded else 0
    return prompt, min(counts[item.attempt.answer_id], item.attempt.max_tokens)


def _finish(attempt: ModelAttempt, generated: Generated) -> AnswerOutcome:
    claimed, step, row = attempt.claimed, attempt.step, attempt.claimed.row
    usage = generated.usage or _counted(attempt, generated)
    charge = prices.charge(generated.unpaid or usage, attempt.model, attempt.asked_on)
    end = _end_of(attempt, generated)
    text = generated.text
    if end.state in (State.COMPLETE, State.LIMITED) and attempt.closing and not text.strip():
        text = prompting.said(claimed, attempt.closing)
    planned: list[AgentStep] = []
    if end.step == StepState.DONE and not end.state:
        planned = planning.planned(claimed, step, generated.tool_calls)
    changes: dict[str, Any] = {
        "prompt_tokens": row.prompt_tokens + usage.prompt_tokens,
        "completion_tokens": row.completion_tokens + usage.completion_tokens,
        "estimated": row.estimated or generated.usage is None,
        "cost": row.cost if charge.cost is None or generated.unpaid else (row.cost or Decimal(0)) + charge.cost,
        "calls": row.calls + sum(one.state == StepState.FAILED for one in planned),
    }
    values: dict[str, Any] = {
        "state": end.step,
        "text": text,
        "error": end.code,
        "calls": planning.stored(generated.tool_calls) if planned else [],
        "state_for_model": _kept(generated.state) if planned else None,
        "prompt_tokens": step.prompt_tokens + usage.prompt_tokens,
        "completion_tokens": step.completion_tokens + usage.completion_tokens,
        "finished_at": timezone.now(),
    }
    source: metering.Source = "local" if generated.usage is None else "provider"
    over: AgentRun | None = None
    last = (step, text if end.step == StepState.DONE else "")
    with claimed.ending_answer(last, ends=bool(end.state)), transaction.atomic():
        if end.state:
            over = journal.finish_row(claimed, end.state, end.reason, end.error, **changes)
        elif not claims.extend(row, lease=limits.LEASE, **changes):
            raise RunLost
        AgentStep.objects.filter(pk=step.pk).update(**values)
        AgentStep.objects.bulk_create(planned)
        if over is not None and claimed.answer is not None:
            claimed.answer.finish(end.state, end.reason, over, last)
        if not metering.settle(attempt.hold_key, usage=usage, charge=charge, source=source, savepoint=False):
            # The sweeper has charged it at its progress: whoever claims the run next books that.
            raise RunLost
        if over is not None:
            run_events.publish_ended(over)
    for name, value in changes.items():
        setattr(row, name, value)
    for name, value in values.items():
        setattr(step, name, value)
    claimed.steps += planned
    metrics.STEP_SECONDS.labels("model").observe((timezone.now() - step.started_at).total_seconds())
    if end.state:
        journal.ended(claimed, end.state, end.reason)
    return AnswerOutcome(
        end.step, generated.ending.finish_reason, usage.prompt_tokens, usage.completion_tokens, generated.usage is None
    )


@dataclass(frozen=True, slots=True)
class _EndOf:
    """What an attempt's end means: for its step, and for the run where it ends, too."""

    step: str
    state: str = ""
    reason: str = ""
    code: str = ""
    error: dict[str, Any] | None = None


def _end_of(attempt: ModelAttempt, generated: Generated) -> _EndOf:
    ending, claimed = generated.ending, attempt.claimed
    if ending.status == "stopped":
        state, reason = claimed.ending or (State.STOPPED, AgentRun.Reason.ASKED)
        return _EndOf(StepState.DONE, state, reason)
    if ending.error is None or isinstance(ending.error, llm.errors.EmptyAnswer):
        if attempt.closing:
            return _EndOf(StepState.DONE, State.LIMITED, attempt.closing)
        wants_calls = bool(generated.tool_calls) and attempt.tool_choice != "none"
        return _EndOf(StepState.DONE) if wants_calls else _EndOf(StepState.DONE, State.COMPLETE)
    return _broken(attempt, ending.error)


def _broken(attempt: ModelAttempt, error: DomainError) -> _EndOf:
    if isinstance(error, Interrupted) and attempt.number < limits.LOST_ATTEMPTS:
        return _EndOf(StepState.BROKEN, code=error.code)
    if isinstance(error, PASSING) and attempt.number < limits.MODEL_ATTEMPTS:
        return _EndOf(StepState.BROKEN, code=error.code)
    reason = AgentRun.Reason.MODEL_UNAVAILABLE
    return _EndOf(StepState.BROKEN, State.FAILED, reason, error.code, error.body())


def _counted(attempt: ModelAttempt, generated: Generated) -> llm.Usage:
    """Where the provider counts nothing, we do; without any response nothing was used."""
    if not generated.responded:
        return llm.Usage(0, 0)
    written = [generated.text, generated.thought, *(f"{call.name}{call.arguments}" for call in generated.tool_calls)]
    count = sum(llm.tokens.count_text(text, attempt.model) for text in written if text)
    return llm.Usage(attempt.prompt_tokens, min(count, attempt.max_tokens))


def _kept(state: llm.State | None) -> dict[str, str] | None:
    if state is None:
        return None
    items = state.items.decode("utf-8", "replace").replace("\\u0000", "")
    return {"protocol": state.protocol, "provider": state.provider, "model": state.model, "items": items}
