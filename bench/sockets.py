"""Thousands of sockets in one process: a client that counts frames and looks into them as little as it can.

It stays apart from ``tests/kit/sockets.py`` for its speed: the load must not cost more than the server
that is measured.
"""

from __future__ import annotations

import asyncio
import base64
import os
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field


class Socket(asyncio.Protocol):
    """One WebSocket (RFC 6455) of a client: the handshake by hand, the frames cut out of the stream."""

    def __init__(self, path: str, on_frame: Callable[[Socket, bytes], None]) -> None:
        self.path, self.on_frame = path, on_frame
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.closed_with: int | None = None
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        if not self.opened.done():
            head, found, rest = buffer.partition(b"\r\n\r\n")
            if not found:
                self._buffer = buffer
                return
            if b" 101 " not in head[:16]:
                self.opened.set_exception(ConnectionError(head.decode(errors="replace")[:200]))
                return
            self.opened.set_result(None)
            buffer = rest
        self._buffer = self._frames(buffer)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(exc or ConnectionError("closed during the handshake"))
        if self.closed_with is None:
            self.closed_with = 1006

    def send(self, text: bytes) -> None:
        """One masked text frame; the mask is zero, which is as valid as any other."""
        assert self._transport is not None
        length = len(text)
        head = bytes([0x81, 0x80 | length]) if length < 126 else bytes([0x81, 0xFE]) + struct.pack("!H", length)
        self._transport.write(head + b"\0\0\0\0" + text)

    def pong(self, payload: bytes) -> None:
        """Answer a ping, as every WebSocket must."""
        if self._transport:
            self._transport.write(bytes([0x8A, 0x80 | len(payload)]) + b"\0\0\0\0" + payload)

    def abort(self) -> None:
        if self._transport:
            self._transport.abort()

    def _frames(self, buffer: bytes) -> bytes:
        start, size = 0, len(buffer)
        while size - start >= 2:
            length, body = buffer[start + 1], start + 2
            if length == 126:
                if size - start < 4:
                    break
                length, body = int.from_bytes(buffer[start + 2 : start + 4]), start + 4
            elif length == 127:
                if size - start < 10:
                    break
                length, body = int.from_bytes(buffer[start + 2 : start + 10]), start + 10
            if size - body < length:
                break
            self._frame(buffer[start] & 0x0F, buffer[body : body + length])
            start = body + length
        return buffer[start:]

    def _frame(self, opcode: int, payload: bytes) -> None:
        if opcode == 1:
            self.on_frame(self, payload)
        elif opcode == 9:
            self.pong(payload)
        elif opcode == 8:
            self.closed_with = int.from_bytes(payload[:2]) if payload else 1005
            self.abort()


@dataclass
class Counter:
    """Counts the frames that hold a mark, and keeps how long each took when the mark is followed by its time."""

    mark: bytes
    count: int = 0
    seconds: list[float] = field(default_factory=list)
    wanted: int = 0
    _reached: asyncio.Event = field(default_factory=asyncio.Event)

    def frame(self, _socket: Socket, payload: bytes) -> None:
        found = payload.find(self.mark)
        if found < 0:
            return
        self.count += 1
        begun = payload[found + len(self.mark) : found + len(self.mark) + 17]
        self.seconds.append(time.time() - float(begun))
        if self.count >= self.wanted:
            self._reached.set()

    async def reach(self, wanted: int, seconds: float = 60) -> bool:
        """Whether so many were counted in time."""
        self.wanted = wanted
        if self.count < wanted:
            self._reached.clear()
            try:
                await asyncio.wait_for(self._reached.wait(), seconds)
            except TimeoutError:
                return False
        return True


async def open_socket(port: int, path: str, on_frame: Callable[[Socket, bytes], None]) -> Socket:
    """An open socket; raises ConnectionError with what the server said."""
    loop = asyncio.get_running_loop()
    _, socket = await loop.create_connection(lambda: Socket(path, on_frame), "127.0.0.1", port)
    await socket.opened
    return socket
