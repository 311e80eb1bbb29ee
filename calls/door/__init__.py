"""The door to Janus: an ASGI socket at ``/sfu``. Janus itself is reachable for nobody but us.

A page comes with a ticket (``?token=``, see :mod:`calls.services.passes`), speaks Janus's own protocol through the door
and needs no library and no secret for it. When the socket breaks, media flows on: with a new ticket the page claims
its session within half a minute, and its time there has no gap.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging

import aiohttp

from calls import providers
from calls.door import frames
from calls.door import watching
from calls.door.relay import Receive
from calls.door.relay import Relay
from calls.door.relay import Send
from calls.providers.janus import Janus
from calls.services import passes
from core import errors
from core.db_threads import in_db_thread
from core.realtime import door
from core.realtime import protocol

logger = logging.getLogger(__name__)

SUBPROTOCOL = "janus-protocol"
_CONNECT_SECONDS = 5.0


async def serve(scope: door.Scope, receive: Receive, send: Send) -> None:
    """One socket of one leg."""
    if (await receive())["type"] != "websocket.connect":
        return
    offered = SUBPROTOCOL in scope.get("subprotocols", ())
    await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL if offered else None})
    with contextlib.suppress(OSError):  # the page has gone meanwhile
        code = await _serve(door.token_of(scope), receive, send)
        await send({"type": "websocket.close", "code": code})


async def _serve(ticket: str, receive: Receive, send: Send) -> int:
    server = providers.janus()
    if server is None:
        return await _refuse(send, passes.PassRefused(), protocol.NOT_ALLOWED)
    try:
        admission = await in_db_thread(passes.redeem, ticket)
    except passes.PassRefused as refused:
        return await _refuse(send, refused, protocol.NOT_ALLOWED)
    async with aiohttp.ClientSession() as session:
        inner = await _dial(session, server)
        if inner is None:
            return await _refuse(send, errors.Unavailable(retry_after=2), protocol.FAULT)
        relay, watch = Relay(admission, server, inner), watching.of_this_loop()
        watch.add(relay)
        try:
            return await relay.run(receive, send)
        finally:
            watch.remove(relay)
            await relay.shut()
            await inner.close()


async def _dial(session: aiohttp.ClientSession, server: Janus) -> aiohttp.ClientWebSocketResponse | None:
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            return await session.ws_connect(
                server.url,
                protocols=[SUBPROTOCOL],
                max_msg_size=frames.INWARD_BYTES,
                timeout=aiohttp.ClientWSTimeout(ws_close=2),
                heartbeat=25,
            )
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        logger.warning("calls.janus_unreachable", extra={"kind": type(error).__name__})
        return None


async def _refuse(send: Send, error: errors.DomainError, code: int) -> int:
    """In words, as a browser tells a page nothing of a handshake that fails."""
    reason = {"janus": "error", "error": {"code": error.status, "reason": error.sentence}}
    await send({"type": "websocket.send", "text": json.dumps(reason)})
    return code
