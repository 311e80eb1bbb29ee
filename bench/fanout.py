"""Fan-out to the sockets of one conversation, against a raw ASGI application and against stock ``group_send``.

    DATABASE_URL=postgres://… REDIS_URL=redis://… python -m bench.fanout [--sizes 50 500 1000 2000] [--rounds 3]

On a database of its own, with users and groups of all of them. The three servers run side by side, each one process on
the same core, and take turns: 8 events of 200 bytes outstanding, then 100 (a burst), then half of the deliveries a
second the raw one managed. This process writes the product's events into the database and publishes them, so the server
does nothing but deliver. What counts is its processor time for a delivery.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import statistics
import time
from collections.abc import Callable
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from typing import ClassVar
from typing import Protocol
from uuid import UUID

import redis
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.db import transaction

from bench import people
from bench.harness import SERVER_CORE
from bench.harness import free_port
from bench.harness import keep_off_the_servers_core
from bench.harness import median_and_spread
from bench.harness import processor_seconds
from bench.harness import server
from bench.harness import set_up
from bench.harness import uvicorn
from bench.sockets import Socket
from core.ids import uuid7
from core.realtime.events import Event
from core.realtime.names import StreamName

MARK = b'{"type":"bench.said"'
_SAMPLED = 16
_DELIVERIES = 80_000
_OUTSTANDING, _BURST = 8, 100
_PACED_SECONDS = 2.0
_AT_ONCE = 32
_PATIENCE = 30.0
_SOCKETS = ("--ws", "websockets-sansio", "--ws-per-message-deflate", "false")


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
                await asyncio.wait_for(self.reached.wait(), _PATIENCE)
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


class Target(Protocol):
    """One of the servers."""

    name: str

    def paths(self, start: int, stop: int) -> Sequence[str]:
        """Of the sockets of these members."""

    def publish(self, numbers: Sequence[int], note: Callable[[int], None]) -> list[int]:
        """Tell events, in a thread; ``note`` is called with the number of each just before. Returns the numbers."""


class Raw:
    name = "raw ASGI"

    def __init__(self) -> None:
        self._redis = redis.Redis.from_url(os.environ["REDIS_URL"])
        self.conversation = uuid7()

    def paths(self, start: int, stop: int) -> Sequence[str]:
        return ["/"] * (stop - start)

    def publish(self, numbers: Sequence[int], note: Callable[[int], None]) -> list[int]:
        pipeline = self._redis.pipeline(transaction=False)
        for number in numbers:
            note(number)
            pipeline.publish("bench", frame(self.conversation, number))
        pipeline.execute()
        return list(numbers)


class Stock:
    name = "group_send"

    def __init__(self) -> None:
        self.conversation = uuid7()
        self._runner = asyncio.Runner()
        self._layer: Any = RedisPubSubChannelLayer(hosts=[{"address": os.environ["REDIS_URL"]}])

    def paths(self, start: int, stop: int) -> Sequence[str]:
        return ["/"] * (stop - start)

    def publish(self, numbers: Sequence[int], note: Callable[[int], None]) -> list[int]:
        self._runner.run(self._send(numbers, note))
        return list(numbers)

    async def _send(self, numbers: Sequence[int], note: Callable[[int], None]) -> None:
        for number in numbers:
            note(number)
            text = frame(self.conversation, number).decode()
            await self._layer.group_send("bench", {"type": "told", "text": text})


class Ours:
    name = "product"

    def __init__(self, members: Sequence[people.Member]) -> None:
        self._members = members
        self.conversation = UUID(int=0)

    def paths(self, start: int, stop: int) -> Sequence[str]:
        return [member.path for member in self._members[start:stop]]

    def publish(self, numbers: Sequence[int], note: Callable[[int], None]) -> list[int]:
        from core.realtime import streams  # once Django is set up

        stream = StreamName("c", self.conversation)
        given: list[int] = []
        with transaction.atomic():
            for _ in numbers:
                # Noted in the commit, right before it is rung: writing is not fanning out.
                transaction.on_commit(lambda place=len(given): note(given[place]))  # type: ignore[misc] # noqa: B008
                given.append(streams.append(stream, Said()))
        return given


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
                await asyncio.wait_for(ear.synced, _PATIENCE)
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


def _report(label: str, baseline: Sequence[Round], ours: Sequence[Round]) -> None:
    ratios = [base.micros / mine.micros for base, mine in zip(baseline, ours, strict=True)]
    print(
        f"  {label:22}"
        f"{median_and_spread([each.micros for each in ours], 2)} µs · "
        f"{median_and_spread([each.per_second for each in ours], 0)}/s · "
        f"p99 {median_and_spread([each.p99 for each in ours])} ms · "
        f"{statistics.median(ratios):.2f} × raw, worst {min(ratios):.2f}",
        flush=True,
    )


async def _measure(rigs: Sequence[Rig], conversation: UUID, size: int, rounds: int) -> None:
    raw, ours = rigs[0], rigs[-1]
    for rig in rigs:
        await rig.grow(size)
        rig.begin(conversation)
    print(f"\n{size} sockets", flush=True)
    events = max(_OUTSTANDING * 2, _DELIVERIES // size)
    kinds: dict[str, Callable[[Rig], Any]] = {
        "8 outstanding": lambda rig: rig.saturated(events if rig in (raw, ours) else events // 10, _OUTSTANDING),
        "bursts of 100": lambda rig: rig.burst(max(1, events // _BURST), _BURST),
    }
    half = math.inf
    for label, run in kinds.items():
        taking_part = rigs if label == "8 outstanding" else [raw, ours]
        turns = [[await run(rig) for rig in taking_part] for _ in range(rounds + 1)][1:]
        for place, rig in enumerate(taking_part):
            _report(f"{label}, {rig.target.name}", [turn[0] for turn in turns], [turn[place] for turn in turns])
        half = min(half, statistics.median(turn[0].per_second for turn in turns) / 2)
    turns = [[await rig.paced(half) for rig in (raw, ours)] for _ in range(rounds)]
    for place, rig in enumerate((raw, ours)):
        _report(f"half load, {rig.target.name}", [turn[0] for turn in turns], [turn[place] for turn in turns])
    print(f"  lost                  {', '.join(f'{rig.target.name} {rig.lost}' for rig in rigs)}", flush=True)


async def _run(rigs: Sequence[Rig], conversations: dict[int, UUID], rounds: int) -> None:
    for size, conversation in conversations.items():
        await _measure(rigs, conversation, size, rounds)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="+", default=[50, 500, 1000, 2000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without-stock", action="store_true")
    wanted = parser.parse_args()
    if not os.environ.get("DATABASE_URL", "").startswith("postgres") or not os.environ.get("REDIS_URL"):
        raise SystemExit("Set DATABASE_URL to a PostgreSQL database and REDIS_URL: all three servers listen to Redis.")
    keep_off_the_servers_core()
    with people.stage() as environment, ExitStack() as stack:
        members = people.make_people(max(wanted.sizes))
        conversations = {size: people.make_group(members[:size]) for size in sorted(wanted.sizes)}
        targets: list[Target] = [Raw(), *([] if wanted.without_stock else [Stock()]), Ours(members)]
        print(set_up("django", "channels", "uvicorn", "uvloop", "websockets", "redis"), f"· {wanted.rounds} rounds")
        rigs = []
        for target in targets:
            port = free_port()
            pid = stack.enter_context(server(_command(target, port), port, SERVER_CORE, **environment))
            rigs.append(Rig(target, port, pid))
        asyncio.run(_run(rigs, conversations, wanted.rounds))


def _command(target: Target, port: int) -> list[str]:
    match target:
        case Raw():
            return [*uvicorn("bench.raw_fanout:application", port), *_SOCKETS]
        case Stock():
            return [*uvicorn("bench.stock_fanout:application", port), *_SOCKETS]
    return ["manage.py", "serve", "--bind", "127.0.0.1", "--port", str(port)]


if __name__ == "__main__":
    main()
