"""One suite for both buses, and what only Redis can do to one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.ids import uuid7
from core.realtime.bus import Bus
from core.realtime.bus import Listener
from core.realtime.bus import Message
from core.realtime.bus.memory import InProcessBus
from core.realtime.bus.pubsub import RedisBus
from core.realtime.names import StreamName
from tests.kit.redis import RedisServer

ROOM = StreamName("t", uuid7())
OTHER = StreamName("t", uuid7())


@pytest.fixture(params=["memory", "redis"])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    made = InProcessBus() if request.param == "memory" else RedisBus(request.getfixturevalue("redis_server").url(3))
    yield made
    await asyncio.to_thread(made.close)


class Ear:
    """A listener that remembers."""

    def __init__(self, bus: Bus) -> None:
        self.messages: list[Message] = []
        self.losses = 0
        self._news = asyncio.Event()
        self.listener: Listener = bus.listener(self._deliver, self._lose)

    async def hear(self, *names: StreamName) -> Ear:
        await self.listener.start()
        await self.listener.subscribe(names)
        return self

    async def until(self, *, messages: int = 0, losses: int = 0) -> None:
        async with asyncio.timeout(10):
            while len(self.messages) < messages or self.losses < losses:
                await self._news.wait()
                self._news.clear()

    def _deliver(self, message: Message) -> None:
        self.messages.append(message)
        self._news.set()

    def _lose(self) -> None:
        self.losses += 1
        self._news.set()


def said(seq: int | None, *, name: StreamName = ROOM, **fields: Any) -> Message:
    return Message(name, seq, b'{"type":"test.said"}', **fields)


@pytest.mark.parametrize(
    "message",
    [
        said(1),
        said(2**40, audience={"leaves": [str(uuid7())], "ends": True}),
        said(None),
        said(None, after=7),
        Message(ROOM, 3, "ї".encode()),
    ],
)
def test_a_message_survives_the_journey(message: Message) -> None:
    assert Message.decode(message.encode()) == message


async def test_a_listener_hears_its_streams_and_no_others(bus: Bus) -> None:
    ear = await Ear(bus).hear(ROOM)
    bus.publish(said(1, name=OTHER))
    bus.publish(said(1, audience={"ends": True}))
    await ear.until(messages=1)
    assert ear.messages == [said(1, audience={"ends": True})]
    await ear.listener.stop()


async def test_a_confirmed_subscription_misses_nothing(bus: Bus) -> None:
    ear = await Ear(bus).hear()
    for seq in range(1, 30):
        name = StreamName("t", uuid7())
        await ear.listener.subscribe([name])
        bus.publish(said(seq, name=name))
    await ear.until(messages=29)
    assert [message.seq for message in ear.messages] == list(range(1, 30))
    await ear.listener.stop()


async def test_what_was_unsubscribed_is_heard_no_more(bus: Bus) -> None:
    ear = await Ear(bus).hear(ROOM, OTHER)
    await ear.listener.unsubscribe([OTHER])
    await ear.listener.subscribe([StreamName("t", uuid7())])  # confirmed after the other
    bus.publish(said(1, name=OTHER))
    bus.publish(said(1))
    await ear.until(messages=1)
    assert ear.messages == [said(1)]
    await ear.listener.stop()


def publish_many(bus: Bus, start: int, count: int) -> None:
    for seq in range(start, start + count):
        bus.publish(said(seq))


async def test_every_listener_hears_what_threads_publish(bus: Bus) -> None:
    ears = [await Ear(bus).hear(ROOM) for _ in range(3)]
    threads = [threading.Thread(target=publish_many, args=[bus, n * 100, 100]) for n in range(4)]
    for thread in threads:
        thread.start()
    for ear in ears:
        await ear.until(messages=400)
        assert {message.seq for message in ear.messages} == set(range(400))
        await ear.listener.stop()
    for thread in threads:
        thread.join()


async def test_thousands_of_streams(bus: Bus) -> None:
    names = [StreamName("t", uuid7()) for _ in range(2500)]
    ear = await Ear(bus).hear(*names)
    for name in names:
        bus.publish(said(1, name=name))
    await ear.until(messages=2500)
    await ear.listener.stop()


async def test_a_stopped_listener_hears_nothing(bus: Bus) -> None:
    first, second = await Ear(bus).hear(ROOM), await Ear(bus).hear(ROOM)
    await first.listener.stop()
    bus.publish(said(1))
    await second.until(messages=1)
    assert first.messages == []
    await second.listener.stop()


def test_publishing_into_an_ended_loop_raises_nothing() -> None:
    bus = InProcessBus()
    ears: list[Ear] = []

    async def listen() -> None:
        ears.append(await Ear(bus).hear(ROOM))

    asyncio.run(listen())
    bus.publish(said(1))
    assert ears[0].messages == []


async def test_sites_on_one_redis_do_not_hear_each_other(redis_server: RedisServer) -> None:
    here, there = RedisBus(redis_server.url(1)), RedisBus(redis_server.url(2))
    ear, other = await Ear(here).hear(ROOM), await Ear(there).hear(ROOM)
    here.publish(said(1))
    there.publish(said(2))
    await ear.until(messages=1)
    await other.until(messages=1)
    assert (ear.messages, other.messages) == ([said(1)], [said(2)])
    for each in (ear, other):
        await each.listener.stop()


@pytest.mark.parametrize("fault", ["restart", "client_kill"])
async def test_after_a_break_everything_is_heard_again(redis_server: RedisServer, fault: str) -> None:
    bus = RedisBus(redis_server.url())
    ear = await Ear(bus).hear(ROOM, OTHER)
    assert ear.losses == 0
    if fault == "restart":
        redis_server.kill()
        bus.publish(said(1))
        await asyncio.to_thread(redis_server.start)
    else:
        assert await asyncio.to_thread(redis_server.kill_listeners) >= 1
    await ear.until(losses=1)
    seq = 1
    async with asyncio.timeout(10):
        while not {ROOM, OTHER} <= {message.stream for message in ear.messages}:  # the publisher may still pause
            seq += 1
            bus.publish(said(seq))
            bus.publish(said(seq, name=OTHER))
            await asyncio.sleep(0.05)
    await ear.listener.stop()
    await asyncio.to_thread(bus.close)


async def test_subscribing_while_redis_is_away_is_made_up_for(redis_server: RedisServer) -> None:
    bus = RedisBus(redis_server.url())
    ear = await Ear(bus).hear(ROOM)
    redis_server.kill()
    async with asyncio.timeout(5):
        await ear.listener.subscribe([OTHER])
    await asyncio.to_thread(redis_server.start)
    await ear.until(losses=1)
    bus.publish(said(5, name=OTHER))
    await ear.until(messages=1)
    assert ear.messages == [said(5, name=OTHER)]
    await ear.listener.stop()
    await asyncio.to_thread(bus.close)
