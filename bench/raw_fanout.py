"""The baseline of fan-out: a raw ASGI application that passes on to every socket what one Redis subscription says."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import redis.asyncio

_sends: dict[int, Any] = {}
_listening: list[asyncio.Task[None]] = []


async def _listen() -> None:
    client = redis.asyncio.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=None)
    async with client.pubsub() as pubsub:
        await pubsub.subscribe("bench")
        async for message in pubsub.listen():
            if message["type"] == "message":
                event = {"type": "websocket.send", "text": message["data"].decode()}
                for send in list(_sends.values()):
                    await send(event)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Accept, listen, forget."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if not _listening:
        _listening.append(asyncio.create_task(_listen()))
    await receive()
    await send({"type": "websocket.accept"})
    _sends[id(send)] = send
    while (await receive())["type"] != "websocket.disconnect":
        pass
    del _sends[id(send)]
