"""A proxy as stands in front of a house of several servers: each request has a connection of its own, so that it can be
led to another server, or take its time, while what was begun before goes on where it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field

from tests.kit.processes import free_port

_CHUNK = 64 * 1024
_CONNECTION = re.compile(rb"\r\nconnection:[^\r]*", re.IGNORECASE)
_ENCODING = re.compile(rb"\r\naccept-encoding:[^\r]*", re.IGNORECASE)
_UPGRADE = re.compile(rb"\r\nupgrade:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that went through."""

    method: str
    path: str
    at: float
    """``time.time()``"""


@dataclass
class Front:
    """Requests to ``port`` go on to ``target``, which may be changed at any time."""

    target: int
    loop: asyncio.AbstractEventLoop
    port: int = field(default_factory=free_port)
    lag: float = 0.0
    """Seconds a request takes on its way."""
    change_page: Callable[[bytes], bytes] | None = None
    """What becomes of the client's page on its way to the browser; it must stay as long as it was."""
    asked: list[Asked] = field(default_factory=list)
    ready: threading.Event = field(default_factory=threading.Event)
    _accepted: set[asyncio.Task[None] | None] = field(default_factory=set)
    """Held here: what only its own connection knows is thrown away with it, unfinished."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, stopped: asyncio.Event) -> None:
        async with await asyncio.start_server(self._accept, "127.0.0.1", self.port):
            self.ready.set()
            await stopped.wait()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._accepted.add(asyncio.current_task())
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._lead(await reader.readuntil(b"\r\n\r\n"), reader, writer)
        writer.close()
        self._accepted.discard(asyncio.current_task())

    async def _lead(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        method, address, _ = head.decode("latin-1").split(" ", 2)
        self.asked.append(Asked(method, address.partition("?")[0], time.time()))
        await asyncio.sleep(self.lag)
        answer, to_server = await asyncio.open_connection("127.0.0.1", self.target)
        is_page = self.change_page is not None and re.match(r"/app(?:[/?]|$)", address)
        to_server.write(_for_one_request(head, whole=bool(is_page)))
        upwards = asyncio.ensure_future(_pump(reader, to_server))
        try:
            if self.change_page is not None and is_page:
                writer.write(self.change_page(await answer.read()))
                await writer.drain()
            else:
                await _pump(answer, writer)
        finally:
            upwards.cancel()
            to_server.close()


def _for_one_request(head: bytes, *, whole: bool) -> bytes:
    """So that the browser asks for the next thing anew; ``whole``: so that the answer can be read."""
    if not _UPGRADE.search(head):
        head = _CONNECTION.sub(b"", head).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    return _ENCODING.sub(b"", head) if whole else head


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_CHUNK):
        writer.write(data)
        await writer.drain()


async def _run(front: Front, stopped: asyncio.Event) -> None:
    """Until it is stopped; what still goes through then breaks off."""
    await front.serve(stopped)
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


@contextmanager
def fronting(target: int) -> Iterator[Front]:
    """In a thread of its own, until the block ends."""
    loop, stopped = asyncio.new_event_loop(), asyncio.Event()
    front = Front(target, loop)
    thread = threading.Thread(target=loop.run_until_complete, args=(_run(front, stopped),), name="front")
    thread.start()
    assert front.ready.wait(20), f"The proxy cannot listen on port {front.port}."
    try:
        yield front
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join()
        loop.close()
