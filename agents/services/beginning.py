"""A new agent from a template: its settings and functions, and the source that some of them bring along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.models import User
from agents import access
from agents.models import Agent
from agents.services import agents
from agents.services import functions
from agents.services import sources
from agents.services import templates


def begin(actor: User, values: Mapping[str, Any], *, client: ClientInfo = NOBODY) -> Agent:
    """As :func:`agents.services.agents.create`; what is given comes in the place of what the template has.

    The source of a template is in this house, so what it offers needs nobody's look and is on from the beginning.
    """
    template = templates.find(values["template"]) if values.get("template") else None
    if template is None:
        return agents.create(actor, values, client=client)
    agent = agents.create(actor, template.values | dict(values), client=client)
    if template.source is None:
        return agent
    found = sources.bring_in(actor, agent_id=agent.pk, values=template.source)
    items = [(row.pk, row.definition_hash) for row in found.added]
    functions.approve(actor, agent_id=agent.pk, items=items)
    return access.own(actor, agent.pk)
