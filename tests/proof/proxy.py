"""A TCP proxy that does to a connection what networks do: cut, stall, refuse, lose and reorder."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field

from tests.proof import resp

_CHUNK = 64 * 1024


@dataclass(eq=False)
class Line:
    """One connection through the proxy."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter

    def abort(self) -> None:
        """End it at once on both sides, without a farewell."""
        for writer in (self.client, self.server):
            with contextlib.suppress(Exception):
                writer.transport.abort()


@dataclass
class Proxy:
    """Listens on a port of its own in front of ``target``. All methods belong to its event loop."""

    target: int
    filter_down: Callable[[], Callable[[bytes], Iterator[bytes]]] | None = None
    """Makes, for each connection, what turns bytes from the server into the pieces that go on."""
    lines: set[Line] = field(default_factory=set)
    refusing: bool = False
    lag: float = 0.0
    """Seconds each piece takes, in either direction."""
    port: int = 0
    _flowing: asyncio.Event = field(default_factory=asyncio.Event)
    _speaking: asyncio.Event = field(default_factory=asyncio.Event)
    _cuts: deque[tuple[str, bytes]] = field(default_factory=deque)
    _server: asyncio.Server | None = None

    async def start(self) -> None:
        self._flowing.set()
        self._speaking.set()
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        self.cut()

    def cut(self) -> None:
        """Abort every connection."""
        for line in list(self.lines):
            line.abort()

    def cut_before(self, direction: str, pattern: bytes) -> None:
        """Abort the connection that is about to carry ``pattern`` ``"up"`` or ``"down"``; it is lost."""
        self._cuts.append((direction, pattern))

    @property
    def has_to_cut(self) -> bool:
        """What :meth:`cut_before` waits for has not come yet."""
        return bool(self._cuts)

    def stall(self) -> None:
        """Stop reading from the server: the client no longer takes anything."""
        self._flowing.clear()

    def mute(self) -> None:
        """Carry nothing more to the server."""
        self._speaking.clear()

    def flow(self) -> None:
        """Undo what was done, and what was to be done."""
        self._flowing.set()
        self._speaking.set()
        self._cuts.clear()
        self.refusing = False
        self.lag = 0.0

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refusing:
            writer.transport.abort()
            return
        try:
            upstream, to_server = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        line = Line(client=writer, server=to_server)
        self.lines.add(line)
        try:
            await asyncio.gather(self._up(reader, line), self._down(upstream, line))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.lines.discard(line)
            line.abort()

    async def _up(self, reader: asyncio.StreamReader, line: Line) -> None:
        while data := await reader.read(_CHUNK):
            await self._speaking.wait()
            await asyncio.sleep(self.lag)
            self._perhaps_cut("up", data)
            line.server.write(data)
            await line.server.drain()
        raise ConnectionResetError

    async def _down(self, reader: asyncio.StreamReader, line: Line) -> None:
        change = self.filter_down() if self.filter_down else None
        while True:
            await self._flowing.wait()
            data = await reader.read(_CHUNK)
            if not data:
                raise ConnectionResetError
            await asyncio.sleep(self.lag)
            self._perhaps_cut("down", data)
            for piece in change(data) if change else (data,):
                line.client.write(piece)
            await line.client.drain()

    def _perhaps_cut(self, direction: str, data: bytes) -> None:
        for cut in self._cuts:
            if cut[0] == direction and cut[1] in data:
                self._cuts.remove(cut)
                raise ConnectionResetError


@dataclass
class BusTrouble:
    """What befalls the next messages of a bus, one entry each: ``drop``, ``double``, ``swap`` (with the next)."""

    channel: bytes
    plan: deque[str] = field(default_factory=deque)
    befallen: list[str] = field(default_factory=list)

    def filter(self) -> Callable[[bytes], Iterator[bytes]]:
        """The filter of one connection."""
        buffer = bytearray()
        held: list[bytes] = []

        def change(data: bytes) -> Iterator[bytes]:
            buffer.extend(data)
            while (end := resp.end_of_value(buffer, 0)) is not None:
                value = bytes(buffer[:end])
                del buffer[:end]
                yield from self._one(value, held)

        return change

    def _one(self, value: bytes, held: list[bytes]) -> Iterator[bytes]:
        message = resp.published(value, self.channel)
        if message is None or message[:1] != b"\x01":  # ephemeral: may be lost anyway
            yield value
            return
        if held:
            yield value
            yield held.pop()
            return
        action = self.plan.popleft() if self.plan else "pass"
        if action != "pass":
            self.befallen.append(action)
        if action == "swap":
            held.append(value)
            return
        for _ in range({"drop": 0, "double": 2}.get(action, 1)):
            yield value
