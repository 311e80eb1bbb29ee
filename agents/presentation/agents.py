"""Agents as their owner, and as others see them."""

from __future__ import annotations

from collections import Counter
from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from accounts.models import User
from agents.models import Agent
from agents.models import AgentFunction
from agents.presentation import functions as functions_shown
from agents.shapes import AgentBrief
from agents.shapes import AgentShape
from agents.shapes import LimitsShape
from messenger.presentation.people import person


def limits(agent: Agent) -> LimitsShape:
    """The bounds of its runs."""
    return LimitsShape(
        max_steps=agent.max_steps,
        max_calls=agent.max_calls,
        max_seconds=agent.max_seconds,
        run_tokens=agent.run_tokens,
        history_tokens=agent.history_tokens,
    )


def briefs(actor: User, agents: Sequence[Agent]) -> list[AgentBrief]:
    """In the given order; one query, when their users and owners came along."""
    enabled = AgentFunction.objects.filter(agent_id__in=[agent.pk for agent in agents], is_enabled=True)
    counts: Counter[UUID] = Counter()
    hosts: dict[UUID, set[str]] = defaultdict(set)
    for agent_id, url in enabled.values_list("agent_id", "endpoint_url"):
        counts[agent_id] += 1
        if host := functions_shown.host_of(url):
            hosts[agent_id].add(host)
    return [AgentBrief(**_brief(actor, agent, counts[agent.pk], sorted(hosts[agent.pk]))) for agent in agents]


def full(actor: User, agent: Agent) -> AgentShape:
    """For its owner; two queries."""
    rows = list(agent.functions.order_by("id"))
    enabled = [row for row in rows if row.is_enabled]
    hosts = sorted({host for row in enabled if (host := functions_shown.host_of(row.endpoint_url))})
    return AgentShape(
        **_brief(actor, agent, len(enabled), hosts),
        system_prompt=agent.system_prompt,
        temperature=agent.temperature,
        max_tokens=agent.max_tokens,
        owner_daily_tokens=agent.owner_daily_tokens,
        asker_daily_tokens=agent.asker_daily_tokens,
        limits=limits(agent),
        template=agent.template,
        switched_off_by_staff=agent.switched_off_by_staff,
        draft=agent.draft,
        functions=[functions_shown.function(row) for row in rows],
        sources=[functions_shown.source(row) for row in agent.sources.order_by("id")],
    )


def _brief(actor: User, agent: Agent, functions_count: int, hosts: list[str]) -> dict[str, Any]:
    return {
        "id": agent.pk,
        "user": person(agent.user),
        "owner": person(agent.owner),
        "name": agent.name,
        "model": agent.model,
        "audience": agent.audience,
        "payer": agent.payer,
        "is_active": agent.is_active,
        "is_own": agent.owner_id == actor.pk,
        "version": agent.version,
        "hosts": hosts,
        "functions_count": functions_count,
        "created_at": agent.created_at,
        "updated_at": agent.updated_at,
    }
