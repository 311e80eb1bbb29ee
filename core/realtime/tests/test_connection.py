"""The bounded queue of a socket and its writer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from core.ids import uuid7
from core.realtime import connection as connections
from core.realtime.connection import MOST_BYTES
from core.realtime.connection import MOST_FRAMES
from core.realtime.connection import Connection
from core.realtime.tests.peers import unframed


class Wire:
    """What left the socket; ``open`` says whether the client reads."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.is_broken = False

    async def send(self, message: dict[str, Any]) -> None:
        await self.open.wait()
        if self.is_broken:
            raise ConnectionResetError
        self.sent.append(message)

    def write(self, frames: bytes) -> bool:
        if self.is_broken or not self.open.is_set():
            return False
        self.sent += [{"type": "websocket.send", "text": text.decode()} for text in unframed(frames)]
        return True

    async def drain(self) -> None:
        await self.open.wait()
        if self.is_broken:
            raise ConnectionResetError

    unsent = 0

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.sent if message["type"] == "websocket.send"]


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture(params=["send", "wire"])
def connection(wire: Wire, request: pytest.FixtureRequest) -> Connection:
    line = wire if request.param == "wire" else None
    return Connection(user_id=uuid7(), session_id=uuid7(), send=wire.send, wire=line)


async def test_frames_leave_in_order(wire: Wire, connection: Connection) -> None:
    writer = asyncio.create_task(connection.run())
    for number in range(100):
        connection.push(str(number).encode())
        if number % 7 == 0:
            await asyncio.sleep(0)
    connection.close(1000, "bye")
    await writer
    assert wire.texts == [str(number) for number in range(100)]
    assert wire.sent[-1] == {"type": "websocket.close", "code": 1000, "reason": "bye"}
    assert connection.closed.is_set()


async def test_only_the_first_close_counts_and_nothing_follows_it(wire: Wire, connection: Connection) -> None:
    connection.close(4010)
    connection.close(4001)
    connection.push(b"late")
    await connection.run()
    assert (wire.texts, connection.close_code) == ([], 4010)
    assert [message["code"] for message in wire.sent] == [4010]


@pytest.mark.parametrize(("frame", "fitting"), [(b"x", MOST_FRAMES), (b"x" * 4092, MOST_BYTES // 4096)])
async def test_a_client_that_does_not_read_is_closed_and_its_queue_freed(
    wire: Wire, connection: Connection, frame: bytes, fitting: int
) -> None:
    wire.open.clear()
    for _ in range(fitting):
        connection.push(frame)
    assert (connection.is_half_full, connection.close_code) == (True, None)
    connection.push(frame)
    assert connection.close_code == 4008
    assert connection.is_half_full is False
    wire.open.set()
    await connection.run()
    assert wire.sent == [{"type": "websocket.close", "code": 4008, "reason": "too slow"}]


async def test_a_client_that_reads_nothing_at_all_does_not_keep_the_writer(
    wire: Wire, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "CLOSE_SECONDS", 0.05)
    wire.open.clear()
    writer = asyncio.create_task(connection.run())
    connection.push(b"stuck")
    await asyncio.sleep(0)
    connection.close(4011)
    await asyncio.wait_for(writer, 5)
    assert connection.closed.is_set()


async def test_a_client_that_is_gone_ends_the_writer(wire: Wire, connection: Connection) -> None:
    wire.is_broken = True
    connection.push(b"into the void")
    await connection.run()
    assert connection.closed.is_set()
    assert not connection.is_open


async def test_waiting_for_room(wire: Wire, connection: Connection) -> None:
    wire.open.clear()
    for _ in range(MOST_FRAMES // 2 + 10):
        connection.push(b"x")
    waiting = asyncio.create_task(connection.drained())
    writer = asyncio.create_task(connection.run())
    await asyncio.sleep(0.01)
    assert not waiting.done()
    wire.open.set()
    await asyncio.wait_for(waiting, 5)
    assert not connection.is_half_full
    connection.close(1000)
    await writer


async def test_waiting_for_room_ends_with_the_connection(wire: Wire, connection: Connection) -> None:
    wire.open.clear()
    for _ in range(MOST_FRAMES):
        connection.push(b"x")
    waiting = asyncio.create_task(connection.drained())
    await asyncio.sleep(0)
    connection.push(b"x")
    await asyncio.wait_for(waiting, 5)


async def test_waiting_for_room_ends_when_the_client_takes_nothing(
    wire: Wire, connection: Connection, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SOCKET_SEND_TIMEOUT_SECONDS = 0.05
    monkeypatch.setattr(connections, "CLOSE_SECONDS", 0.05)
    wire.open.clear()
    for _ in range(MOST_FRAMES):
        connection.push(b"x")
    writer = asyncio.create_task(connection.run())
    await asyncio.wait_for(connection.drained(), 10)
    assert connection.close_code == 4008
    await asyncio.wait_for(writer, 10)


async def test_a_client_that_takes_a_little_is_waited_for(
    wire: Wire, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SOCKET_SEND_TIMEOUT_SECONDS = 0.01
    monkeypatch.setattr(connections, "CLOSE_SECONDS", 0.05)
    left, looks, real = [3, 2, 1, 1], 0, Connection._look

    def look(connection: Connection, taken: int) -> None:
        nonlocal looks
        looks += 1
        wire.unsent = left[looks]
        real(connection, taken)

    monkeypatch.setattr(Connection, "_look", look)
    connection = Connection(user_id=uuid7(), session_id=uuid7(), send=wire.send, wire=wire)
    wire.open.clear()
    wire.unsent = left[0]
    connection.push(b"x")
    await asyncio.wait_for(connection.run(), 10)
    assert (connection.close_code, looks) == (4008, 3)


async def test_a_client_that_takes_everything_is_looked_at_no_more(
    wire: Wire, connection: Connection, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SOCKET_SEND_TIMEOUT_SECONDS = 0.01
    looked, real = asyncio.Event(), Connection._look

    def look(connection: Connection, taken: int) -> None:
        real(connection, taken)
        looked.set()

    monkeypatch.setattr(Connection, "_look", look)
    wire.open.clear()
    connection.push(b"x")
    wire.open.set()
    writer = asyncio.create_task(connection.run())
    await asyncio.wait_for(looked.wait(), 10)
    assert (connection.close_code, connection._timer) == (None, None)
    connection.close(1000)
    await writer
