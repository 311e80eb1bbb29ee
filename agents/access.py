"""Who may do what with an agent: every service begins here. A stranger finds nothing."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from agents.errors import AgentNotOpen
from agents.models import Agent
from agents.models import AgentFunction
from agents.models import AgentRun
from agents.models import AgentSource
from core.errors import NotFound


def own(actor: User, agent_id: UUID) -> Agent:
    """An agent the actor may change, with its user. Raises NotFound."""
    found = Agent.objects.owned_by(actor).select_related("user", "owner").filter(pk=agent_id).first()
    if found is None:
        raise NotFound
    return found


def lock_own(actor: User, agent_id: UUID) -> Agent:
    """The same, and nobody else changes it or its functions until the transaction ends. Raises NotFound."""
    locked = Agent.objects.owned_by(actor).select_for_update(of=("self",)).select_related("user", "owner")
    found = locked.filter(pk=agent_id).first()
    if found is None:
        raise NotFound
    return found


def reachable(actor: User, agent_id: UUID) -> Agent:
    """An agent the actor may see, with its user and owner. Raises NotFound."""
    found = Agent.objects.visible_to(actor).select_related("user", "owner").filter(pk=agent_id).first()
    if found is None:
        raise NotFound
    return found


def open_to(actor: User, agent_id: UUID) -> Agent:
    """An agent the actor may ask anywhere. Raises NotFound, and AgentNotOpen for one that answers them elsewhere."""
    agent = reachable(actor, agent_id)
    if agent.owner_id != actor.pk and not Agent.objects.open_to(actor).filter(pk=agent_id).exists():
        raise AgentNotOpen
    return agent


def function_of(agent: Agent, function_id: UUID) -> AgentFunction:
    """One of the agent's functions, with its source. Raises NotFound."""
    found = agent.functions.select_related("source").filter(pk=function_id).first()
    if found is None:
        raise NotFound
    return found


def source_of(agent: Agent, source_id: UUID) -> AgentSource:
    """One of the agent's sources. Raises NotFound."""
    found = agent.sources.filter(pk=source_id).first()
    if found is None:
        raise NotFound
    return found


def run(actor: User, run_id: UUID) -> AgentRun:
    """A run the actor may look at. Raises NotFound."""
    found = AgentRun.objects.visible_to(actor).select_related("agent").filter(pk=run_id).first()
    if found is None:
        raise NotFound
    return found


def may_read_texts(actor: User, run: AgentRun) -> bool:
    """Who asked or paid reads what was said; an owner of the agent sees that it ran, and what it cost."""
    return actor.pk in (run.asker_id, run.payer_id)
