"""What a question would cost, before anybody pays for it: a median is no promise, only the bound is one."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any
from uuid import UUID

from django.db.models import F

from accounts.models import User
from agents import access
from agents import limits
from agents.models import Agent
from agents.models import AgentFunction
from agents.models import AgentRun
from agents.services import choosing
from agents.services import outgoing
from agents.services import trials
from agents.shapes import EstimateShape
from billing import metering
from core.llm import tokens
from core.llm.base import Message
from messenger.presentation.people import person

_LAST_RUNS = 20


def estimate(
    actor: User, *, agent_id: UUID | None, draft: Mapping[str, Any], text: str, template: str = ""
) -> EstimateShape:
    """For an agent the actor may talk to, with what is different in a draft of theirs; or for a template or a draft.

    Raises NotFound, and what the catalogue refuses.
    """
    if template and agent_id is None:
        agent, rows = trials.agent_of(template, actor)
        agent.owner = actor
    else:
        agent = _agent(actor, agent_id, draft)
        rows = _functions(actor, agent) if agent_id else []
    model = choosing.require(agent.model)
    messages = [Message("system", agent.system_prompt)] if agent.system_prompt else []
    prompt = tokens.count_messages([*messages, Message("user", text)], model)
    prompt += tokens.count_tools(list(map(outgoing.tool, rows)), model)
    used = _last_runs(agent_id)
    payer = agent.owner if agent.payer == Agent.Payer.OWNER else actor
    left = metering.allowance(actor.pk).left if payer.pk == actor.pk else None
    return EstimateShape(
        prompt_tokens=prompt,
        typical=int(median(used)) if used else None,
        typical_of=len(used),
        at_most=agent.run_tokens,
        tokens_left=left,
        payer=person(payer),
        fits=prompt + limits.LEAST_TOKENS <= min(agent.run_tokens, agent.run_tokens if left is None else left),
    )


def _agent(actor: User, agent_id: UUID | None, draft: Mapping[str, Any]) -> Agent:
    """Not saved: as it would be."""
    if agent_id is None:
        agent = Agent(owner=actor)
    else:
        agent = access.own(actor, agent_id) if draft else access.reachable(actor, agent_id)
    for name, value in draft.items():
        setattr(agent, name, value)
    return agent


def _functions(actor: User, agent: Agent) -> list[AgentFunction]:
    rows = agent.functions.filter(is_enabled=True)
    if agent.owner_id != actor.pk:
        rows = rows.filter(callable_by="members")
    return list(rows)


def _last_runs(agent_id: UUID | None) -> list[int]:
    """The figures of the last runs, whoever asked: of no one's words anything is told."""
    if agent_id is None:
        return []
    ended = AgentRun.objects.filter(agent_id=agent_id, state__in=["complete", "limited"]).order_by("-id")
    return list(ended.values_list(F("prompt_tokens") + F("completion_tokens"), flat=True)[:_LAST_RUNS])
