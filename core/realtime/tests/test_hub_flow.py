"""What reaches sockets that are live: in order, without gaps, and only members."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from uuid import UUID

import pytest
from django.db import OperationalError
from django.db import connections
from django.db import transaction
from django.test.utils import CaptureQueriesContext

from core.db_threads import in_db_thread
from core.ids import uuid7
from core.realtime import connection as connection_module
from core.realtime import reading
from core.realtime import streams
from core.realtime.bus import Message
from core.realtime.hub import Hub
from core.realtime.hub import flow
from core.realtime.models import StreamEvent
from core.realtime.names import user_stream
from core.realtime.tests.conftest import SilentBus
from core.realtime.tests.peers import Client
from core.realtime.tests.peers import Room
from core.realtime.tests.peers import Rooms
from core.realtime.tests.peers import Whispered
from core.realtime.tests.peers import made

ALICE, BOB, CHARLIE = uuid7(), uuid7(), uuid7()


@pytest.fixture
def many_tails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks for lost tails all the time."""
    monkeypatch.setattr(flow, "TAIL_SECONDS", 0.05)


async def test_members_get_every_event_with_the_same_bytes(rooms: Rooms, hub: Hub) -> None:
    room = await made(rooms, ALICE, BOB)
    alice, bob = await Client(hub, ALICE).live(room), await Client(hub, BOB).live(room)
    for text in ("one", "two", "three"):
        last = await in_db_thread(room.say, text)
    await alice.until_seq(room, last)
    await bob.until_seq(room, last)
    assert alice.texts(room) == bob.texts(room) == ["one", "two", "three"]
    assert alice.seqs(room) == [last - 2, last - 1, last]


async def test_strangers_get_nothing(rooms: Rooms, hub: Hub) -> None:
    room = await made(rooms, ALICE)
    alice = await Client(hub, ALICE).live(room)
    charlie = await Client(hub, CHARLIE).connect()
    answer = await charlie.sync({str(room.name): 0, str(user_stream(ALICE)): 0, "nonsense": 3})
    last = await in_db_thread(room.say, "secret")
    await in_db_thread(room.whisper)
    await alice.until(lambda: "psst" in alice.texts(room))
    assert charlie.events(room) == []
    assert set(answer["payload"]["reset"]) == {
        str(room.name),
        str(user_stream(ALICE)),
        str(user_stream(CHARLIE)),
        "nonsense",
    }
    assert answer["payload"]["heads"] == {str(user_stream(CHARLIE)): 0}
    assert alice.seqs(room) == [last]


async def test_without_sync_nothing_comes(rooms: Rooms, hub: Hub) -> None:
    room = await made(rooms, ALICE)
    silent, live = await Client(hub, ALICE).connect(), await Client(hub, ALICE).live(room)
    last = await in_db_thread(room.say)
    await live.until_seq(room, last)
    assert silent.frames == []


async def test_events_that_come_in_another_order_twice_or_never(rooms: Rooms, hub: Hub, silent_bus: SilentBus) -> None:
    room = await made(rooms, ALICE)
    alice = await Client(hub, ALICE).live(room)
    silent_bus.lost.clear()
    start = await in_db_thread(room.say, "0")
    await in_db_thread(room.say_many, 9)
    events = silent_bus.lost
    silent_bus.ring(events[1], events[0], events[0], events[2], events[1], events[6], events[4], events[9], events[9])
    await alice.until_seq(room, start + 9)
    assert alice.seqs(room) == list(range(start, start + 10))


async def test_a_reordered_pair_costs_no_query(
    rooms: Rooms, hub: Hub, silent_bus: SilentBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "GRACE_SECONDS", 60)
    room, other = await made(rooms, ALICE), await made(rooms, ALICE)
    alice = await Client(hub, ALICE).live(room, other)
    silent_bus.lost.clear()
    await in_db_thread(room.say_many, 2)
    await in_db_thread(other.whisper)
    first, second, marker = silent_bus.lost
    await in_db_thread(StreamEvent.objects.all().delete)
    silent_bus.ring(second, marker)
    await alice.until(lambda: alice.texts(other) == ["psst"])
    assert alice.seqs(room) == []
    silent_bus.ring(first)
    await alice.until_seq(room, second.seq or 0)
    assert alice.seqs(room) == [first.seq, second.seq]


async def test_a_lost_tail_is_found(rooms: Rooms, hub: Hub, silent_bus: SilentBus, many_tails: None) -> None:
    room = await made(rooms, ALICE)
    alice = await Client(hub, ALICE).live(room)
    for _ in range(3):
        last = await in_db_thread(room.say)
        await alice.until_seq(room, last)
    assert alice.seqs(room) == [last - 2, last - 1, last]


async def test_without_the_tail_check_a_lost_tail_stays_lost(
    rooms: Rooms, hub: Hub, silent_bus: SilentBus, many_tails: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    its_time = asyncio.Event()

    async def nothing() -> None:
        its_time.set()

    monkeypatch.setattr(hub, "_check_tails", nothing)
    room = await made(rooms, ALICE)
    alice = await Client(hub, ALICE).live(room)
    await in_db_thread(room.say)
    for _ in range(2):  # one may have been on its way
        its_time.clear()
        await asyncio.wait_for(its_time.wait(), 10)
    assert alice.seqs(room) == []


async def test_without_the_contiguity_check_events_are_lost_and_doubled(
    rooms: Rooms, hub: Hub, silent_bus: SilentBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "_is_next", lambda stream, seq: True)
    room = await made(rooms, ALICE)
    alice = await Client(hub, ALICE).live(room)
    silent_bus.lost.clear()
    await in_db_thread(room.say_many, 3)
    first, _, third = silent_bus.lost
    silent_bus.ring(first, first, third)
    await alice.until_seq(room, third.seq or 0)
    assert alice.seqs(room) == [first.seq, first.seq, third.seq]


async def test_the_tail_check_is_one_query(rooms: Rooms, hub: Hub, django_assert_num_queries: object) -> None:
    await Client(hub, ALICE).live(*[await made(rooms, ALICE) for _ in range(5)])
    positions = {name: stream.last or 0 for name, stream in hub._followed()}
    assert len(positions) == 6

    def count() -> None:
        with django_assert_num_queries(1):  # type: ignore[operator]
            assert reading.behind(positions) == {}

    await in_db_thread(count)


async def test_a_database_that_fails_delays(
    rooms: Rooms, hub: Hub, silent_bus: SilentBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "_FIRST_PAUSE", 0.01)
    room = await made(rooms, ALICE)
    alice = await Client(hub, ALICE).live(room)
    silent_bus.lost.clear()
    await in_db_thread(room.say_many, 3)
    real, failures = reading.after, iter([OperationalError("gone"), OperationalError("gone")])

    def failing(*args: object, **kwargs: object) -> list[Message]:
        for error in failures:
            raise error
        return real(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "after", failing)
    silent_bus.ring(silent_bus.lost[2])
    await alice.until_seq(room, silent_bus.lost[2].seq or 0)
    assert alice.seqs(room) == [message.seq for message in silent_bus.lost]


async def test_telling_many_streams_is_one_query(rooms: Rooms, hub: Hub) -> None:
    both = [await made(rooms, ALICE) for _ in range(2)]
    alice = await Client(hub, ALICE).live(*both)

    def tell() -> int:
        with CaptureQueriesContext(connections["default"]) as captured:
            streams.publish_ephemeral_each([*(room.name for room in both), user_stream(ALICE)], Whispered(text="all"))
        return len(captured)

    assert await in_db_thread(tell) == 1
    await alice.until(lambda: len(alice.frames) == 4)
    assert [alice.texts(room) for room in both] == [["all"], ["all"]]


async def test_many_members_all_get_everything_and_leave_in_the_middle(rooms: Rooms, hub: Hub) -> None:
    people = [uuid7() for _ in range(300)]
    room = await made(rooms, *people)
    clients = await asyncio.gather(*(Client(hub, user_id).live(room) for user_id in people))
    await in_db_thread(room.say, "one")
    left = await in_db_thread(room.leave, people[200])
    await in_db_thread(room.whisper)
    last = await in_db_thread(room.say, "two")
    for client in clients:
        if client.user_id != people[200]:
            await client.until_seq(room, last)
            assert client.seqs(room) == [left - 1, left, last]
    assert clients[200].texts(room) == ["one"]


def _talk_and_leave(room: Room, user_id: UUID) -> int:
    """Seven events that become known together; by the fourth somebody leaves."""
    with transaction.atomic():
        room.say_many(3, "before")
        left = room.leave(user_id)
        room.say_many(3, "after")
    return left


async def test_what_arrives_together_leaves_together_but_for_leavings(
    rooms: Rooms, hub: Hub, way: str, silent_bus: SilentBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "AT_ONCE", 1)
    room = await made(rooms, ALICE, BOB)
    alice, bob = await Client(hub, ALICE).live(room), await Client(hub, BOB).live(room)
    writes = alice.line.writes
    silent_bus.lost.clear()
    left = await in_db_thread(_talk_and_leave, room, BOB)
    for message in silent_bus.lost:  # in one turn of the loop: a bus may spread what was committed together
        if message.stream == room.name:
            hub._receive(message)
    await alice.until_seq(room, left + 3)
    await bob.until_seq(room, left - 1)
    assert alice.seqs(room) == list(range(left - 3, left + 4))
    assert bob.seqs(room) == [left - 3, left - 2, left - 1]
    assert alice.line.writes - writes == (3 if way == "wire" else 0)
    last = await in_db_thread(room.say)
    silent_bus.ring(silent_bus.lost[-1])
    await alice.until_seq(room, last)
    assert bob.seqs(room) == [left - 3, left - 2, left - 1]


async def test_a_batch_that_began_before_a_member_did(
    rooms: Rooms, hub: Hub, silent_bus: SilentBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "AT_ONCE", 1)
    room = await made(rooms, ALICE, BOB)
    alice = await Client(hub, ALICE).live(room)
    silent_bus.lost.clear()
    await in_db_thread(room.say_many, 4)
    bob = await Client(hub, BOB).live(room, at=await in_db_thread(streams.head, room.name) - 4)
    assert len(bob.seqs(room)) == 4
    await in_db_thread(room.say_many, 4)
    silent_bus.ring(*silent_bus.lost)
    for client in (alice, bob):
        await client.until(lambda client=client: len(client.seqs(room)) == 8)  # type: ignore[misc]
        assert client.seqs(room) == sorted(set(client.seqs(room)))


async def test_threads_that_write_at_once_arrive_in_order(rooms: Rooms, hub: Hub) -> None:
    room = await made(rooms, ALICE, BOB)
    alice, bob = await Client(hub, ALICE).live(room), await Client(hub, BOB).live(room)

    def write() -> None:
        for _ in range(25):
            room.say()
        connections.close_all()

    start = await in_db_thread(streams.head, room.name)
    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for client in (alice, bob):
        await client.until_seq(room, start + 150)
        assert client.seqs(room) == list(range(start + 1, start + 151))
    for thread in threads:
        await asyncio.to_thread(thread.join)


async def test_a_slow_client_is_closed_and_goes_on_where_it_was(rooms: Rooms, hub: Hub) -> None:
    room = await made(rooms, ALICE, BOB)
    slow, quick = await Client(hub, ALICE).live(room), await Client(hub, BOB).live(room)
    slow.reads.clear()
    start = await in_db_thread(streams.head, room.name)
    for _ in range(6):
        await in_db_thread(room.say_many, 200)
    await quick.until_seq(room, start + 1200)
    slow.reads.set()
    await asyncio.wait_for(slow.connection.closed.wait(), 10)
    assert slow.closed_with == 4008
    await slow.leave()
    again = Client(hub, ALICE)
    await again.connect()
    position = max(slow.seqs(room), default=start)
    while (await again.sync({str(room.name): position}))["payload"]["more"]:
        position = again.seqs(room)[-1]
    assert slow.seqs(room) + again.seqs(room) == list(range(start + 1, start + 1201))


def _has(client: Client, room: Room, text: str) -> bool:
    return text in client.texts(room)


async def test_whispers_are_dropped_before_anybody_is_closed(
    rooms: Rooms, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "MOST_FRAMES", 20)
    room = await made(rooms, ALICE, BOB)
    slow, quick = await Client(hub, ALICE).live(room), await Client(hub, BOB).live(room)
    slow.reads.clear()
    for number in range(40):
        await in_db_thread(room.whisper, str(number))
        await quick.until(partial(_has, quick, room, str(number)))
    last = await in_db_thread(room.say, "important")
    slow.reads.set()
    await slow.until_seq(room, last)
    assert slow.connection.close_code is None
    assert 0 < len(slow.texts(room)) < 40


async def test_the_oldest_of_too_many_sockets_is_closed(rooms: Rooms, hub: Hub) -> None:
    clients = [await Client(hub, ALICE).connect() for _ in range(20)]
    other = await Client(hub, BOB).connect()
    assert [client.connection.close_code for client in clients] == [None] * 20
    await Client(hub, ALICE).connect()
    await Client(hub, ALICE).connect()
    assert [client.connection.close_code for client in clients] == [4012, 4012, *[None] * 18]
    assert other.connection.close_code is None


async def test_closing_by_session_by_user_and_all(rooms: Rooms, hub: Hub) -> None:
    first, second, bob = [await Client(hub, user_id).connect() for user_id in (ALICE, ALICE, BOB)]
    hub.close_sessions({first.connection.session_id}, 4010)
    assert [c.connection.close_code for c in (first, second, bob)] == [4010, None, None]
    hub.close_user(ALICE, 4003)
    assert [c.connection.close_code for c in (first, second, bob)] == [4010, 4003, None]
    hub.drain(1012)
    late = await Client(hub, CHARLIE).connect()
    assert [bob.connection.close_code, late.connection.close_code] == [1012, 1012]
    assert len(list(hub.connections())) == 4


async def test_what_nobody_follows_is_forgotten(rooms: Rooms, hub: Hub) -> None:
    room = await made(rooms, ALICE)
    alice = await Client(hub, ALICE).live(room)
    await alice.leave()
    assert list(hub.connections()) == []
    await hub._sweep()
    assert hub._streams == {}
    again = await Client(hub, ALICE).live(room)
    await again.until_seq(room, await in_db_thread(room.say))


async def test_tails_name_what_moved(rooms: Rooms, hub: Hub) -> None:
    room, quiet = await made(rooms, ALICE), await made(rooms, ALICE)
    alice = await Client(hub, ALICE).live(room, quiet)
    assert hub.tails(alice.connection) == {}
    last = await in_db_thread(room.say)
    await alice.until_seq(room, last)
    assert hub.tails(alice.connection) == {str(room.name): last}
    assert hub.tails(alice.connection) == {}
