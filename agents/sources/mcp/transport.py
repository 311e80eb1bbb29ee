"""Streamable HTTP for the SDK's session, as far as a client needs it: one POST a message, nothing else.

No stream beside it, no reconnecting, no redirects: the answer to a message is the body of its POST (JSON, or an event
stream up to the answer), or it is lost. So a server decides neither how often nor where to we connect; the SDK's own
transport lets it. https://modelcontextprotocol.io/specification/2026-07-28/basic/transports (and earlier revisions).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import anyio
import httpx2
from mcp.shared._context_streams import create_context_streams
from mcp.shared.message import ClientMessageMetadata
from mcp.shared.message import SessionMessage
from mcp_types import METHOD_NOT_FOUND
from mcp_types import ErrorData
from mcp_types import JSONRPCError
from mcp_types import JSONRPCMessage
from mcp_types import JSONRPCRequest
from mcp_types import JSONRPCResponse
from mcp_types import jsonrpc_message_adapter
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from core.http import OutgoingError

_VERSION = "mcp-protocol-version"
_SESSION = "mcp-session-id"
_LOST = -32000
_MARK = "kintsugi.lost"
_OPENING = frozenset({"server/discover", "initialize"})
_OF_HTTP = frozenset({401, 403, 429, 502, 503, 504})
_MOST_ASKED = 8
"""Requests of the server that are answered, all with a refusal: it asks instead of answering."""
_NOTICE_SECONDS = 5.0
_GOODBYE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Lost:
    """A message that brought no answer of the protocol: an error of the way, or what was answered in its place."""

    error: OutgoingError | None = None
    status: int = 0
    media_type: str = ""
    retry_after: str = ""
    location: str = ""
    had_session: bool = False


class Posting:
    """A transport for ``mcp.Client``; ``web`` bounds each POST in time and size and judges where it goes."""

    def __init__(self, url: str, web: httpx2.AsyncClient) -> None:
        self._url, self._web = url, web
        self._state: dict[str, str] = {}
        self._flying: dict[Any, asyncio.Task[None]] = {}
        self._lost: dict[str, Lost] = {}
        self._dead: Lost | None = None
        self._asked_by_server = 0

    def lost(self, data: Any) -> Lost | None:
        """What became of the message whose error has these data; None when the error is the server's own."""
        token = data.get(_MARK) if isinstance(data, dict) else None
        return self._lost.get(token) if isinstance(token, str) else None

    @asynccontextmanager
    async def streams(self) -> AsyncIterator[Any]:
        """The streams that the session reads and writes."""
        self._to_session, incoming = create_context_streams[SessionMessage | Exception](0)
        outgoing, from_session = create_context_streams[SessionMessage](0)
        writer = asyncio.create_task(self._write(from_session))
        try:
            yield incoming, outgoing
        finally:
            await self._end(writer)
            for stream in (self._to_session, incoming, outgoing, from_session):
                await stream.aclose()

    async def _end(self, writer: asyncio.Task[None]) -> None:
        tasks = [writer, *self._flying.values()]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=_GOODBYE_SECONDS)
        if _SESSION in self._state:
            # It forgets us by itself, if it is not reached now.
            with suppress(OutgoingError, TimeoutError):
                async with asyncio.timeout(_GOODBYE_SECONDS):
                    await self._web.delete(self._url, headers=self._state)

    async def _write(self, from_session: Any) -> None:
        async for sent in from_session:
            message, headers = sent.message, self._headers(sent)
            if getattr(message, "method", "") == "notifications/cancelled":
                cut = self._flying.get((message.params or {}).get("requestId"))
                if self._state.get(_VERSION) in MODERN_PROTOCOL_VERSIONS:  # closing the POST is how one cancels
                    if cut:
                        cut.cancel()
                    continue
            key = getattr(message, "id", None) or uuid4()
            task = asyncio.create_task(self._post(message, headers))
            self._flying[key] = task
            task.add_done_callback(lambda _task, key=key: self._flying.pop(key, None))  # type: ignore[misc]
            if not isinstance(message, JSONRPCRequest):  # what is only told keeps its order
                await asyncio.wait([task], timeout=_NOTICE_SECONDS)

    def _headers(self, sent: SessionMessage) -> dict[str, str]:
        metadata = sent.metadata
        extra = dict(metadata.headers or {}) if isinstance(metadata, ClientMessageMetadata) else {}
        if getattr(sent.message, "method", "") == "initialize":
            self._state.pop(_VERSION, None)
        elif version := {name.lower(): value for name, value in extra.items()}.get(_VERSION):
            self._state[_VERSION] = version
        accepted = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
        return accepted | self._state | extra

    async def _post(self, message: JSONRPCMessage, headers: dict[str, str]) -> None:
        asked = message if isinstance(message, JSONRPCRequest) else None
        try:
            found = self._dead or await self._exchange(message, headers)
        except OutgoingError as error:
            found = Lost(error)
        if asked is None:
            return
        if isinstance(found, Lost) and found.error and asked.method in _OPENING:
            self._dead = found  # the session would try another way of opening, and wait as long again
        answer = self._error(asked, found) if isinstance(found, Lost) else found
        answer.id = asked.id
        with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError):
            await self._to_session.send(SessionMessage(answer))

    async def _exchange(
        self, message: JSONRPCMessage, headers: dict[str, str]
    ) -> JSONRPCResponse | JSONRPCError | Lost:
        body = message.model_dump(by_alias=True, mode="json", exclude_unset=True)
        async with self._web.stream("POST", self._url, json=body, headers=headers) as answer:
            kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
            if len(session := answer.headers.get(_SESSION, "")) in range(1, 513):
                self._state[_SESSION] = session
            if not isinstance(message, JSONRPCRequest):
                return Lost()
            had_session = _SESSION in headers
            # Some statuses are said of the call as a whole, whatever its body repeats.
            is_of_http = answer.status_code in _OF_HTTP or (answer.status_code == 404 and had_session)
            found = None if is_of_http else await self._read(answer, kind)
            if isinstance(found, JSONRPCResponse | JSONRPCError):
                return _without_output_schemas(message.method, found)
            return Lost(
                status=answer.status_code,
                media_type=kind,
                retry_after=answer.headers.get("retry-after", ""),
                location=answer.headers.get("location", ""),
                had_session=had_session,
            )

    async def _read(self, answer: httpx2.Response, kind: str) -> JSONRPCMessage | None:
        """The message in an answer; None where there is none."""
        try:
            if kind == "application/json":
                return jsonrpc_message_adapter.validate_json(await answer.aread(), by_name=False)
            if kind == "text/event-stream" and answer.status_code == 200:
                return await self._first_answer(answer)
        except (ValidationError, ValueError):
            pass
        return None

    async def _first_answer(self, answer: httpx2.Response) -> JSONRPCMessage | None:
        """The answer among the events. Progress and log lines before it are not ours to show."""
        lines: list[str] = []
        async for line in answer.aiter_lines():
            if line.startswith("data:"):
                lines.append(line[5:].removeprefix(" "))
            elif not line and any(lines):  # an event without data only offers to be resumed, which is not done here
                message = jsonrpc_message_adapter.validate_json("\n".join(lines), by_name=False)
                if isinstance(message, JSONRPCResponse | JSONRPCError):
                    return message
                if isinstance(message, JSONRPCRequest):
                    await self._ask_session(message)
                lines = []
        return None

    async def _ask_session(self, message: JSONRPCRequest) -> None:
        """What the server wants of us: the session says that we have it not, a few times."""
        self._asked_by_server += 1
        if self._asked_by_server <= _MOST_ASKED:
            with anyio.move_on_after(1):
                await self._to_session.send(SessionMessage(message))

    def _error(self, asked: JSONRPCRequest, lost: Lost) -> JSONRPCError:
        token = uuid4().hex
        self._lost[token] = lost
        # What is refused as HTTP is refused as a method: so the session tries the older way of opening.
        code = METHOD_NOT_FOUND if 400 <= lost.status < 500 else _LOST
        error = ErrorData(code=code, message="The message was lost.", data={_MARK: token})
        return JSONRPCError(jsonrpc="2.0", id=asked.id, error=error)


def _without_output_schemas(method: str, found: JSONRPCResponse | JSONRPCError) -> JSONRPCResponse | JSONRPCError:
    """The session would check answers by them, in our event loop: by patterns and references of the server's choice."""
    if method == "tools/list" and isinstance(found, JSONRPCResponse):
        tools = found.result.get("tools")
        for tool in tools if isinstance(tools, list) else ():
            if isinstance(tool, dict):
                tool.pop("outputSchema", None)
    return found
