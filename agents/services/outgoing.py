"""Functions as what leaves the house knows them: rows become the frozen values of :mod:`agents.egress`."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import cast
from uuid import UUID

from django.utils import timezone

from agents import egress
from agents.egress import policy
from agents.egress.opaque import opaque_id
from agents.errors import AddressRefused
from agents.errors import FunctionRefused
from agents.models import Agent
from agents.models import AgentFunction
from agents.models import AgentSource
from agents.shapes import AuthKind
from agents.sources.mcp import keeper
from core.ids import uuid7
from core.llm.base import Tool

_PLACEHOLDER = re.compile(r"\{[^{}/]*\}")


def tool(row: AgentFunction) -> Tool:
    """What the model is told of it."""
    return Tool(row.name, row.description, row.parameters)


def auth(row: AgentFunction | AgentSource) -> egress.Auth:
    """With its secrets: those of a source's functions are the source's."""
    secret = row.secret.reveal() if row.secret else ""
    return egress.Auth(cast("AuthKind", row.auth_kind), row.auth_name, secret, _before(row))


def _before(row: AgentFunction | AgentSource) -> str:
    if not isinstance(row, AgentFunction) or not row.secret_before or not row.secret_before_until:
        return ""
    return row.secret_before.reveal() if row.secret_before_until > timezone.now() else ""


def function(row: AgentFunction) -> egress.Function:
    """A webhook or an API's function; the row's source came along, or is asked for."""
    return egress.Function(
        id=row.pk,
        name=row.name,
        parameters=row.parameters,
        endpoint_url=row.endpoint_url,
        function_type="webhook" if row.function_type == AgentFunction.Type.WEBHOOK else "api",
        http_method=row.http_method,
        headers=row.headers,
        places={name: egress.Place.read(place) for name, place in row.places.items()},
        auth=auth(row.source or row),
        timeout=float(row.timeout),
    )


def mcp_server(row: AgentFunction) -> keeper.McpServer:
    """Of an MCP server's tool: the server, with the source's key."""
    source = row.source
    if source is None:
        raise ValueError(f"{row.name} has no source.")
    return keeper.McpServer(source.url, auth(source), source.protocol)


def last4(row: AgentFunction) -> str:
    """For the sentence that says which secret was not taken; empty for none."""
    secret = (row.source or row).secret
    return secret.last4().lstrip("…") if secret else ""


def context(
    agent: Agent, *, step_id: UUID, run_id: UUID, asker_id: UUID, conversation_id: UUID | None = None
) -> egress.CallContext:
    """For whom a call is made: who asks and where is said in names that mean nothing elsewhere."""
    return egress.CallContext(
        step_id=step_id,
        run_id=run_id,
        agent_id=agent.pk,
        agent_name=agent.name,
        at=int(timezone.now().timestamp()),
        asker=opaque_id(agent.pk, asker_id),
        conversation=opaque_id(agent.pk, conversation_id) if conversation_id else None,
    )


def check(row: AgentFunction) -> None:
    """Whether a request could be made at all: the address, headers, places and secrets, whatever the arguments are.

    A secret that is still to be entered is no fault here. Raises AddressRefused and FunctionRefused, with the rule that
    is broken.
    """
    made = function(row)
    if made.auth.kind != "none" and not made.auth.secret:
        made = replace(made, auth=replace(made.auth, kind="bearer", secret="to be entered"))  # noqa: S106 - none
    try:
        policy.target_of(made.endpoint_url)
        in_headers = {name: "x" for name, place in made.places.items() if place.kind == "header"}
        schema = {"type": "object", "properties": {name: {} for name in in_headers}}
        tried = replace(made, endpoint_url=_PLACEHOLDER.sub("x", made.endpoint_url), parameters=schema)
        egress.build(tried, in_headers, egress.CallContext(uuid7(), uuid7(), uuid7(), "", 0))
    except egress.CannotBuild as error:
        problem = error.problem
        refusal = AddressRefused if problem.code == "address_refused" else FunctionRefused
        raise refusal(problem.sentence, **problem.context) from error
