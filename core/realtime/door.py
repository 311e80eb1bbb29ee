"""The door of every socket: from which page it may come, how often, and whose it becomes.

An app's own socket, named in ``ModuleConfig.socket_routes``, is an ASGI callable behind this door. When it is called,
page and address have been judged and the token is out of the scope; it accepts, and asks whose socket it is::

    async def serve(scope, receive, send):
        if (await receive())["type"] != "websocket.connect":
            return
        await send({"type": "websocket.accept"})
        identity = await door.identified(scope, send)
        if identity is None:
            return  # it was told why, and is closed
        …

Or it takes a ticket of its own by :func:`token_of`. What a route's converters found is in ``scope["url_route"]``.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core import errors
from core.api.handler import as_domain_error
from core.db_threads import in_db_thread
from core.realtime import frames
from core.realtime import handshake
from core.realtime import protocol
from core.realtime.identity import Identity

logger = logging.getLogger(__name__)
access_log = logging.getLogger("kintsugi.access")

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_VISIT = "kintsugi.visit"


@dataclass(slots=True, repr=False)
class _Visit:
    """What stands in the scope of an app's socket; shows no token when the scope is printed."""

    token: str
    route: str


async def guarded(application: Application, route: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Hand an app's socket to its callable, unless the page is not ours or its address comes too often."""
    scope[_VISIT] = _Visit(handshake.take_token(scope), route)
    send = with_known_codes(scope, send)
    refusal = await _refusal(scope)
    if refusal is not None:
        if (await receive())["type"] == "websocket.connect":
            with contextlib.suppress(OSError):  # the client has gone meanwhile
                await send({"type": "websocket.accept", "subprotocol": handshake.subprotocol(scope)})
                await _refuse(send, refusal, route)
        return
    begun = time.monotonic()
    try:
        await application(scope, receive, send)
    finally:
        seconds = time.monotonic() - begun
        extra = {"route": route, "duration_ms": round(seconds * 1000)}
        access_log.info("WS %s ended after %.0f s", route, seconds, extra=extra)


def token_of(scope: Scope) -> str:
    """The token or ticket an app's socket came with; empty without one, and the second time."""
    visit: _Visit = scope[_VISIT]
    token, visit.token = visit.token, ""
    return token


async def identified(scope: Scope, send: Send) -> Identity | None:
    """Whose token an app's socket came with; None when it is no good, and the socket was told so and closed.

    The socket must have been accepted: of a handshake that fails, browsers tell a page nothing but 1006.
    """
    visit: _Visit = scope[_VISIT]
    try:
        return await in_db_thread(handshake.authenticate, token_of(scope))
    except Exception as failure:
        with contextlib.suppress(OSError):
            await _refuse(send, _told(failure), visit.route)
    return None


async def admitted(scope: Scope, token: str, send: Send) -> Identity | None:
    """All of it in one step, for the house's own socket: whose it becomes; None when it was refused."""
    try:
        if not handshake.origin_is_ours(scope):
            raise _foreign_page()
        return await in_db_thread(handshake.admit, token, handshake.address_of(scope))
    except Exception as failure:
        await _refuse(send, _told(failure), "ws")
    return None


async def _refusal(scope: Scope) -> errors.DomainError | None:
    if not handshake.origin_is_ours(scope):
        return _foreign_page()
    try:
        await in_db_thread(handshake.count, handshake.address_of(scope))
    except Exception as failure:
        return _told(failure)
    return None


def _foreign_page() -> errors.DomainError:
    return errors.Forbidden("This page may not open a socket here.")


def _told(failure: Exception) -> errors.DomainError:
    """What the client is told of it."""
    error = as_domain_error(failure)
    if error is None:
        logger.error("A handshake failed", exc_info=failure)
        return errors.Unavailable()
    return error


async def _refuse(send: Send, error: errors.DomainError, route: str) -> None:
    codes = {401: protocol.EXPIRED, 403: protocol.NOT_ALLOWED, 429: protocol.ABUSE}
    code = codes.get(error.status, protocol.FAULT)
    await send({"type": "websocket.send", "text": frames.error(None, error).decode()})
    await send({"type": "websocket.close", "code": code, "reason": error.code})
    access_log.info("WS %s refused with %d", route, code, extra={"route": route, "status": code})


_PRIVATE = {
    protocol.TOO_LARGE: protocol.MALFORMED,
    protocol.RESTART: protocol.DRAINING,
    protocol.GONE: protocol.DRAINING,
    protocol.FAULT: protocol.DRAINING,
}


def with_known_codes(scope: Scope, send: Send) -> Send:
    """For daphne, which is as old as to close with codes from 4000 on only; to the client they mean the same."""
    if "spec_version" in scope.get("asgi", {}):
        return send

    async def translate(message: dict[str, Any]) -> None:
        if message["type"] == "websocket.close":
            code = message.get("code", protocol.NORMAL)
            message = message | {"code": _PRIVATE.get(code, code)}
        await send(message)

    return translate
