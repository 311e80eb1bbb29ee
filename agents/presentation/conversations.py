"""Agents of a conversation as its members see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from accounts.models import User
from agents import access
from agents.models import AgentConversation
from agents.models import AgentFunction
from agents.models import AgentRun
from agents.models import AgentSubscription
from agents.presentation.functions import host_of
from agents.shapes import Payer
from agents.shapes import RunState
from core.shapes import Shape
from messenger.presentation.people import person
from messenger.shapes import Person


class ConversationRunShape(Shape):
    """A run that has not ended, as every member may see it: no words of it."""

    id: UUID
    user_id: UUID
    """The agent's, as it is a member."""
    state: RunState
    asker: Person | None
    payer: Person | None
    hop: int
    may_open: bool
    """Whether the reader may look at the run itself."""
    created_at: datetime


class ConversationAgentShape(Shape):
    """An agent that listens to a conversation."""

    id: UUID
    user: Person
    owner: Person
    payer: Payer
    """Who pays when a member asks."""
    speaks_up: bool
    """Answers also when nobody has named it."""
    may_set_speaks_up: bool
    """Whether the reader may change that: its owner, who pays for it; an admin may end it."""
    added_by: Person | None
    """Who has brought it in; null: not known."""
    is_active: bool
    hosts: list[str]
    """The servers it may talk to about what is said here."""


class ConversationAgentsShape(Shape):
    """Agents in a conversation."""

    agents: list[ConversationAgentShape]
    paused: bool
    paused_by: Person | None
    paused_at: datetime | None
    may_resume: bool
    """Whether the reader may let them answer again."""
    running: list[ConversationRunShape]


def shown(
    actor: User,
    subscriptions: Sequence[AgentSubscription],
    state: AgentConversation,
    runs: Sequence[AgentRun],
    *,
    may_resume: bool,
) -> ConversationAgentsShape:
    """One query, however many there are."""
    hosts = _hosts(subscriptions)
    return ConversationAgentsShape(
        agents=[_agent(actor, one, sorted(hosts[one.agent_id])) for one in subscriptions],
        paused=state.paused_at is not None,
        paused_by=person(state.paused_by) if state.paused_by is not None else None,
        paused_at=state.paused_at,
        may_resume=may_resume,
        running=[_run(actor, run) for run in runs if run.agent is not None],
    )


def _hosts(subscriptions: Sequence[AgentSubscription]) -> dict[UUID, set[str]]:
    hosts: dict[UUID, set[str]] = defaultdict(set)
    enabled = AgentFunction.objects.filter(agent__in=[one.agent_id for one in subscriptions], is_enabled=True)
    for agent_id, url in enabled.values_list("agent_id", "endpoint_url"):
        if host := host_of(url):
            hosts[agent_id].add(host)
    return hosts


def _agent(actor: User, subscription: AgentSubscription, hosts: list[str]) -> ConversationAgentShape:
    agent = subscription.agent
    return ConversationAgentShape(
        id=agent.pk,
        user=person(agent.user),
        owner=person(agent.owner),
        payer=agent.payer,
        speaks_up=subscription.speaks_up,
        may_set_speaks_up=agent.owner_id == actor.pk,
        added_by=person(subscription.added_by) if subscription.added_by is not None else None,
        is_active=agent.is_active and not agent.switched_off_by_staff,
        hosts=hosts,
    )


def _run(actor: User, run: AgentRun) -> ConversationRunShape:
    agent = run.agent
    return ConversationRunShape(
        id=run.pk,
        user_id=agent.user_id if agent is not None else run.pk,
        state=run.state,
        asker=person(run.asker) if run.asker is not None else None,
        payer=person(run.payer) if run.payer is not None else None,
        hop=run.hop,
        may_open=access.may_read_texts(actor, run) or (agent is not None and agent.owner_id == actor.pk),
        created_at=run.created_at,
    )
