"""Prepared frames over TCP: whole, in order, with control frames between them, and nothing after a close frame."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import os
import socket
import struct
from collections.abc import AsyncIterator
from collections.abc import Callable
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.asyncio.client import connect

from core.ids import uuid7
from core.realtime.connection import MOST_BYTES
from core.realtime.connection import TOO_SLOW
from core.realtime.connection import Connection
from core.realtime.wire import EXTENSION
from core.realtime.wire import FrameBatch
from core.realtime.wire import framed
from kintsugi.frames import FramesProtocol

pytestmark = pytest.mark.any_stack

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
PATIENCE = 20.0


async def until(condition: Callable[[], Any]) -> None:
    """Wait for what another task of this loop makes true."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - there is nothing to wait for
            await asyncio.sleep(0.005)


class Site:
    """A server with nothing but Connections, whose other ends are ours."""

    def __init__(self) -> None:
        self.port = 0
        self.connections: list[Connection] = []
        self.wires: list[Any] = []

    async def application(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        wire = scope["extensions"].get(EXTENSION)
        connection = Connection(user_id=uuid7(), session_id=uuid7(), send=send, wire=wire)
        self.wires.append(wire)
        self.connections.append(connection)
        writer = asyncio.create_task(connection.run())
        while (await receive())["type"] != "websocket.disconnect":
            pass
        connection.close(1000)
        await asyncio.gather(writer, return_exceptions=True)

    async def opened(self) -> tuple[Raw, Connection]:
        """A client and its connection."""
        known = len(self.connections)
        client = await Raw.open(self.port)
        await until(lambda: len(self.connections) > known)
        return client, self.connections[-1]


@contextlib.asynccontextmanager
async def site(protocol: type[WebSocketsSansIOProtocol] = FramesProtocol, **options: Any) -> AsyncIterator[Site]:
    made = Site()
    given: Any = {"ws_per_message_deflate": False, "log_config": None, "interface": "asgi3"} | options
    config = uvicorn.Config(made.application, ws=protocol, **given)
    config.load()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: protocol(config, ServerState(), {}), "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()


class Raw:
    """A client that sees every frame there is."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> Raw:
        narrow = socket.socket()
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        narrow.setblocking(False)
        await asyncio.get_running_loop().sock_connect(narrow, ("127.0.0.1", port))
        reader, writer = await asyncio.open_connection(sock=narrow, limit=16_384)
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        assert b" 101 " in (await reader.readuntil(b"\r\n\r\n"))[:16]
        return cls(reader, writer)

    def send(self, opcode: int, payload: bytes) -> None:
        """One masked frame; the mask is zero."""
        self._writer.write(bytes([0x80 | opcode, 0x80 | len(payload)]) + b"\0\0\0\0" + payload)

    async def frame(self) -> tuple[int, bytes] | None:
        """The next frame; None at the end."""
        async with asyncio.timeout(PATIENCE):
            try:
                first, length = await self._reader.readexactly(2)
                assert (first & 0x70, length & 0x80) == (0, 0)
                if length >= 126:
                    form = "!H" if length == 126 else "!Q"
                    (length,) = struct.unpack(form, await self._reader.readexactly(struct.calcsize(form)))
                assert first & 0x80, "a message in parts"
                opcode, payload = first & 0x0F, await self._reader.readexactly(length)
                if opcode == CLOSE:
                    self.send(CLOSE, payload[:2])
                return opcode, payload
            except (asyncio.IncompleteReadError, ConnectionResetError) as end:
                assert not getattr(end, "partial", b""), "a frame is cut off"
                return None

    async def all(self) -> list[tuple[int, bytes]]:
        """Every frame to the end."""
        return [frame async for frame in self]

    async def __aiter__(self) -> AsyncIterator[tuple[int, bytes]]:
        while frame := await self.frame():
            yield frame

    def close(self) -> None:
        self._writer.close()


@pytest.mark.parametrize("size", [1, 125, 126, 65_535, 65_536, 300_000])
async def test_every_form_of_the_header(size: int) -> None:
    text = b"x" * size
    async with site() as here, connect(f"ws://127.0.0.1:{here.port}", max_size=None) as client:
        await client.send("I am here")
        await until(lambda: here.connections)
        here.connections[0].push(text)
        here.connections[0].push_batch(FrameBatch([b"before", text, b"after"]))
        expected = [text.decode(), "before", text.decode(), "after"]
        assert [await asyncio.wait_for(client.recv(), PATIENCE) for _ in range(4)] == expected


async def test_control_frames_come_between_frames() -> None:
    async with site() as here:
        client, connection = await here.opened()
        reading = asyncio.create_task(client.all())
        for number in range(300):
            await connection.drained()
            connection.push_batch(FrameBatch([f"{number} {part} ".encode() + b"x" * 700 for part in range(3)]))
            client.send(PING, str(number).encode())
            await asyncio.sleep(0)
        connection.close(4010)
        texts, pongs = [], []
        for opcode, payload in await reading:
            if opcode == TEXT:
                texts.append(payload.rsplit(b" ", 1)[0].decode())
            elif opcode == PONG:
                pongs.append(int(payload))
            else:
                assert (opcode, payload[:2]) == (CLOSE, struct.pack("!H", 4010))
        assert texts == [f"{number} {part}" for number, part in itertools.product(range(300), range(3))]
        assert pongs == sorted(pongs)
        assert pongs
        client.close()


async def test_nothing_follows_our_close_frame() -> None:
    async with site() as here:
        client, connection = await here.opened()
        for number in range(50):
            connection.push(str(number).encode())
        connection.close(4010, "ended")
        connection.push(b"late")
        connection.push_batch(FrameBatch([b"late"]))
        await asyncio.wait_for(connection.closed.wait(), PATIENCE)
        assert here.wires[0].write(framed(b"too late")) is False
        with pytest.raises(OSError):
            await here.wires[0].drain()
        frames = []
        while (frame := await client.frame()) and frame[0] != CLOSE:
            frames.append(frame)
        assert await client.all() == []
        assert frames == [(TEXT, str(number).encode()) for number in range(50)]
        client.close()


async def test_nothing_follows_the_answer_to_the_clients_close_frame() -> None:
    async with site() as here:
        client, connection = await here.opened()
        client.send(CLOSE, struct.pack("!H", 1000))
        async with asyncio.timeout(PATIENCE):
            number = 0
            while not connection.closed.is_set():
                connection.push(str(number).encode())
                number += 1
                await asyncio.sleep(0)
        *texts, last = await client.all()
        assert last[0] == CLOSE
        assert texts == [(TEXT, str(number).encode()) for number in range(len(texts))]
        client.close()


async def test_a_slow_reader_is_closed_and_hurts_nobody() -> None:
    async with site() as here:
        slow, slow_one = await here.opened()
        quick, quick_one = await here.opened()
        reading = asyncio.create_task(quick.all())
        sent = 0
        while slow_one.close_code is None:
            batch = FrameBatch([b"%d " % number + b"x" * 8000 for number in range(sent, sent + 4)])
            slow_one.push_batch(batch)
            quick_one.push_batch(batch)
            sent += 4
            assert here.wires[0].unsent + slow_one._bytes <= MOST_BYTES
            await quick_one.drained()
            await asyncio.sleep(0)
            assert sent < 20_000, "nobody is so patient"
        assert slow_one.close_code == TOO_SLOW
        assert quick_one.is_open
        quick_one.close(1000)
        *texts, last = await slow.all()
        assert [int(payload.split()[0]) for _, payload in (await reading)[:-1]] == list(range(sent))
        assert last == (CLOSE, struct.pack("!H", TOO_SLOW) + b"too slow")
        assert [int(payload.split()[0]) for _, payload in texts] == list(range(len(texts)))
        assert len(texts) < sent
        slow.close()
        quick.close()


async def test_what_waits_is_written_when_the_client_reads_again() -> None:
    async with site() as here:
        client, connection = await here.opened()
        sent = 0
        while not connection.is_half_full:
            connection.push(b"%d " % sent + b"x" * 16_000)
            sent += 1
            await asyncio.sleep(0)
        connection.push_batch(FrameBatch([b"%d " % number for number in range(sent, sent + 10)]))
        connection.close(1000)
        *texts, last = await client.all()
        assert last[0] == CLOSE
        assert [int(payload.split()[0]) for _, payload in texts] == list(range(sent + 10))
        client.close()


@pytest.mark.parametrize(
    ("protocol", "deflates"),
    [(WebSocketsSansIOProtocol, False), (WebSocketsSansIOProtocol, True), (FramesProtocol, True)],
)
async def test_where_it_is_absent_frames_go_by_send(protocol: type[WebSocketsSansIOProtocol], deflates: bool) -> None:
    async with site(protocol, ws_per_message_deflate=deflates) as here:
        client, connection = await here.opened()
        assert here.wires == [None]
        connection.push(b"one")
        connection.push_batch(FrameBatch([b"two", b"three"]))
        connection.close(4011)
        *texts, last = [await client.frame() for _ in range(4)]
        assert texts == [(TEXT, b"one"), (TEXT, b"two"), (TEXT, b"three")]
        assert last == (CLOSE, struct.pack("!H", 4011))
        client.close()


async def test_the_scope_does_not_keep_the_protocol_alive() -> None:
    async with site() as here:
        client, connection = await here.opened()
        scope = here.wires[0].scope
        assert scope["extensions"][EXTENSION] is here.wires[0]
        client.close()
        await asyncio.wait_for(connection.closed.wait(), PATIENCE)
        await until(lambda: EXTENSION not in scope["extensions"])
