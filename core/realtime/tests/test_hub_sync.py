"""Becoming live: nothing falls between what is read and what is told, and nothing slips to who is no member."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.db import connections
from django.test.utils import CaptureQueriesContext

from core.db_threads import in_db_thread
from core.ids import uuid7
from core.realtime import catchup
from core.realtime import streams
from core.realtime.hub import Hub
from core.realtime.models import Stream
from core.realtime.names import user_stream
from core.realtime.resolvers import resolvers
from core.realtime.tests.peers import Client
from core.realtime.tests.peers import Room
from core.realtime.tests.peers import Rooms
from core.realtime.tests.peers import made

ALICE, BOB = uuid7(), uuid7()


async def test_what_is_missing_comes_in_order_before_synced(rooms: Rooms, hub: Hub) -> None:
    first, second = await made(rooms, ALICE), await made(rooms, ALICE)
    for room in (first, second):
        await in_db_thread(room.say_many, 3)
    alice = await Client(hub, ALICE).connect()
    answer = await alice.sync({str(first.name): 1, str(second.name): 3, str(user_stream(ALICE)): 2})
    assert alice.seqs(first) == [2, 3, 4]
    assert alice.seqs(second) == [4]
    assert answer == {"type": "synced", "id": "1", "payload": {"reset": [], "more": False, "heads": {}}}
    assert alice.frames[-1] == answer


async def test_streams_the_client_does_not_know_or_cannot_continue_are_reset(rooms: Rooms, hub: Hub) -> None:
    unnamed, ahead, trimmed, fine = [await made(rooms, ALICE) for _ in range(4)]
    for room in (unnamed, ahead, trimmed, fine):
        await in_db_thread(room.say_many, 4)
    await in_db_thread(Stream.objects.filter(pk=trimmed.name.id).update, trimmed_seq=3)
    alice = await Client(hub, ALICE).connect()
    answer = await alice.sync({str(ahead.name): 6, str(trimmed.name): 2, str(fine.name): 5})
    own = user_stream(ALICE)
    expected = {str(own): 4, str(unnamed.name): 5, str(ahead.name): 5, str(trimmed.name): 5}
    assert answer["payload"]["heads"] == expected
    assert set(answer["payload"]["reset"]) == set(expected)
    for room in (unnamed, ahead, trimmed, fine):
        last = await in_db_thread(room.say)
        await alice.until_seq(room, last)
        assert alice.seqs(room) == [6]


async def test_the_number_of_queries_does_not_grow(rooms: Rooms, hub: Hub) -> None:
    counts = []
    for number in (1, 8):
        for _ in range(number):
            await in_db_thread((await made(rooms, ALICE)).say_many, 2)
        positions = {str(room.name): 1 for room in rooms.rooms}
        counts.append(await in_db_thread(_queries, positions))
    assert counts[0] == counts[1]
    others = [resolver for resolver in resolvers() if resolver.kind not in "ut"]
    assert counts[0] == 3 + len(others)


def _queries(positions: dict[str, int]) -> int:
    from django.db import connection

    with CaptureQueriesContext(connection) as captured:
        answer = catchup.poll(ALICE, positions)
    assert len(answer.frames) == 2 * len(positions)
    return len(captured)


async def test_more_than_fits_comes_in_parts(rooms: Rooms, hub: Hub) -> None:
    big, small = await made(rooms, ALICE), await made(rooms, ALICE)
    await in_db_thread(big.say_many, 1500)
    await in_db_thread(small.say_many, 3)
    alice = await Client(hub, ALICE).connect()
    positions = {str(big.name): 0, str(small.name): 0, str(user_stream(ALICE)): 0}
    answer = await alice.sync(positions)
    assert answer["payload"]["more"]
    assert len(alice.frames) == 1001
    last = await in_db_thread(big.say, "while incomplete")
    while answer["payload"]["more"]:
        positions = {str(room.name): alice.seqs(room)[-1] if alice.seqs(room) else 0 for room in (big, small)}
        answer = await alice.sync(positions | {str(user_stream(ALICE)): 0})
    assert alice.seqs(big) == list(range(1, last + 1))
    assert alice.seqs(small) == [1, 2, 3, 4]
    await alice.until_seq(small, await in_db_thread(small.say))
    await alice.until_seq(big, await in_db_thread(big.say))
    assert alice.seqs(big) == list(range(1, last + 2))


async def test_parts_are_bounded_in_bytes_too(rooms: Rooms, hub: Hub) -> None:
    room = await made(rooms, ALICE)
    await in_db_thread(room.say_many, 300, "x" * 8000)
    alice = await Client(hub, ALICE).connect()
    answer = await alice.sync({str(room.name): 1})
    assert answer["payload"]["more"]
    assert 120 < len(alice.seqs(room)) < 135
    while answer["payload"]["more"]:
        answer = await alice.sync({str(room.name): alice.seqs(room)[-1]})
    assert alice.seqs(room) == list(range(2, 302))


async def test_a_live_socket_may_sync_again_and_is_not_sent_anything_twice(rooms: Rooms, hub: Hub) -> None:
    room, later = await made(rooms, ALICE), await made(rooms)
    alice = await Client(hub, ALICE).live(room)
    last = await in_db_thread(room.say)
    await alice.until_seq(room, last)
    await in_db_thread(later.join, ALICE)
    answer = await alice.sync({str(room.name): 0, str(user_stream(ALICE)): 0}, "again")
    assert answer["id"] == "again"
    await alice.until_seq(room, await in_db_thread(room.say))
    await alice.until_seq(later, await in_db_thread(later.say))
    assert alice.seqs(room) == [last, last + 1]
    assert alice.seqs(later)[-1] == 2


@pytest.mark.parametrize("is_known", [True, False], ids=["continues", "reset"])
@pytest.mark.parametrize("step", ["after heads", "before read", "after read"])
async def test_what_is_said_while_a_socket_connects_is_not_lost(
    rooms: Rooms, hub: Hub, between: Callable[..., None], step: str, is_known: bool
) -> None:
    room = await made(rooms, ALICE)
    start = await in_db_thread(streams.head, room.name)
    between(step, lambda: room.say_many(5, "meanwhile"))
    alice = await Client(hub, ALICE).connect()
    answer = await alice.sync({str(room.name): start} if is_known else {})
    last = await in_db_thread(room.say, "then")
    await alice.until_seq(room, last)
    position = start if is_known else answer["payload"]["heads"][str(room.name)]
    assert alice.seqs(room) == list(range(position + 1, last + 1))


async def test_without_buffering_what_is_said_meanwhile_is_lost(
    rooms: Rooms, hub: Hub, between: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await made(rooms, ALICE, BOB)
    bob = await Client(hub, BOB).live(room)
    start = await in_db_thread(streams.head, room.name)
    monkeypatch.setattr(hub, "_begin_buffering", lambda joins: None)
    told = threading.Event()

    def meanwhile() -> None:
        room.say_many(5, "meanwhile")
        assert told.wait(10)

    between("after read", meanwhile)
    alice = await Client(hub, ALICE).connect()
    syncing = asyncio.create_task(alice.sync({str(room.name): start}))
    await bob.until_seq(room, start + 5)
    told.set()
    await syncing
    last = await in_db_thread(room.say, "then")
    await alice.until_seq(room, last)
    assert alice.seqs(room) == [last]


@pytest.mark.parametrize("is_known", [True, False], ids=["continues", "reset"])
@pytest.mark.parametrize("step", ["before heads", "after heads", "before read", "after read"])
async def test_who_is_removed_while_connecting_gets_nothing_of_what_follows(
    rooms: Rooms, hub: Hub, between: Callable[..., None], step: str, is_known: bool
) -> None:
    room = await made(rooms, ALICE, BOB)
    alice = await Client(hub, ALICE).live(room)
    start = await in_db_thread(streams.head, room.name)

    def remove() -> None:
        room.leave(BOB)
        room.say("secret")

    between(step, remove)
    bob = await Client(hub, BOB).connect()
    await bob.sync({str(room.name): start} if is_known else {})
    last = await in_db_thread(room.say, "secret")
    await in_db_thread(room.whisper, "secret")
    await alice.until_seq(room, last)
    await alice.until(lambda: alice.texts(room).count("secret") == 3)
    assert bob.events(room) == []


@pytest.mark.parametrize("is_known", [True, False], ids=["continues", "reset"])
@pytest.mark.parametrize("step", ["before heads", "after heads", "before read", "after read"])
async def test_who_is_let_in_while_connecting_misses_nothing(
    rooms: Rooms, hub: Hub, between: Callable[..., None], step: str, is_known: bool
) -> None:
    room = await made(rooms, ALICE)
    joined: list[int] = []

    def let_in() -> None:
        joined.append(room.join(BOB))
        room.say("welcome")

    between(step, let_in)
    bob = await Client(hub, BOB).connect()
    answer = await bob.sync({str(user_stream(BOB)): 0} if is_known else {})
    last = await in_db_thread(room.say, "later")
    await bob.until_seq(room, last)
    first = answer["payload"]["heads"].get(str(room.name), joined[0] - 1) + 1
    assert bob.seqs(room) == list(range(first, last + 1))


async def test_a_socket_that_goes_while_it_syncs_leaves_nothing(
    rooms: Rooms, hub: Hub, between: Callable[..., None]
) -> None:
    room = await made(rooms, ALICE)
    started, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def wait() -> None:
        loop.call_soon_threadsafe(started.set)
        assert go_on.wait(10)

    between("before read", wait)
    alice = await Client(hub, ALICE).connect()
    syncing = asyncio.create_task(hub.sync(alice.connection, {}, request_id=None))
    await started.wait()
    await alice.leave()
    go_on.set()
    await syncing
    assert all(stream.is_empty for stream in hub._streams.values())
    assert alice.events(room) == []


async def test_a_database_that_fails_leaves_the_socket_as_it_was(
    rooms: Rooms, hub: Hub, between: Callable[..., None]
) -> None:
    room = await made(rooms, ALICE)

    def fail() -> None:
        raise OperationalError("gone")

    between("before read", fail)
    alice = await Client(hub, ALICE).connect()
    with pytest.raises(OperationalError):
        await hub.sync(alice.connection, {}, request_id="1")
    assert alice.frames == []
    await alice.sync({str(room.name): 1})
    await alice.until_seq(room, await in_db_thread(room.say))


async def test_a_client_that_does_not_read_while_much_happens_is_closed(
    rooms: Rooms, hub: Hub, between: Callable[..., None], settings: Any
) -> None:
    settings.SOCKET_SEND_TIMEOUT_SECONDS = 3600
    room = await made(rooms, ALICE, BOB)
    bob = await Client(hub, BOB).live(room)
    await in_db_thread(room.say_many, 900)
    loop, has_read = asyncio.get_running_loop(), asyncio.Event()
    between("after read", lambda: loop.call_soon_threadsafe(has_read.set))
    alice = await Client(hub, ALICE).connect()
    alice.reads.clear()
    syncing = asyncio.create_task(hub.sync(alice.connection, {str(room.name): 1}, request_id="1"))
    await has_read.wait()  # from here on everything is kept for her
    for _ in range(12):
        await in_db_thread(room.say_many, 100)
        await bob.until_seq(room, await in_db_thread(streams.head, room.name))
    await asyncio.wait_for(syncing, 10)
    assert alice.connection.close_code == 4008


async def test_a_client_that_does_not_read_while_nothing_happens_is_closed(
    rooms: Rooms, hub: Hub, settings: Any
) -> None:
    settings.SOCKET_SEND_TIMEOUT_SECONDS = 0.05
    room = await made(rooms, ALICE)
    await in_db_thread(room.say_many, 900)
    alice = await Client(hub, ALICE).connect()
    alice.reads.clear()
    await asyncio.wait_for(hub.sync(alice.connection, {str(room.name): 1}, request_id="1"), 10)
    assert alice.connection.close_code == 4008


def say_all(room: Room, count: int) -> None:
    for _ in range(count):
        room.say()
    connections.close_all()


async def test_positions_are_one_per_socket_with_many_at_once(rooms: Rooms, hub: Hub) -> None:
    room = await made(rooms, *(people := [uuid7() for _ in range(30)]))
    start = await in_db_thread(streams.head, room.name)
    writing = threading.Thread(target=say_all, args=[room, 60])
    writing.start()
    clients = [await Client(hub, user_id).connect() for user_id in people]
    await asyncio.gather(*(client.sync({str(room.name): start}) for client in clients))
    await asyncio.to_thread(writing.join)
    for client in clients:
        await client.until_seq(room, start + 60)
        assert client.seqs(room) == list(range(start + 1, start + 61))
