"""A server with its sockets, and a round of events through them."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

from bench.fanout.ears import PATIENCE_SECONDS
from bench.fanout.ears import Ear
from bench.fanout.ears import Tally
from bench.fanout.targets import Target
from bench.harness import processor_seconds

_SAMPLED = 16
_PACED_SECONDS = 2.0
_AT_ONCE = 32


@dataclass
class Round:
    """One round of one server: deliveries a second, processor µs for each, p99 in ms."""

    per_second: float
    micros: float
    p99: float


class Rig:
    """A server with its sockets."""

    def __init__(self, target: Target, port: int, pid: int) -> None:
        self.target, self.port, self.pid = target, port, pid
        self.tally = Tally(target.name)
        self.ears: list[Ear] = []
        self.told = 0
        self.next = 1_000_001
        self._thread = ThreadPoolExecutor(1)

    async def grow(self, size: int) -> None:
        """Open sockets until there are so many."""
        gate = asyncio.Semaphore(_AT_ONCE)
        paths = self.target.paths(len(self.ears), size)
        every = max(1, size // _SAMPLED)
        self.ears += await asyncio.gather(
            *(self._open(path, gate, is_sampled=n % every == 0) for n, path in enumerate(paths))
        )

    async def _open(self, path: str, gate: asyncio.Semaphore, *, is_sampled: bool) -> Ear:
        async with gate:
            loop = asyncio.get_running_loop()
            _, ear = await loop.create_connection(
                lambda: Ear(path, self.tally, is_sampled=is_sampled), "127.0.0.1", self.port
            )
            await ear.opened
            if path != "/":
                ear.send(b'{"type":"sync","id":"1","payload":{"streams":{}}}')
                await asyncio.wait_for(ear.synced, PATIENCE_SECONDS)
            ear.start_counting()
            return ear

    def begin(self, conversation: UUID) -> None:
        """Another conversation."""
        self.target.conversation = conversation  # type: ignore[attr-defined]
        for ear in self.ears:
            ear.forget()
        self.tally.total = self.told = 0

    async def _publish(self, count: int) -> None:
        numbers = range(self.next, self.next + count)
        self.next += count
        self.told += count
        note = self.tally.published.__setitem__
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(
            self._thread, lambda: self.target.publish(numbers, lambda number: note(number, time.perf_counter()))
        )

    async def saturated(self, events: int, outstanding: int) -> Round:
        """Keep so many events on their way."""
        begun, processor, members = self._mark()
        portion = max(1, outstanding // 2)
        end = self.told + events
        while self.told < end:
            await self.tally.reach((self.told - outstanding + portion) * members)
            await self._publish(min(portion, end - self.told))
        await self.tally.reach(end * members)
        return self._round(begun, processor, events * members)

    async def burst(self, bursts: int, size: int) -> Round:
        """``size`` events at once, again when all have arrived."""
        begun, processor, members = self._mark()
        for _ in range(bursts):
            await self._publish(size)
            await self.tally.reach(self.told * members)
        return self._round(begun, processor, bursts * size * members)

    async def paced(self, per_second: float) -> Round:
        """So many deliveries a second."""
        begun, processor, members = self._mark()
        pause = members / per_second
        events = max(5, int(_PACED_SECONDS / pause))
        for number in range(events):
            await asyncio.sleep(begun + number * pause - time.perf_counter())
            await self._publish(1)
        await self.tally.reach(self.told * members)
        return self._round(begun, processor, events * members)

    def _mark(self) -> tuple[float, float, int]:
        self.tally.seconds.clear()
        return time.perf_counter(), processor_seconds(self.pid), len(self.ears)

    def _round(self, begun: float, processor: float, deliveries: int) -> Round:
        seconds = time.perf_counter() - begun
        micros = (processor_seconds(self.pid) - processor) / deliveries * 1e6
        late = sorted(self.tally.seconds)
        return Round(deliveries / seconds, micros, late[int(len(late) * 0.99)] * 1e3)

    @property
    def lost(self) -> int:
        """Deliveries that are missing, or too many."""
        return sum(abs(self.told - ear.count) for ear in self.ears)
