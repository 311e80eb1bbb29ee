"""Who joins, who leaves, and what they are told of it."""

from __future__ import annotations

from core.db_threads import in_db_thread
from core.ids import uuid7
from core.realtime.hub import Hub
from core.realtime.tests.conftest import SilentBus
from core.realtime.tests.peers import Client
from core.realtime.tests.peers import Rooms
from core.realtime.tests.peers import made

ALICE, BOB, CHARLIE = uuid7(), uuid7(), uuid7()


async def test_who_leaves_gets_not_one_byte_more(rooms: Rooms, hub: Hub) -> None:
    room = await made(rooms, ALICE, BOB)
    alice, bob = await Client(hub, ALICE).live(room), await Client(hub, BOB).live(room)
    seen = await in_db_thread(room.say, "before")
    await bob.until_seq(room, seen)
    await in_db_thread(room.leave, BOB)
    await in_db_thread(room.whisper)
    last = await in_db_thread(room.say, "after")
    await alice.until_seq(room, last)
    await alice.until(lambda: "psst" in alice.texts(room))
    assert bob.texts(room) == ["before"]


async def test_who_left_unheard_gets_no_whisper(rooms: Rooms, hub: Hub, silent_bus: SilentBus) -> None:
    room = await made(rooms, ALICE, BOB)
    alice, bob = await Client(hub, ALICE).live(room), await Client(hub, BOB).live(room)
    left = await in_db_thread(room.leave, BOB)
    await in_db_thread(room.whisper)
    silent_bus.ring(silent_bus.lost[-1])  # the whisper arrives, the leaving does not
    await alice.until_seq(room, left)
    await in_db_thread(room.whisper, "again")
    silent_bus.ring(silent_bus.lost[-1])
    await alice.until(lambda: "again" in alice.texts(room))
    assert bob.events(room) == []


async def test_leaving_counts_when_it_is_read_back(rooms: Rooms, hub: Hub, silent_bus: SilentBus) -> None:
    room = await made(rooms, ALICE, BOB)
    alice, bob = await Client(hub, ALICE).live(room), await Client(hub, BOB).live(room)
    await in_db_thread(room.say, "before")
    await in_db_thread(room.leave, BOB)
    last = await in_db_thread(room.say, "after")
    silent_bus.ring(silent_bus.lost[-1])
    await alice.until_seq(room, last)
    assert bob.texts(room) == ["before"]


async def test_who_joins_hears_from_the_beginning_of_that_on_all_sockets(rooms: Rooms, hub: Hub) -> None:
    room = await made(rooms, ALICE)
    first, second = await Client(hub, BOB).live(), await Client(hub, BOB).live()
    await in_db_thread(room.say, "before")
    joined = await in_db_thread(room.join, BOB)
    last = await in_db_thread(room.say, "welcome")
    for bob in (first, second):
        await bob.until_seq(room, last)
        assert bob.seqs(room) == [joined, last]


async def test_joining_leaving_and_joining_again_however_late_it_is_told(
    rooms: Rooms, hub: Hub, silent_bus: SilentBus
) -> None:
    room = await made(rooms, ALICE)
    bob = await Client(hub, BOB).live()
    silent_bus.lost.clear()
    await in_db_thread(room.join, BOB)
    await in_db_thread(room.leave, BOB)
    await in_db_thread(room.say, "not for bob")
    again = await in_db_thread(room.join, BOB)
    last = await in_db_thread(room.say, "for bob")
    opened = [message for message in silent_bus.lost if "opens" in (message.audience or {})]
    silent_bus.ring(opened[0])
    await bob.until(lambda: any("opened" in str(frame) for frame in bob.frames))
    silent_bus.ring(opened[1])
    await bob.until_seq(room, last)
    assert "not for bob" not in bob.texts(room)
    assert bob.seqs(room)[-2:] == [again, last]


async def test_who_is_in_again_before_the_leaving_arrives_stays_in(
    rooms: Rooms, hub: Hub, silent_bus: SilentBus
) -> None:
    room = await made(rooms, ALICE, BOB)
    bob = await Client(hub, BOB).live(room)
    silent_bus.lost.clear()
    await in_db_thread(room.leave, BOB)
    await in_db_thread(room.say, "not for bob")
    again = await in_db_thread(room.join, BOB)
    opened = [message for message in silent_bus.lost if "opens" in (message.audience or {})]
    silent_bus.ring(opened[0])
    await bob.until(lambda: any("opened" in str(frame) for frame in bob.frames))
    silent_bus.ring(*[message for message in silent_bus.lost if message.stream == room.name])
    await bob.until_seq(room, again)
    assert "not for bob" not in bob.texts(room)


async def test_after_the_end_nobody_hears_anything(rooms: Rooms, hub: Hub) -> None:
    room = await made(rooms, ALICE, BOB)
    alice, bob = await Client(hub, ALICE).live(room), await Client(hub, BOB).live(room)
    ended = await in_db_thread(room.end)
    await in_db_thread(room.say, "into the void")
    await in_db_thread(room.whisper)
    for client in (alice, bob):
        await client.until_seq(room, ended)
    await hub._check_tails()
    assert alice.texts(room) == bob.texts(room) == ["ended"]


async def test_what_a_client_was_told_to_forget_is_not_sent_though_the_leaving_is_late(
    rooms: Rooms, hub: Hub, silent_bus: SilentBus
) -> None:
    """The own stream overtakes: of the room nothing follows, neither from before the leaving nor from after it."""
    room = await made(rooms, ALICE, BOB)
    alice, bob = await Client(hub, ALICE).live(room), await Client(hub, BOB).live(room)
    silent_bus.lost.clear()
    await in_db_thread(room.say, "before")
    left = await in_db_thread(room.leave, BOB)
    await in_db_thread(room.say, "after")
    silent_bus.ring(*[message for message in silent_bus.lost if "closes" in str(message.audience)])
    await bob.until(lambda: any("closed" in str(frame) for frame in bob.frames))
    silent_bus.ring(*[message for message in silent_bus.lost if message.stream == room.name])
    await alice.until_seq(room, left + 1)
    assert bob.events(room) == []
    again = await in_db_thread(room.join, BOB)
    silent_bus.ring(*silent_bus.lost[-2:])
    await bob.until_seq(room, again)
    assert bob.seqs(room) == [again]


async def test_who_is_out_again_before_the_stream_is_open_stays_out(
    rooms: Rooms, hub: Hub, silent_bus: SilentBus
) -> None:
    room = await made(rooms, ALICE)
    alice, bob = await Client(hub, ALICE).live(room), await Client(hub, BOB).live()
    silent_bus.lost.clear()
    await in_db_thread(room.join, BOB)
    left = await in_db_thread(room.leave, BOB)
    own = [message for message in silent_bus.lost if message.stream != room.name]
    silent_bus.ring(*own)  # both at once: the second is heard while the first is being acted upon
    await bob.until(lambda: any("closed" in str(frame) for frame in bob.frames))
    silent_bus.ring(*[message for message in silent_bus.lost if message.stream == room.name])
    await alice.until_seq(room, left)
    await in_db_thread(room.whisper)
    silent_bus.ring(silent_bus.lost[-1])
    await alice.until(lambda: "psst" in alice.texts(room))
    assert bob.events(room) == []
