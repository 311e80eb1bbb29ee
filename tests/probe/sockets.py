"""Sockets of the probe's own."""

from __future__ import annotations

import json

from core.realtime import door
from core.realtime.door import Receive
from core.realtime.door import Scope
from core.realtime.door import Send


async def signed_in(scope: Scope, receive: Receive, send: Send) -> None:
    """For who is signed in: says who that is and what the route found, then repeats what it hears."""
    if (await receive())["type"] != "websocket.connect":
        return
    await send({"type": "websocket.accept"})
    identity = await door.identified(scope, send)
    if identity is None:
        return
    await _say(send, user=identity.user.username, **scope["url_route"]["kwargs"])
    await _repeat(receive, send)


async def by_ticket(scope: Scope, receive: Receive, send: Send) -> None:
    """For anybody with a ticket of the probe's own, which it shows."""
    if (await receive())["type"] != "websocket.connect":
        return
    await send({"type": "websocket.accept"})
    await _say(send, shown=str(scope), ticket=door.token_of(scope), again=door.token_of(scope))
    await _repeat(receive, send)


async def _say(send: Send, **parts: str) -> None:
    await send({"type": "websocket.send", "text": json.dumps({"type": "probe", "payload": parts})})


async def _repeat(receive: Receive, send: Send) -> None:
    while (message := await receive())["type"] != "websocket.disconnect":
        if message.get("text") == "end":
            await send({"type": "websocket.close", "code": 1011})
            return
        await send({"type": "websocket.send", "text": message["text"]})
