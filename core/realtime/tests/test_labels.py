"""Telling one connection: its label and no other's, over both buses, in all processes, beside the release before."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from core.db_threads import in_db_thread
from core.ids import uuid7
from core.realtime import streams
from core.realtime.bus import Message
from core.realtime.bus import get_bus
from core.realtime.connection import Connection
from core.realtime.hub import Hub
from core.realtime.names import StreamName
from core.realtime.names import user_stream
from core.realtime.tests.conftest import SilentBus
from core.realtime.tests.peers import Client
from core.realtime.tests.peers import Rooms
from core.realtime.tests.peers import Said
from core.realtime.tests.peers import Whispered
from core.realtime.tests.peers import made
from tests.kit.redis import RedisServer

ALICE, BOB, CHARLIE = uuid7(), uuid7(), uuid7()
DESK, PHONE = uuid7(), uuid7()
ROOM = StreamName("t", uuid7())


@pytest.fixture(params=["memory", "redis"])
async def hubs(request: pytest.FixtureRequest, settings: Any, rooms: Rooms, way: str) -> AsyncIterator[tuple[Hub, Hub]]:
    """Two hubs, as two processes would have them."""
    redis: RedisServer | None = request.getfixturevalue("redis_server") if request.param == "redis" else None
    settings.REDIS_URL = redis.url() if redis else ""
    both = Hub(), Hub()
    yield both
    for hub in both:
        await hub.stop()
    if redis:
        await asyncio.to_thread(get_bus().close)


def texts(client: Client) -> list[str]:
    """What was told, in order."""
    return [frame["payload"]["text"] for frame in client.frames if frame["type"] in (Whispered.type, Said.type)]


async def whisper(user_id: UUID, text: str, only: UUID | None = None) -> None:
    await in_db_thread(lambda: streams.publish_ephemeral(user_stream(user_id), Whispered(text=text), only=only))


async def everybody_heard(clients: list[Client], last: str) -> None:
    """Tell all of them something more, which comes last."""
    for user_id in {client.user_id for client in clients}:
        await whisper(user_id, last)
    for client in clients:
        await client.until(lambda client=client: last in texts(client))  # type: ignore[misc]


async def test_a_label_reaches_its_connection_and_no_other(hubs: tuple[Hub, Hub]) -> None:
    desk, phone, tab = [await Client(hub, ALICE).live() for hub in (hubs[0], hubs[1], hubs[1])]
    desk.connection.label(DESK)
    phone.connection.label(PHONE)
    await whisper(ALICE, "for the desk", DESK)
    await whisper(ALICE, "for the phone", PHONE)
    await everybody_heard([desk, phone, tab], "for all")
    assert [texts(client) for client in (desk, phone, tab)] == [
        ["for the desk", "for all"],
        ["for the phone", "for all"],
        ["for all"],
    ]


async def test_a_strangers_label_reaches_nobody(hubs: tuple[Hub, Hub]) -> None:
    """Who tells must name the stream as well; the label opens none."""
    alice, bob = await Client(hubs[0], ALICE).live(), await Client(hubs[1], BOB).live()
    alice.connection.label(DESK)
    await whisper(BOB, "by the label of alice", DESK)
    await whisper(ALICE, "by a label nobody has", PHONE)
    await everybody_heard([alice, bob], "for all")
    assert (texts(alice), texts(bob)) == (["for all"], ["for all"])


async def test_a_label_taken_off_reaches_nobody_and_the_others_stay(hubs: tuple[Hub, Hub]) -> None:
    desk, tab = await Client(hubs[0], ALICE).live(), await Client(hubs[1], ALICE).live()
    for label in (DESK, PHONE):
        desk.connection.label(label)
    desk.connection.unlabel(DESK)
    desk.connection.unlabel(uuid7())
    await whisper(ALICE, "too late", DESK)
    await whisper(ALICE, "in time", PHONE)
    await everybody_heard([desk, tab], "for all")
    assert (texts(desk), texts(tab)) == (["in time", "for all"], ["for all"])


async def test_on_a_shared_stream_who_has_left_hears_nothing_by_a_label(hubs: tuple[Hub, Hub], rooms: Rooms) -> None:
    room = await made(rooms, ALICE, BOB)
    alice, bob = await Client(hubs[0], ALICE).live(room), await Client(hubs[1], BOB).live(room)
    for client in (alice, bob):
        client.connection.label(DESK)
    await in_db_thread(room.leave, BOB)
    await in_db_thread(lambda: streams.publish_ephemeral(room.name, Whispered(text="psst"), only=DESK))
    await alice.until(lambda: "psst" in texts(alice))
    await everybody_heard([bob], "for all")
    assert "psst" not in texts(bob)


def test_most_connections_carry_none_and_pay_for_none() -> None:
    one, other = [Connection(user_id=ALICE, session_id=uuid7(), send=lambda _: asyncio.sleep(0)) for _ in range(2)]
    assert one.labels is other.labels
    one.label(DESK)
    assert one.labels == {DESK}
    assert not other.labels


# On the wire

_BEFORE = struct.Struct(">?c16sQI")
"""The header of the release that knew no labels."""


def _read_before(data: bytes) -> Message:
    """How that release reads."""
    durable, kind, identity, number, length = _BEFORE.unpack_from(data)
    name = StreamName(kind.decode(), UUID(bytes=identity))
    return Message(name, number if durable else None, data[_BEFORE.size + length :], None, 0 if durable else number)


@pytest.mark.parametrize("message", [Message(ROOM, 2**40, b"{}"), Message(ROOM, None, b"{}", None, 7)])
def test_what_has_no_label_is_on_the_wire_as_before(message: Message) -> None:
    number = message.after if message.seq is None else message.seq
    before = _BEFORE.pack(message.seq is not None, b"t", ROOM.id.bytes, number, 0) + b"{}"
    assert message.encode() == before
    assert Message.decode(before) == message


@pytest.mark.parametrize("after", [0, 7])
def test_what_has_a_label_survives_the_journey(after: int) -> None:
    message = Message(ROOM, None, "ї".encode(), None, after, DESK)
    assert Message.decode(message.encode()) == message


def test_what_nobody_sends_is_refused() -> None:
    data = bytearray(Message(ROOM, None, b"{}").encode())
    data[0] = 9
    with pytest.raises(ValueError, match="unknown sort: 9"):
        Message.decode(bytes(data))


async def test_the_release_before_drops_what_has_a_label(hub: Hub, rooms: Rooms, silent_bus: SilentBus) -> None:
    """On a Redis both share while servers are replaced: nobody is told there, and nothing is upset."""
    room = await made(rooms, ALICE)
    alice = await Client(hub, ALICE).live(room)
    head = await in_db_thread(streams.head, room.name)
    for name in (room.name, user_stream(ALICE)):
        silent_bus.ring(_read_before(Message(name, None, b'{"type":"x"}', None, head, DESK).encode()))
    last = await in_db_thread(room.say)
    silent_bus.ring(*silent_bus.lost)
    await alice.until_seq(room, last)
    await in_db_thread(lambda: streams.publish_ephemeral(user_stream(ALICE), Whispered(text="for all")))
    silent_bus.ring(silent_bus.lost[-1])
    await alice.until(lambda: "for all" in texts(alice))
    assert "x" not in [frame["type"] for frame in alice.frames]
    assert alice.closed_with is None
