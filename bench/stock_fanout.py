"""What a Channels project does by the book: a consumer in a group, ``group_send`` for every message."""

from __future__ import annotations

import os
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

if not settings.configured:
    settings.configure(
        CHANNEL_LAYERS={
            "default": {
                "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
                "CONFIG": {"hosts": [{"address": os.environ["REDIS_URL"], "socket_timeout": None}]},
            }
        }
    )


class _Consumer(AsyncWebsocketConsumer):  # type: ignore[misc] # untyped
    groups = ["bench"]

    async def told(self, event: dict[str, Any]) -> None:
        await self.send(text_data=event["text"])


_consumer = _Consumer.as_asgi()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The consumer, and the lifespan protocol, which Channels leaves to others."""
    if scope["type"] != "lifespan":
        await _consumer(scope, receive, send)
        return
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
