"""Runs before they run: begun, once for a client's id; stopped; continued. What they do is in :mod:`agents.runner`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from agents import access
from agents import events
from agents import limits
from agents.errors import AgentInactive
from agents.errors import RunOver
from agents.models import Agent
from agents.models import AgentApproval
from agents.models import AgentRun
from agents.models import AgentRunQuerySet
from agents.models import AgentStep
from agents.models.runs import LIVE
from agents.services import choosing
from agents.services import notifying
from agents.services import run_events
from agents.services import snapshots
from billing import metering
from core import llm
from core.errors import IdempotencyMismatch
from core.errors import NotFound

State = AgentRun.State
CONTINUABLE = ("steps", "calls", "seconds", "tokens", "repeats", "arguments", "payer_tokens", "owner_budget")


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks an agent; ``history`` has what was said before as ``{"role", "content"}``.

    ``draft`` asks what is not published yet, and ``really_call`` (None: not the console) whether calls leave.
    ``template`` is what is tried, where no agent is asked.
    """

    text: str
    history: Sequence[dict[str, str]] = ()
    draft: bool = False
    really_call: bool | None = None
    template: str = ""

    @property
    def is_of_the_console(self) -> bool:
        return self.draft or self.really_call is not None

    @property
    def fingerprint(self) -> str:
        asked = [self.text, list(self.history), self.draft, self.really_call, self.template]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def begin(actor: User, agent_id: UUID, question: Question, *, client_id: str | None = None) -> AgentRun:
    """A new run, ``queued``; of a repeated ``client_id`` the first one, which is charged once.

    Raises NotFound, IdempotencyMismatch, AgentInactive, UpgradeRequired, TokenLimitExceeded, ModelWithoutTools and the
    errors of :mod:`core.llm.errors` for a model that cannot be asked.
    """
    agent = access.open_to(actor, agent_id)
    if client_id and (known := repeated(actor, agent.pk, client_id, question)):
        return known
    if question.draft and agent.owner_id != actor.pk:
        raise NotFound
    payer_id = check(agent, actor, console=question.is_of_the_console)
    snapshot = snapshots.take(agent, asker_id=actor.pk, draft=question.draft)
    require_model(snapshot, payer_id)
    run = AgentRun(
        agent=agent,
        version=agent.version,
        snapshot=snapshot.stored(),
        trigger=AgentRun.Trigger.CONSOLE if question.is_of_the_console else AgentRun.Trigger.API,
        is_dry=question.is_of_the_console and not question.really_call,
        asker=actor,
        payer_id=payer_id,
    )
    return store(run, question, client_id=client_id)


def store(run: AgentRun, question: Question, *, client_id: str | None) -> AgentRun:
    """Keep a new run with what was asked; where somebody sent the same at the same moment, theirs.

    Raises IdempotencyMismatch.
    """
    run.client_id, run.fingerprint = client_id or None, question.fingerprint
    run.prompt, run.history = question.text, list(question.history)
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError:
        known = None
        if client_id and run.asker is not None:
            known = repeated(run.asker, run.agent_id, client_id, question)
        if known is None:
            raise
        return known
    return run


def check(agent: Agent, asker: User, *, console: bool = False) -> UUID:
    """Refuse at once what would end before its first word; returns who pays.

    Raises AgentInactive, UpgradeRequired, TokenLimitExceeded.
    """
    _require_active(agent, asker, console=console)
    payer_id = payer_of(agent, asker.pk)
    if payer_id == asker.pk:
        require_tokens(payer_id)
    return payer_id


def payer_of(agent: Agent, asker_id: UUID) -> UUID:
    """Who pays when this person asks."""
    return agent.owner_id if agent.payer == Agent.Payer.OWNER else asker_id


def require_model(snapshot: snapshots.Snapshot, payer_id: UUID) -> llm.Model:
    """The model, when it can be asked, calls functions, and is in the payer's plan."""
    model = choosing.require(snapshot.model)
    metering.require_tier(payer_id, model.min_tier)
    return model


def is_active(agent: Agent) -> bool:
    """Whether it answers at all: its owner's plan has agents, and nobody has switched it off."""
    switched_on = agent.is_active and not agent.switched_off_by_staff and agent.deleted_at is None
    return switched_on and metering.tier_allows(metering.tier_of(agent.owner_id), limits.NEEDED_TIER)


def request_stop(actor: User, run_id: UUID) -> AgentRun:
    """Ask whoever runs it to stop; one that only waits is stopped here. A run that is over is returned as it is.

    Raises NotFound for who neither asked nor paid nor owns the agent.
    """
    run = access.run(actor, run_id)
    stop(run.pk)
    run.refresh_from_db()
    return run


def stop(run_id: UUID, reason: str = AgentRun.Reason.ASKED, *, announce: bool = True) -> None:
    """The same, by the house. Without ``announce`` the caller does it, as the last thing of its transaction."""
    with transaction.atomic():
        rows = AgentRun.objects.filter(pk=run_id)
        idle = rows.filter(state__in=[State.QUEUED, State.WAITING])
        ended = idle.update(state=State.STOPPED, reason=reason, finished_at=timezone.now(), fence=F("fence") + 1)
        if ended:
            close_steps(run_id)
            events.run_ended.send(AgentRun, run=rows.get())
            if announce:
                announce_ended([run_id])
        else:
            rows.filter(state=State.RUNNING).update(stop_requested=True)


def announce_ended(run_ids: Sequence[UUID]) -> None:
    """Tell who pays of those that have ended; in the transaction that ended them, behind everything else."""
    ended = AgentRun.objects.filter(pk__in=run_ids).exclude(state__in=LIVE).select_related("agent")
    for run in ended.order_by("payer_id"):
        run_events.publish_ended(run)


def close_steps(run_id: UUID) -> None:
    """What was planned and not called is not called any more. Inside the transaction that ends the run."""
    now = timezone.now()
    idle = [AgentStep.State.PLANNED, AgentStep.State.ASKING]
    AgentStep.objects.filter(run_id=run_id, state__in=idle).update(
        state=AgentStep.State.DENIED, error="The run has ended.", finished_at=now
    )
    waiting = AgentApproval.objects.filter(step__run_id=run_id, state=AgentApproval.State.WAITING)
    if asked_of := set(waiting.values_list("asked_of_id", flat=True)):
        waiting.update(state=AgentApproval.State.EXPIRED, decided_at=now)
        notifying.forget_asked(run_id, asked_of)


def resume(actor: User, run_id: UUID) -> AgentRun:
    """One more budget for a run that met a bound; its payer alone may say so.

    One that runs already is returned as it is. Raises NotFound, RunOver for one that came to its own end, and what
    :func:`begin` raises.
    """
    run = access.run(actor, run_id)
    if run.payer_id != actor.pk or (run.agent is None and not run.template):
        raise NotFound
    if run.state != State.LIMITED or run.reason not in CONTINUABLE:
        if run.is_live:
            return run
        raise RunOver
    if run.agent is not None:
        _require_active(run.agent, actor, console=run.trigger == AgentRun.Trigger.CONSOLE)
    require_model(snapshots.Snapshot.read(run.snapshot), actor.pk)
    require_tokens(actor.pk)
    limited = AgentRun.objects.filter(pk=run.pk, state=State.LIMITED, budgets=run.budgets)
    limited.update(
        state=State.QUEUED, reason="", error=None, finished_at=None, stop_requested=False, budgets=F("budgets") + 1
    )
    run.refresh_from_db()
    return run


def repeated(actor: User, agent_id: UUID | None, client_id: str, question: Question) -> AgentRun | None:
    """The run that was begun under this client's id; ``agent_id`` None for a template's. Raises IdempotencyMismatch."""
    known = AgentRun.objects.filter(asker=actor, client_id=client_id).first()
    if known is not None and (known.agent_id != agent_id or known.fingerprint != question.fingerprint):
        raise IdempotencyMismatch
    return known


def _require_active(agent: Agent, actor: User, *, console: bool) -> None:
    """Its owner tries in the console also what is not switched on yet."""
    is_own = agent.owner_id == actor.pk
    if is_own:
        metering.require_tier(actor.pk, limits.NEEDED_TIER)
    if is_own and console and not agent.switched_off_by_staff:
        return
    if not is_active(agent):
        raise AgentInactive


def listed(actor: User, agent_id: UUID, *, state: str | None = None) -> AgentRunQuerySet:
    """The runs of an agent that the actor may see: all of an agent of theirs, else their own. Raises NotFound."""
    rows = AgentRun.objects.visible_to(actor).filter(agent_id=agent_id).select_related("asker", "payer")
    if not Agent.objects.owned_by(actor).filter(pk=agent_id).exists():
        access.reachable(actor, agent_id)
    return rows.filter(state=state) if state else rows


def require_tokens(payer_id: UUID) -> None:
    """Refuse at once what would end before its first word."""
    allowance = metering.allowance(payer_id)
    if allowance.left is not None and allowance.left < limits.LEAST_TOKENS:
        raise metering.TokenLimitExceeded(
            limit=allowance.limit, used=allowance.used, held=allowance.held, reset_at=allowance.reset_at
        )
