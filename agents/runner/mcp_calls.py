"""Calls of tools of MCP servers: one session for each run and server, opened by its first call and closed with it."""

from __future__ import annotations

import json
from uuid import UUID

from agents.egress import Answer
from agents.egress import policy
from agents.egress.problems import CannotBuild
from agents.models import AgentFunction
from agents.runner import callers
from agents.runner.callers import Prepared
from agents.runner.callers import Wanted
from agents.services import outgoing
from agents.sources.mcp.keeper import Keeper

_keepers: dict[UUID, dict[UUID, Keeper]] = {}
"""By run and source. A run belongs to one process, and to one loop of it."""


def prepare(wanted: Wanted) -> Prepared:
    """What the server will be asked."""
    row = wanted.function
    server = outgoing.mcp_server(row)
    shown = {"tool": row.remote_name, "url": server.url, "arguments": wanted.arguments}
    last4 = outgoing.last4(row)

    async def send() -> Answer:
        keeper = _keepers.setdefault(wanted.run_id, {}).setdefault(row.source_id or row.pk, Keeper(server))
        try:
            return await keeper.call(
                row.remote_name,
                wanted.arguments,
                pinned_hash=row.pinned_hash or row.definition_hash,
                seconds=float(row.timeout),
                name=row.name,
                last4=last4,
            )
        except CannotBuild as error:
            return Answer(None, sent=False, failure="answered", problem=error.problem)

    size = len(server.url) + len(json.dumps(wanted.arguments).encode())
    return Prepared(send=send, shown=shown, size=size, host=policy.target_of(server.url).host)


async def close(run_id: UUID) -> None:
    """End the sessions of a run."""
    for keeper in _keepers.pop(run_id, {}).values():
        await keeper.close()


callers.use(AgentFunction.Type.MCP, prepare)
