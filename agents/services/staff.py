"""What staff do to agents: each act has a reason and stands in the audit log. Nobody's texts are read for it."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.models import User
from accounts.services import audit
from agents.models import Agent
from agents.models import AgentFunction
from agents.models import AgentRun
from agents.services import agents
from agents.services import runs


@transaction.atomic
def switch_off_agent(actor: User, *, agent_id: UUID, reason: str, client: ClientInfo = NOBODY) -> bool:
    """It answers nobody, and its owner cannot switch it on again; its runs stop. False when it was off already."""
    agent = Agent.objects.current().select_for_update().filter(pk=agent_id).first()
    if agent is None or agent.switched_off_by_staff:
        return False
    agent.is_active, agent.switched_off_by_staff = False, True
    agent.save(update_fields=["is_active", "switched_off_by_staff", "updated_at"])
    agents.stop_runs(AgentRun.objects.filter(agent=agent))
    audit.record("agent.switched_off", actor=actor, client=client, on=agent.user, reason=reason)
    return True


@transaction.atomic
def let_agent_on(actor: User, *, agent_id: UUID, reason: str, client: ClientInfo = NOBODY) -> bool:
    """Its owner may switch it on again. False when nothing forbade it."""
    agent = Agent.objects.current().select_for_update().filter(pk=agent_id, switched_off_by_staff=True).first()
    if agent is None:
        return False
    agent.switched_off_by_staff = False
    agent.save(update_fields=["switched_off_by_staff", "updated_at"])
    audit.record("agent.let_on", actor=actor, client=client, on=agent.user, reason=reason)
    return True


@transaction.atomic
def switch_off_function(actor: User, *, function_id: UUID, reason: str, client: ClientInfo = NOBODY) -> bool:
    """No run calls it any more, those under way included; its owner reads that staff did it."""
    row = AgentFunction.objects.select_for_update().select_related("agent__user").filter(pk=function_id).first()
    if row is None or not row.is_enabled:
        return False
    row.is_enabled, row.problem = False, gettext("Staff have switched this function off.")
    row.save(update_fields=["is_enabled", "problem", "updated_at"])
    audit.record("agent_function.switched_off", actor=actor, client=client, on=row.agent.user, reason=reason)
    return True


@transaction.atomic
def stop_run(actor: User, *, run_id: UUID, reason: str, client: ClientInfo = NOBODY) -> bool:
    """Its process stops at its next look, within a second. False for one that is over."""
    run = AgentRun.objects.live().filter(pk=run_id).select_related("agent__user").first()
    if run is None:
        return False
    runs.stop(run.pk)
    audit.record(
        "agent_run.stopped", actor=actor, client=client, on=run.agent.user if run.agent else None, reason=reason
    )
    return True
