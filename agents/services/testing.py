"""Trying one function by hand: what would be sent to the byte, or what came back. No model, no run, no tokens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django.utils import timezone

from accounts.models import User
from agents import access
from agents import egress
from agents.models import Agent
from agents.models import AgentFunction
from agents.services import outgoing
from agents.shapes import TestedShape
from agents.sources.mcp import keeper
from core.ids import uuid7
from core.llm import tools


def test(
    actor: User, *, agent_id: UUID, function_id: UUID, arguments: Mapping[str, Any], dry_run: bool = True
) -> TestedShape:
    """By the owner, who need not have switched it on. What goes wrong is in the answer. Raises NotFound."""
    agent = access.own(actor, agent_id)
    row = access.function_of(agent, function_id)
    if row.function_type == AgentFunction.Type.INTERNAL:
        return _inside(actor, agent, row, arguments, dry_run=dry_run)
    if row.function_type == AgentFunction.Type.MCP:
        return _by_mcp(row, arguments, dry_run=dry_run)
    context = outgoing.context(agent, step_id=uuid7(), run_id=uuid7(), asker_id=actor.pk)
    try:
        request = egress.build(outgoing.function(row), arguments, context)
    except egress.CannotBuild as error:
        return _answer({}, problem=error.problem.body())
    if dry_run:
        return _answer(request.shown())
    return _sent(row, request.shown(), async_to_sync(egress.send)(request, name=row.name, last4=outgoing.last4(row)))


def _by_mcp(row: AgentFunction, arguments: Mapping[str, Any], *, dry_run: bool) -> TestedShape:
    request = {"tool": row.remote_name, "url": row.endpoint_url, "arguments": dict(arguments)}
    if dry_run:
        return _answer(request)
    try:
        return _sent(row, request, async_to_sync(_call)(row, arguments))
    except egress.CannotBuild as error:
        return _answer(request, problem=error.problem.body())


async def _call(row: AgentFunction, arguments: Mapping[str, Any]) -> egress.Answer:
    async with keeper.Keeper(outgoing.mcp_server(row)) as kept:
        return await kept.call(
            row.remote_name,
            arguments,
            pinned_hash=row.pinned_hash or row.definition_hash,
            seconds=float(row.timeout),
            name=row.name,
            last4=outgoing.last4(row),
        )


def _sent(row: AgentFunction, request: dict[str, Any], got: egress.Answer) -> TestedShape:
    AgentFunction.objects.filter(pk=row.pk).update(called_at=timezone.now())
    return _answer(
        request,
        response={"headers": dict(got.headers), "text": got.text, "is_cut": got.is_cut, "bytes": got.bytes},
        status_code=got.status,
        seconds=round(got.seconds, 3),
        result=got.text,
        problem=got.problem.body() if got.problem else None,
    )


def _inside(
    actor: User, agent: Agent, row: AgentFunction, arguments: Mapping[str, Any], *, dry_run: bool
) -> TestedShape:
    request = {"tool": row.remote_name, "arguments": dict(arguments)}
    if dry_run:
        return _answer(request)
    try:
        said = tools.call(row.remote_name, tools.ToolContext(actor.pk, caller_id=agent.pk), arguments)
    except tools.ToolFailed as error:
        return _answer(request, problem={"error": str(error), "code": "tool_failed"})
    return _answer(request, response={"text": said, "bytes": len(said.encode())}, result=said)


def _answer(request: dict[str, Any], **found: Any) -> TestedShape:
    fields = dict.fromkeys(("response", "status_code", "seconds", "result", "problem"))
    return TestedShape.model_validate({"request": json.loads(json.dumps(request)), **fields, **found})
