"""Runs as those see them who asked or paid, and as the agent's owner does: figures, without others' texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from accounts.models import User
from agents import access
from agents.models import AgentApproval
from agents.models import AgentRun
from agents.models import AgentStep
from agents.shapes import ApprovalShape
from agents.shapes import LimitsShape
from agents.shapes import RunDetail
from agents.shapes import RunShape
from agents.shapes import StepShape
from agents.shapes import WantedCallShape
from messenger.presentation.people import person

_LIMITS = ("max_steps", "max_calls", "max_seconds", "run_tokens", "history_tokens")


def many(actor: User, runs: Sequence[AgentRun]) -> list[RunShape]:
    """In the given order; no query, when their people came along."""
    return [RunShape(**_run(actor, run)) for run in runs]


def one(actor: User, run: AgentRun) -> RunShape:
    """Without its steps."""
    return RunShape(**_run(actor, run))


def detail(actor: User, run: AgentRun) -> RunDetail:
    """With its steps; two queries beside the run's own."""
    steps = list(run.trace.order_by("n"))
    reads = access.may_read_texts(actor, run)
    approvals = approvals_of(run.pk)
    answers = [step for step in steps if step.kind == AgentStep.Kind.MODEL and step.text]
    return RunDetail(
        **_run(actor, run),
        text=answers[-1].text if answers and reads else None,
        trace=[step_shape(step, approvals.get(step.pk), reads=reads) for step in steps],
    )


def approvals_of(run_id: UUID) -> dict[UUID, AgentApproval]:
    """What people were asked about a run, by step."""
    rows = AgentApproval.objects.filter(step__run_id=run_id).select_related("asked_of")
    return {row.step_id: row for row in rows}


def limits_of(run: AgentRun) -> LimitsShape:
    """Its bounds, without what it was continued with; zeros where its texts were erased."""
    return LimitsShape(**{name: run.snapshot.get(name, 0) for name in _LIMITS})


def step_shape(step: AgentStep, approval: AgentApproval | None, *, reads: bool = True) -> StepShape:
    """One step."""
    return StepShape(
        id=step.pk,
        n=step.n,
        kind=step.kind,
        state=step.state,
        attempt=step.attempt,
        is_closing=step.is_closing,
        text=step.text if reads else None,
        calls=[WantedCallShape(**call) for call in step.calls] if reads else [],
        function_id=step.function_id,
        name=step.name,
        call_id=step.call_id,
        arguments=step.arguments if reads else None,
        arguments_hash=step.arguments_hash,
        effect=step.effect or None,
        request=step.request if reads else None,
        response=step.response if reads else None,
        status_code=step.status_code,
        result=step.result if reads else None,
        error=step.error if reads else None,
        prompt_tokens=step.prompt_tokens,
        completion_tokens=step.completion_tokens,
        started_at=step.started_at,
        finished_at=step.finished_at,
        approval=approval_shape(step, approval) if approval is not None and reads else None,
    )


def approval_shape(step: AgentStep, approval: AgentApproval) -> ApprovalShape:
    """What a person is asked, byte for byte."""
    request = step.request or {}
    return ApprovalShape(
        id=approval.pk,
        run_id=step.run_id,
        step_id=step.pk,
        n=step.n,
        name=step.name,
        host=_host(request),
        arguments=step.arguments,
        arguments_hash=approval.arguments_hash,
        request=step.request,
        why=approval.why,
        asked_of=person(approval.asked_of),
        state=approval.state,
        expires_at=approval.expires_at,
        decided_at=approval.decided_at,
    )


def _host(request: dict[str, Any]) -> str | None:
    from_url = str(request.get("url", "")).partition("://")[2].partition("/")[0]
    return from_url or None


def _run(actor: User, run: AgentRun) -> dict[str, Any]:
    limits = limits_of(run)
    return {
        "id": run.pk,
        "agent_id": run.agent_id,
        "template": run.template or None,
        "version": run.version,
        "model": run.snapshot.get("model", ""),
        "trigger": run.trigger,
        "is_dry": run.is_dry,
        "state": run.state,
        "is_stopping": run.is_live and run.stop_requested,
        "reason": (run.reason or None) if not run.is_live else None,
        "error": run.error,
        "prompt": run.prompt if access.may_read_texts(actor, run) else None,
        "conversation_id": run.conversation_id,
        "asker": person(run.asker) if run.asker is not None else None,
        "payer": person(run.payer) if run.payer is not None else None,
        "hop": run.hop,
        "limits": limits,
        "at_most": limits.run_tokens * run.budgets,
        "steps": run.steps,
        "calls": run.calls,
        "prompt_tokens": run.prompt_tokens,
        "completion_tokens": run.completion_tokens,
        "total_tokens": run.prompt_tokens + run.completion_tokens,
        "estimated": run.estimated,
        "seconds": round(run.seconds_used, 3),
        "answer_message_ids": run.answer_message_ids,
        "created_at": run.created_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
    }
