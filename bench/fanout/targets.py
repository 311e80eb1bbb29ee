"""The three servers, and how each is told an event."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from collections.abc import Sequence
from typing import Any
from typing import Protocol
from uuid import UUID

import redis
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.db import transaction

from bench import people
from bench.fanout.ears import Said
from bench.fanout.ears import frame
from bench.harness import uvicorn
from core.ids import uuid7
from core.realtime.names import StreamName

_SOCKETS = ("--ws", "websockets-sansio", "--ws-per-message-deflate", "false")


class Target(Protocol):
    """One of the servers."""

    name: str

    def paths(self, start: int, stop: int) -> Sequence[str]:
        """Of the sockets of these members."""

    def publish(self, numbers: Sequence[int], note: Callable[[int], None]) -> list[int]:
        """Tell events, in a thread; ``note`` is called with the number of each just before. Returns the numbers."""


class Raw:
    name = "raw ASGI"

    def __init__(self) -> None:
        self._redis = redis.Redis.from_url(os.environ["REDIS_URL"])
        self.conversation = uuid7()

    def paths(self, start: int, stop: int) -> Sequence[str]:
        return ["/"] * (stop - start)

    def publish(self, numbers: Sequence[int], note: Callable[[int], None]) -> list[int]:
        pipeline = self._redis.pipeline(transaction=False)
        for number in numbers:
            note(number)
            pipeline.publish("bench", frame(self.conversation, number))
        pipeline.execute()
        return list(numbers)


class Stock:
    name = "group_send"

    def __init__(self) -> None:
        self.conversation = uuid7()
        self._runner = asyncio.Runner()
        self._layer: Any = RedisPubSubChannelLayer(hosts=[{"address": os.environ["REDIS_URL"]}])

    def paths(self, start: int, stop: int) -> Sequence[str]:
        return ["/"] * (stop - start)

    def publish(self, numbers: Sequence[int], note: Callable[[int], None]) -> list[int]:
        self._runner.run(self._send(numbers, note))
        return list(numbers)

    async def _send(self, numbers: Sequence[int], note: Callable[[int], None]) -> None:
        for number in numbers:
            note(number)
            text = frame(self.conversation, number).decode()
            await self._layer.group_send("bench", {"type": "told", "text": text})


class Ours:
    name = "product"

    def __init__(self, members: Sequence[people.Member]) -> None:
        self._members = members
        self.conversation = UUID(int=0)

    def paths(self, start: int, stop: int) -> Sequence[str]:
        return [member.path for member in self._members[start:stop]]

    def publish(self, numbers: Sequence[int], note: Callable[[int], None]) -> list[int]:
        from core.realtime import streams  # once Django is set up

        stream = StreamName("c", self.conversation)
        given: list[int] = []
        with transaction.atomic():
            for _ in numbers:
                # Noted in the commit, right before it is rung: writing is not fanning out.
                transaction.on_commit(lambda place=len(given): note(given[place]))  # type: ignore[misc] # noqa: B008
                given.append(streams.append(stream, Said()))
        return given


def command(target: Target, port: int) -> list[str]:
    """What starts its server."""
    match target:
        case Raw():
            return [*uvicorn("bench.raw_fanout:application", port), *_SOCKETS]
        case Stock():
            return [*uvicorn("bench.stock_fanout:application", port), *_SOCKETS]
    return ["manage.py", "serve", "--bind", "127.0.0.1", "--port", str(port)]
