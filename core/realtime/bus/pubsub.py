"""The bus over Redis pub/sub: one connection per event loop to listen, one thread per process to publish."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

from core import redis
from core.realtime import metrics
from core.realtime.bus.base import Deliver
from core.realtime.bus.base import Lost
from core.realtime.bus.base import Message
from core.realtime.bus.publisher import Publisher
from core.realtime.names import StreamName

logger = logging.getLogger(__name__)

CONFIRM_SECONDS = 2.0
CONNECT_SECONDS = 4.0
BEAT_SECONDS = 5.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0
_MOST_NAMES = 1_000
_TURN = 16


class RedisBus:
    """Pub/sub knows no database numbers, so the number stands in the channel: two sites on one server stay apart."""

    def __init__(self, url: str) -> None:
        # Without a read timeout: a quiet subscription is no failure, and the beat finds a dead one.
        self._pool: Any = redis.async_client(url, socket_timeout=None, socket_connect_timeout=2.0).connection_pool
        self._prefix = f"{self._pool.connection_kwargs.get('db') or 0}:"
        self._publisher = Publisher(url)

    def publish(self, message: Message) -> None:
        self._publisher.put(self.channel(message.stream), message.encode())

    def listener(self, deliver: Deliver, lost: Lost) -> RedisListener:
        return RedisListener(self, deliver, lost)

    def close(self) -> None:
        self._publisher.close()

    def channel(self, name: StreamName) -> str:
        """Such as ``0:c:0199…``."""
        return f"{self._prefix}{name}"

    def connection(self) -> Any:
        """A connection of one's own, not yet open."""
        return self._pool.make_connection()


class RedisListener:
    """An ear in one event loop. Reconnects by itself, hears all its streams again, and says that it may have missed.

    It waits for nothing without a bound: a Redis that hangs answers nothing, takes nothing, and closes nothing.
    """

    def __init__(self, bus: RedisBus, deliver: Deliver, lost: Lost) -> None:
        self._bus = bus
        self._deliver = deliver
        self._lost = lost
        self._names: set[StreamName] = set()
        self._connection: Any = None
        self._task: asyncio.Task[None] | None = None
        self._heard = False
        self._marks: dict[bytes, asyncio.Future[None]] = {}
        self._next_mark = 0

    async def start(self) -> None:
        """Returns when connected, or soon after when Redis is away."""
        connected = asyncio.Event()
        self._task = asyncio.create_task(self._listen(connected))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(connected.wait(), CONFIRM_SECONDS)

    async def subscribe(self, names: Iterable[StreamName]) -> None:
        new = set(names) - self._names
        self._names |= new
        connection = self._connection
        if new and connection is not None:
            with contextlib.suppress(*redis.GONE):
                async with asyncio.timeout(CONFIRM_SECONDS):
                    await self._subscribe(connection, new)

    async def unsubscribe(self, names: Iterable[StreamName]) -> None:
        old = set(names) & self._names
        self._names -= old
        connection = self._connection
        if old and connection is not None:
            with contextlib.suppress(*redis.GONE):
                async with asyncio.timeout(CONFIRM_SECONDS):
                    for part in self._parts(old):
                        await _send(connection, "UNSUBSCRIBE", *part)

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _listen(self, connected: asyncio.Event) -> None:
        pause, first = _FIRST_PAUSE, True
        while True:
            connection = self._bus.connection()
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await connection.connect()
                self._connection = connection
                await self._hear(connection, connected, first=first)
            except Exception as error:
                if not isinstance(error, redis.GONE):
                    logger.exception("Listening to the bus failed")
                if self._connection is not None:
                    logger.warning("The bus is away: %s", error)
                    pause = _FIRST_PAUSE
                first = False
            finally:
                self._connection = None
                self._release_marks()
                await connection.disconnect(nowait=True)
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _hear(self, connection: Any, connected: asyncio.Event, *, first: bool) -> None:
        """Read until the connection breaks or is silent; all streams are subscribed to again meanwhile."""
        self._heard = True
        tasks = [
            asyncio.create_task(self._read(connection)),
            asyncio.create_task(self._beat(connection)),
            asyncio.create_task(self._begin(connection, connected, first=first)),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _begin(self, connection: Any, connected: asyncio.Event, *, first: bool) -> None:
        await self._subscribe(connection, set(self._names))
        connected.set()
        if not first:
            metrics.BUS_RECONNECTS.inc()
            self._lost()

    async def _beat(self, connection: Any) -> None:
        """Ask for a sign of life now and then; raises when there was none since the last time."""
        while self._heard:
            self._heard = False
            async with asyncio.timeout(BEAT_SECONDS):
                await _send(connection, "PING", "alive")
            await asyncio.sleep(BEAT_SECONDS)
        raise TimeoutError("no sign of life")

    async def _read(self, connection: Any) -> None:
        count = 0
        while True:
            answer = await connection.read_response(disable_decoding=True)
            self._heard = True
            self._take(answer)
            count += 1
            if count % _TURN == 0:  # reading what has arrived already does not wait, and sockets need their turn
                await asyncio.sleep(0)

    def _take(self, answer: Any) -> None:
        if isinstance(answer, list) and answer[0] == b"message":
            try:
                message = Message.decode(answer[2])
                self._deliver(message)
            except Exception:
                logger.exception("Something unreadable came over the bus")
            return
        mark = answer[1] if isinstance(answer, list) and answer[0] == b"pong" else answer
        if isinstance(mark, bytes) and (waiting := self._marks.pop(mark, None)) and not waiting.done():
            waiting.set_result(None)

    async def _subscribe(self, connection: Any, names: set[StreamName]) -> None:
        for part in self._parts(names):
            await _send(connection, "SUBSCRIBE", *part)
        await self._mark(connection)

    async def _mark(self, connection: Any) -> None:
        """Wait until everything sent so far was answered: Redis answers in order. Raises when the connection breaks."""
        self._next_mark += 1
        mark = str(self._next_mark).encode()
        waiting = self._marks[mark] = asyncio.get_running_loop().create_future()
        await _send(connection, "PING", mark)
        await waiting

    def _release_marks(self) -> None:
        marks, self._marks = self._marks, {}
        for waiting in marks.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError("The connection broke."))
                waiting.exception()  # nobody need be waiting any more

    def _parts(self, names: set[StreamName]) -> Iterator[list[str]]:
        channels = [self._bus.channel(name) for name in names]
        for start in range(0, len(channels), _MOST_NAMES):
            yield channels[start : start + _MOST_NAMES]


async def _send(connection: Any, *command: str | bytes) -> None:
    """Send; what is closed stays so (of itself it would connect again, and hear nothing)."""
    if not connection.is_connected:
        raise ConnectionError("The connection is closed.")
    await connection.send_command(*command, check_health=False)
