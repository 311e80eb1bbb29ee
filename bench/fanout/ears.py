"""What is told, and the sockets that count it."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass
from dataclasses import field
from typing import ClassVar
from uuid import UUID

from bench.sockets import Socket
from core.realtime.events import Event
from core.realtime.names import StreamName

MARK = b'{"type":"bench.said"'
PATIENCE_SECONDS = 30.0


class Said(Event):
    """A frame of 200 bytes."""

    type: ClassVar[str] = "bench.said"
    text: str = "x" * 95


def frame(conversation: UUID, number: int) -> bytes:
    """As the product's clients get it."""
    from core.realtime import streams  # once Django is set up

    return streams.frame(StreamName("c", conversation), number, Said.type, Said().model_dump_json())


@dataclass
class Tally:
    """What the sockets of one server have got, and when it was published."""

    name: str
    total: int = 0
    goal: float = math.inf
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    published: dict[int, float] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    def add(self, count: int) -> None:
        """Count deliveries."""
        self.total += count
        if self.total >= self.goal:
            self.reached.set()

    async def reach(self, goal: int) -> None:
        """Wait for so many deliveries."""
        self.goal = goal
        if self.total < goal:
            self.reached.clear()
            try:
                await asyncio.wait_for(self.reached.wait(), PATIENCE_SECONDS)
            except TimeoutError:
                raise SystemExit(f"{self.name}: {goal - self.total} of {goal} deliveries did not come") from None


class Ear(Socket):
    """Counts the events of the stream; a sampled one reads them and sees that they come in order."""

    def __init__(self, path: str, tally: Tally, *, is_sampled: bool) -> None:
        super().__init__(path, lambda _socket, payload: self._heard(payload))
        self.is_sampled = is_sampled
        self.count = 0
        self.synced = asyncio.get_running_loop().create_future()
        self._tally = tally
        self._rest = b""
        self._last: int | None = None
        self._is_counting = False

    def start_counting(self) -> None:
        """From here on nothing but events is expected."""
        self._is_counting = not self.is_sampled

    def forget(self) -> None:
        """Another conversation, another count."""
        self.count, self._last = 0, None

    def data_received(self, data: bytes) -> None:
        if not self._is_counting:
            super().data_received(data)
            return
        data = self._rest + data
        if (ping := data.find(b"\x89\x04", len(self._rest))) >= 0:  # no other frame holds these bytes
            self.pong(data[ping + 2 : ping + 6])
        if b'{"type":"ping"' in data:
            self.send(b'{"type":"pong"}')
        found = data.count(MARK)
        self._rest = data[1 - len(MARK) :]
        self.count += found
        self._tally.add(found)

    def _heard(self, payload: bytes) -> None:
        if payload.startswith(MARK):
            number = int(payload[payload.index(b'"seq":') + 6 :].split(b",", 1)[0])
            if self._last is not None and number != self._last + 1:
                raise SystemExit(f"{number} came after {self._last}")
            self._last = number
            self.count += 1
            self._tally.seconds.append(time.perf_counter() - self._tally.published[number])
            self._tally.add(1)
        elif payload.startswith(b'{"type":"ping"'):
            self.send(b'{"type":"pong"}')
        elif b'"synced"' in payload[:20] and not self.synced.done():
            self.synced.set_result(None)
