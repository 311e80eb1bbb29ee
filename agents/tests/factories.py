"""Agents and their functions as tests begin with them, made through the front door where that costs nothing."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.models import User
from agents.models import Agent
from agents.models import AgentFunction
from agents.models import AgentRun
from agents.services import agents
from billing.metering.tokens import quotas


def give_plan(user: User, tier: str = "premium_starter") -> User:
    """The user has this plan."""
    quotas.change_tier(user.pk, tier, timezone.now())
    return user


def make_agent(owner: User, name: str = "Clerk", **fields: Any) -> Agent:
    """An agent of the owner's, who gets a plan that has room."""
    give_plan(owner, "unlimited")
    return agents.create(owner, {"name": name, "model": "demo", **fields})


def add_function(agent: Agent, **fields: Any) -> AgentFunction:
    """A function that reads, switched on, unless told otherwise."""
    given: dict[str, Any] = {
        "name": "get_weather",
        "function_type": "api",
        "http_method": "GET",
        "endpoint_url": "https://api.example.com/weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        "effect": "read",
        "approved_at": timezone.now(),
        "is_enabled": True,
    }
    return AgentFunction.objects.create(agent=agent, **given | fields)


def make_run(agent: Agent, asker: User, **fields: Any) -> AgentRun:
    """A run that is complete, unless told otherwise."""
    given: dict[str, Any] = {
        "version": agent.version,
        "snapshot": {"model": agent.model},
        "trigger": "api",
        "asker": asker,
        "payer": asker,
        "state": "complete",
        "finished_at": timezone.now(),
    }
    return AgentRun.objects.create(agent=agent, **given | fields)
