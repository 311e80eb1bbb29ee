"""Redis goes, comes back and forgets: events may be late, never lost, doubled or out of order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from core.db_threads import in_db_thread
from core.ids import uuid7
from core.realtime import streams
from core.realtime.bus import get_bus
from core.realtime.hub import Hub
from core.realtime.tests.peers import Client
from core.realtime.tests.peers import Room
from core.realtime.tests.peers import Rooms
from tests.kit.redis import RedisServer

ALICE, BOB = uuid7(), uuid7()


@pytest.fixture
async def hubs(settings: Any, redis_server: RedisServer, rooms: Rooms, way: str) -> AsyncIterator[tuple[Hub, Hub]]:
    """Two hubs on a Redis of their own, as two processes would have them."""
    settings.REDIS_URL = redis_server.url()
    both = Hub(), Hub()
    yield both
    for hub in both:
        await hub.stop()
    await asyncio.to_thread(get_bus().close)


async def world(rooms: Rooms, hubs: tuple[Hub, Hub], *people: UUID) -> tuple[Room, list[Client]]:
    """A room with a client of each person on each of two hubs."""
    room = await in_db_thread(rooms.make, *people)
    return room, [await Client(hub, user_id).live(room) for hub in hubs for user_id in people]


async def test_events_reach_the_sockets_of_all_processes(rooms: Rooms, hubs: tuple[Hub, Hub]) -> None:
    room, clients = await world(rooms, hubs, ALICE, BOB)
    last = await in_db_thread(room.say)
    await in_db_thread(room.whisper)
    for client in clients:
        await client.until_seq(room, last)
        await client.until(lambda client=client: "psst" in client.texts(room))  # type: ignore[misc]


def _was_told_to_forget(client: Client) -> bool:
    return any("closed" in str(frame) for frame in client.frames)


async def test_what_is_said_while_redis_is_down_comes_when_it_is_back(
    rooms: Rooms, hubs: tuple[Hub, Hub], redis_server: RedisServer
) -> None:
    room, clients = await world(rooms, hubs, ALICE, BOB)
    start = await in_db_thread(streams.head, room.name)
    redis_server.kill()
    await in_db_thread(room.say_many, 5)
    await in_db_thread(room.leave, BOB)
    await in_db_thread(room.say, "not for bob")
    await asyncio.to_thread(redis_server.start)
    for client in clients:
        if client.user_id == ALICE:
            await client.until_seq(room, start + 7)
            assert client.seqs(room) == list(range(start + 1, start + 8))
    for client in clients:
        if client.user_id == BOB:  # his own stream may have been first, and with it the order to forget the room
            await client.until(partial(_was_told_to_forget, client))
            heard = client.seqs(room)
            assert heard == list(range(start + 1, start + 6))[: len(heard)]


async def test_a_socket_becomes_live_while_redis_is_down(
    rooms: Rooms, hubs: tuple[Hub, Hub], redis_server: RedisServer
) -> None:
    await world(rooms, hubs, ALICE)
    redis_server.kill()
    other = await in_db_thread(rooms.make, BOB)
    await in_db_thread(other.say)
    bob = await Client(hubs[0], BOB).connect()
    await asyncio.wait_for(bob.sync({str(other.name): 1}), 10)
    assert bob.seqs(other) == [2]
    await in_db_thread(other.say)
    await asyncio.to_thread(redis_server.start)
    await bob.until_seq(other, 3)
    await in_db_thread(other.say)
    await bob.until_seq(other, 4)


@pytest.mark.parametrize("kills", [3])
async def test_listeners_that_are_killed_again_and_again_while_threads_write(
    rooms: Rooms, hubs: tuple[Hub, Hub], redis_server: RedisServer, kills: int
) -> None:
    room, clients = await world(rooms, hubs, ALICE, BOB)
    start = await in_db_thread(streams.head, room.name)
    written = 0
    for _ in range(kills):
        writing = [asyncio.create_task(in_db_thread(say_some, room, 20)) for _ in range(3)]
        await asyncio.to_thread(redis_server.kill_listeners)
        await asyncio.gather(*writing)
        written += 60
    for client in clients:
        await client.until_seq(room, start + written)
        assert client.seqs(room) == list(range(start + 1, start + written + 1))


def say_some(room: Room, count: int) -> None:
    for _ in range(count):
        room.say()
