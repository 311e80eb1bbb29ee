"""An open session with a server, by the SDK and our own transport."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from contextlib import asynccontextmanager
from typing import Any

from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import HEADER_MISMATCH
from mcp_types import CallToolResult
from mcp_types import Implementation
from mcp_types import InputRequiredResult
from mcp_types import PaginatedRequestParams
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from agents import builtin_mcp
from agents.egress import policy
from agents.egress.policy import Target
from agents.egress.redacting import Redactor
from agents.egress.sending import CONNECT_SECONDS
from agents.egress.sending import Answer
from agents.sources.mcp import results
from agents.sources.mcp.definitions import Listing
from agents.sources.mcp.definitions import listing
from agents.sources.mcp.transport import Lost
from agents.sources.mcp.transport import Posting
from core import http

ROLE = "agent_mcp"
_MAX_PAGES = 20
logging.getLogger("mcp").setLevel(logging.WARNING)  # at INFO it prints the ids of sessions


class Refused(Exception):
    """The server cannot be used; ``lost`` is what it did instead, or None when it said so itself."""

    def __init__(self, lost: Lost | None, said: str = "") -> None:
        super().__init__(said)
        self.lost = lost
        self.said = said


class Session:
    """One server, opened and listed."""

    def __init__(self, client: Client, posting: Posting | None, target: Target) -> None:
        self._client, self._posting, self._target = client, posting, target

    async def list_tools(self) -> Listing:
        """All pages of its tools. Raises Refused."""
        told: list[dict[str, Any]] = []
        cursor: str | None = None
        try:
            for _page in range(_MAX_PAGES):
                page = await self._client.session.list_tools(params=PaginatedRequestParams(cursor=cursor))
                told += [tool.model_dump(by_alias=True, mode="json", exclude_none=True) for tool in page.tools]
                cursor = page.next_cursor
                if not cursor:
                    break
        except (MCPError, ValidationError) as error:
            raise _refused(error, self._posting) from None
        server = self._client.server_info
        return listing(self._client.protocol_version, f"{server.name} {server.version}" if server else "", told)

    async def call(
        self, remote_name: str, arguments: dict[str, Any], redactor: Redactor, *, seconds: float, name: str, last4: str
    ) -> Answer:
        """The answer of one tool; one POST, whatever the server answers. Raises CancelledError only."""
        try:
            # Not the client's own call_tool: it calls again when a server says that our headers were wrong.
            result = await self._client.session.call_tool(
                remote_name, arguments, read_timeout_seconds=seconds + 1, allow_input_required=True
            )
        except MCPError as error:
            if lost := self._lost(error):
                return results.lost(lost, self._target, 0.0, name=name, last4=last4, limit=seconds)
            code = "" if error.code != HEADER_MISMATCH else " List its tools again."
            return results.answered(f"{error.message}{code}", redactor, 0.0, is_error=True)
        except ValidationError:
            nothing = Lost(media_type="what is no result of a tool")
            return results.lost(nothing, self._target, 0.0, name=name, last4=last4, limit=seconds)
        if isinstance(result, InputRequiredResult) or not isinstance(result, CallToolResult):
            return results.answered(results.QUESTION, redactor, 0.0, is_error=True)
        text = results.text_of(list(result.content), result.structured_content)
        return results.answered(text, redactor, 0.0, is_error=result.is_error)

    def _lost(self, error: Exception) -> Lost | None:
        return self._posting.lost(error.data) if self._posting and isinstance(error, MCPError) else None


@asynccontextmanager
async def opened(
    url: str, headers: dict[str, str], target: Target, *, protocol: str, seconds: float
) -> AsyncIterator[Session]:
    """A session, closed in the task that opened it. Raises Refused."""
    ours = Implementation(name="kintsugi", version="1")
    if target.host == policy.BUILTIN_MCP_HOST:
        async with Client(builtin_mcp.server(url), cache=None, client_info=ours) as client:
            yield Session(client, None, target)
        return
    async with _web(headers, target, seconds) as web, AsyncExitStack() as stack:
        posting = Posting(url, web)
        client = Client(
            posting.streams(), mode=_mode(protocol), cache=None, client_info=ours, read_timeout_seconds=seconds
        )
        try:
            await stack.enter_async_context(client)
        except Exception as error:  # groups of the SDK's scopes included
            raise _refused(error, posting) from error
        yield Session(client, posting, target)


def _web(headers: dict[str, str], target: Target, seconds: float) -> Any:
    return http.async_client(
        role=ROLE,
        timeout=seconds,
        connect=min(CONNECT_SECONDS, seconds),
        read=seconds,
        trusted=target.is_private,
        headers=headers,
        retries=0,
        circuit=target.name,
        schemes=target.schemes,
    )


def _mode(protocol: str) -> str:
    """How to open: as was found before, which saves a way to the server and back."""
    if protocol in MODERN_PROTOCOL_VERSIONS:
        return protocol
    return "legacy" if protocol in HANDSHAKE_PROTOCOL_VERSIONS else "auto"


def leaves(error: BaseException) -> list[BaseException]:
    """What was raised, out of the groups that the SDK's scopes wrap it in."""
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in leaves(inner)]
    return [error]


def _refused(error: Exception, posting: Posting | None) -> Refused:
    for leaf in leaves(error):
        if isinstance(leaf, MCPError):
            return Refused(posting.lost(leaf.data) if posting else None, leaf.message)
    return Refused(None, "nothing of the protocol")
