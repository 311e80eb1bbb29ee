"""Who is removed and let in again while a socket becomes live: it knows this stay, and nothing of the time without."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

import pytest

from core.db_threads import in_db_thread
from core.ids import uuid7
from core.realtime import catchup
from core.realtime import streams
from core.realtime.hub import Hub
from core.realtime.names import user_stream
from core.realtime.tests.conftest import SilentBus
from core.realtime.tests.peers import Client
from core.realtime.tests.peers import Rooms
from core.realtime.tests.peers import View
from core.realtime.tests.peers import made

ALICE, BOB = uuid7(), uuid7()


@pytest.mark.parametrize("step", ["after heads", "before read", "after read"])
async def test_who_is_removed_and_let_in_again_while_connecting_stays(
    rooms: Rooms, hub: Hub, between: Callable[..., None], step: str
) -> None:
    room = await made(rooms, ALICE, BOB)
    start = await in_db_thread(streams.head, room.name)
    own = await in_db_thread(streams.head, user_stream(BOB))

    def again() -> None:
        room.leave(BOB)
        room.say("secret")
        room.join(BOB)

    between(step, again)
    bob = await Client(hub, BOB).connect()
    await bob.sync({str(room.name): start, str(user_stream(BOB)): own})
    last = await in_db_thread(room.say, "later")
    await bob.until_seq(room, last)
    assert "secret" not in bob.texts(room)


@pytest.mark.parametrize("is_known", [True, False], ids=["continues", "reset"])
@pytest.mark.parametrize("step", ["after heads", "before read", "after read"])
async def test_who_was_out_and_is_let_in_again_while_connecting_knows_it(
    rooms: Rooms, hub: Hub, between: Callable[..., None], step: str, is_known: bool
) -> None:
    """``synced`` must not call a stream foreign after an event has opened it."""
    room = await made(rooms, ALICE, BOB)
    start = await in_db_thread(streams.head, room.name)
    own = {str(user_stream(BOB)): await in_db_thread(streams.head, user_stream(BOB))} if is_known else {}
    await in_db_thread(room.leave, BOB)
    joined: list[int] = []
    between(step, lambda: joined.append(room.join(BOB)))
    bob = await Client(hub, BOB).connect()
    bob.knows({str(room.name): start} | own)
    await bob.sync({str(room.name): start} | own)
    last = await in_db_thread(room.say, "later")
    await bob.until_seq(room, last)
    assert bob.view().rooms == {str(room.name)}
    assert bob.view().known[str(room.name)] == last
    assert bob.seqs(room)[0] in {joined[0], last}
    assert bob.view().stale == []


async def test_who_was_out_and_polls_while_being_let_in_again_is_told_the_same(
    rooms: Rooms, between: Callable[..., None]
) -> None:
    room = await made(rooms, ALICE, BOB)
    start = await in_db_thread(streams.head, room.name)
    own = await in_db_thread(streams.head, user_stream(BOB))
    await in_db_thread(room.leave, BOB)
    for is_known in (True, False):
        between("after heads", lambda: room.join(BOB))
        answer = await in_db_thread(
            catchup.poll, BOB, {str(room.name): start} | ({str(user_stream(BOB)): own} if is_known else {})
        )
        view = View(BOB)
        view.known = {str(room.name): start}
        for frame in answer.frames:
            view.take(json.loads(frame))
        view.take({"type": "synced", "payload": {"reset": answer.reset, "heads": answer.heads}})
        assert view.rooms == {str(room.name)}
        await in_db_thread(room.leave, BOB)


async def test_who_comes_back_after_a_removal_and_a_re_adding_is_told_only_of_this_stay(rooms: Rooms, hub: Hub) -> None:
    """The own stream is sent first: what the client would drop as older than that, its own removal too, is not sent."""
    room = await made(rooms, ALICE, BOB)
    start = await in_db_thread(streams.head, room.name)
    own = await in_db_thread(streams.head, user_stream(BOB))
    for action in (partial(room.leave, BOB), partial(room.say, "secret"), partial(room.join, BOB)):
        again = await in_db_thread(action)
    last = await in_db_thread(room.say)
    bob = await Client(hub, BOB).connect()
    await bob.sync({str(room.name): start, str(user_stream(BOB)): own})
    assert bob.seqs(room) == [again, last]
    assert bob.view().stale == []


async def test_a_stream_that_is_live_and_not_named_is_given_its_position(rooms: Rooms, hub: Hub) -> None:
    room = await made(rooms, ALICE)
    alice = await Client(hub, ALICE).live(room)
    last = await in_db_thread(room.say)
    await alice.until_seq(room, last)
    own = await in_db_thread(streams.head, user_stream(ALICE))
    answer = await alice.sync({str(user_stream(ALICE)): own})
    assert answer["payload"] == {"reset": [str(room.name)], "more": False, "heads": {str(room.name): last}}


async def test_a_socket_that_lags_on_its_own_stream_is_told_of_its_removal_before_what_follows(
    rooms: Rooms, hub: Hub, silent_bus: SilentBus
) -> None:
    room = await made(rooms, ALICE, BOB)
    bob = await Client(hub, BOB).live(room)
    start = await in_db_thread(streams.head, room.name)
    silent_bus.lost.clear()
    await in_db_thread(room.leave, BOB)
    silent_bus.ring(silent_bus.lost[0])  # the room's comes, the user's does not
    again = await in_db_thread(room.join, BOB)
    await bob.sync({str(room.name): start, str(user_stream(BOB)): bob.view().known[str(user_stream(BOB))]})
    await bob.until_seq(room, again)
    assert bob.seqs(room) == [again]
    assert bob.view().stale == []


async def test_what_was_left_long_ago_does_not_close_what_was_joined_since(rooms: Rooms, hub: Hub) -> None:
    room = await made(rooms, ALICE, BOB)
    start = await in_db_thread(streams.head, room.name)
    await in_db_thread(room.leave, BOB)
    last = await in_db_thread(room.join, BOB)
    bob = await Client(hub, BOB).connect()
    await bob.sync({str(room.name): start})
    await bob.until_seq(room, await in_db_thread(room.say))
    assert bob.seqs(room) == list(range(start + 1, last + 2))


async def test_what_is_read_with_a_removal_is_not_sent_after_it(
    rooms: Rooms, hub: Hub, between: Callable[..., None], silent_bus: SilentBus
) -> None:
    """The own stream goes first, and with it the order to forget: the room's events would come to who knows no room."""
    room = await made(rooms, ALICE, BOB)
    start = await in_db_thread(streams.head, room.name)
    own = await in_db_thread(streams.head, user_stream(BOB))
    await in_db_thread(room.say, "before")
    bob = await Client(hub, BOB).connect()
    between("before read", partial(room.leave, BOB))
    await bob.sync({str(room.name): start, str(user_stream(BOB)): own})
    assert any("closed" in str(frame) for frame in bob.frames)
    assert bob.events(room) == []
    polled = await in_db_thread(room.join, BOB)
    between("before read", partial(room.leave, BOB))
    answer = await in_db_thread(catchup.poll, BOB, {str(room.name): polled - 1, str(user_stream(BOB)): own})
    assert [frame for frame in answer.frames if str(room.name.id).encode() in frame and b'"room"' in frame] == []
