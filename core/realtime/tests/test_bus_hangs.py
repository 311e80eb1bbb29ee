"""A Redis that hangs: it answers nothing, takes nothing and closes nothing. Nobody waits for it without end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Callable

import pytest

from core.ids import uuid7
from core.realtime.bus import pubsub
from core.realtime.bus.pubsub import RedisBus
from core.realtime.bus.pubsub import RedisListener
from core.realtime.names import StreamName
from core.realtime.tests.test_bus import OTHER
from core.realtime.tests.test_bus import ROOM
from core.realtime.tests.test_bus import Ear
from core.realtime.tests.test_bus import said
from tests.kit.redis import RedisServer


class Way:
    """The way to a Redis, on which all connections of the moment can get stuck."""

    def __init__(self, port: int) -> None:
        self.connections = 0
        self.is_stuck = False
        self._port = port
        self._pumps: list[asyncio.Task[None]] = []
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None

    async def open(self) -> str:
        """The URL of its beginning."""
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0, limit=1024)
        return f"redis://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/0"

    def get_stuck(self) -> None:
        """From here on nothing moves on the connections there are, nor on those that come."""
        self.is_stuck = True
        for pump in self._pumps:
            pump.cancel()

    def close(self) -> None:
        self.get_stuck()
        for writer in self._writers:
            writer.transport.abort()
        if self._server is not None:
            self._server.close()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        if not self.is_stuck:
            there, to_there = await asyncio.open_connection("127.0.0.1", self._port)
            self._writers.append(to_there)
            self._pumps += [asyncio.create_task(_pump(reader, to_there)), asyncio.create_task(_pump(there, writer))]


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1024):
        writer.write(data)
        await writer.drain()
    writer.close()


@pytest.fixture
async def way(redis_server: RedisServer) -> AsyncIterator[Way]:
    made = Way(redis_server.port)
    yield made
    made.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pubsub, "CONFIRM_SECONDS", 0.3)
    monkeypatch.setattr(pubsub, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(pubsub, "BEAT_SECONDS", 0.5)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.005)


async def is_heard_again(ear: Ear, bus: RedisBus) -> None:
    await ear.until(losses=1)
    async with asyncio.timeout(10):
        while not ear.messages:  # so impatient a listener may take a busy machine for a silent one once more
            bus.publish(said(5, name=OTHER))
            await asyncio.sleep(0.05)
    assert ear.messages[0] == said(5, name=OTHER)
    await ear.listener.stop()
    await asyncio.to_thread(bus.close)


@pytest.mark.usefixtures("impatient")
async def test_connecting(way: Way, redis_server: RedisServer) -> None:
    way.get_stuck()
    bus = RedisBus(await way.open())
    ear = await Ear(bus).hear(OTHER)
    await until(lambda: way.connections > 1)
    way.is_stuck = False
    await is_heard_again(ear, RedisBus(redis_server.url()))


@pytest.mark.usefixtures("impatient")
async def test_what_was_connected_and_is_silent(way: Way, redis_server: RedisServer) -> None:
    bus = RedisBus(await way.open())
    ear = await Ear(bus).hear(OTHER)
    way.get_stuck()
    way.is_stuck = False
    await is_heard_again(ear, RedisBus(redis_server.url()))


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("step", ["subscribing", "unsubscribing"])
async def test_what_takes_nothing_more(way: Way, redis_server: RedisServer, step: str) -> None:
    bus, other = RedisBus(await way.open()), RedisBus(redis_server.url())
    bus._prefix = other._prefix = "x" * 1000  # more than all buffers between here and there
    names = [StreamName("t", uuid7()) for _ in range(10_000)]
    ear = await Ear(bus).hear(OTHER)
    if step == "unsubscribing":
        ear.listener._names |= set(names)  # type: ignore[attr-defined]
    way.get_stuck()
    way.is_stuck = False
    async with asyncio.timeout(10):
        await (ear.listener.subscribe(names) if step == "subscribing" else ear.listener.unsubscribe(names))
    ear.listener._names -= set(names)  # type: ignore[attr-defined]
    await is_heard_again(ear, other)


async def test_publishing(redis_server: RedisServer) -> None:
    bus = RedisBus(redis_server.url())
    redis_server.hang()
    async with asyncio.timeout(10):
        for seq in range(10):  # each would wait for two seconds
            await asyncio.to_thread(bus.publish, said(seq))
    redis_server.kill()
    await asyncio.to_thread(bus.close)


async def test_a_subscription_that_breaks_off_is_made_up_for(redis_server: RedisServer) -> None:
    bus = RedisBus(redis_server.url())
    ear = await Ear(bus).hear(ROOM)
    listener = ear.listener
    assert isinstance(listener, RedisListener)
    redis_server.hang()
    subscribing = asyncio.create_task(listener.subscribe([OTHER]))
    await until(lambda: bool(listener._marks))
    redis_server.kill()
    await asyncio.wait_for(subscribing, 10)
    await asyncio.to_thread(redis_server.start)
    await is_heard_again(ear, bus)
