"""Idle sockets: memory of each, what 10,000 connects leave behind, and how long 1,000 connects at once take.

    [DATABASE_URL=postgres://… REDIS_URL=redis://…] python -m bench.idle_sockets [--sockets 1000] [--cycles 10000]

Users on a database of its own, each with a session and a socket, in groups of twenty. Every socket was greeted and
is live before memory is looked at. The baseline is a raw ASGI application, which keeps nothing but ``send``.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import people
from bench.harness import SERVER_CORE
from bench.harness import keep_off_the_servers_core
from bench.harness import processor_seconds
from bench.harness import server
from bench.harness import set_up
from bench.harness import uvicorn
from bench.sockets import Socket
from tests.kit.processes import free_port

_PAGE = os.sysconf("SC_PAGESIZE")
_AT_ONCE = 50
_GROUP = 20
_PATIENCE = 120.0


def resident(pid: int) -> int:
    """Bytes of a process that are in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE


class Visitor(Socket):
    """Notes when it was let in, greeted and live."""

    def __init__(self, path: str) -> None:
        super().__init__(path, lambda _socket, payload: self._heard(payload))
        loop = asyncio.get_running_loop()
        self.greeted, self.live = loop.create_future(), loop.create_future()
        self.opened_at = self.greeted_at = 0.0
        self.opened.add_done_callback(lambda _: self._note())

    def _note(self) -> None:
        self.opened_at = time.perf_counter()

    def _heard(self, payload: bytes) -> None:
        if payload.startswith(b'{"type":"hello"') and not self.greeted.done():
            self.greeted_at = time.perf_counter()
            self.greeted.set_result(None)
        elif payload.startswith(b'{"type":"synced"'):
            self.live.set_result(None)
        elif payload.startswith(b'{"type":"ping"'):
            self.send(b'{"type":"pong"}')


async def _visit(port: int, path: str) -> Visitor:
    loop = asyncio.get_running_loop()
    _, visitor = await loop.create_connection(lambda: Visitor(path), "127.0.0.1", port)
    await asyncio.wait_for(visitor.opened, _PATIENCE)
    if path != "/":
        await asyncio.wait_for(visitor.greeted, _PATIENCE)
    return visitor


async def _come_to_life(visitors: Sequence[Visitor]) -> None:
    for start in range(0, len(visitors), _AT_ONCE):
        part = visitors[start : start + _AT_ONCE]
        for visitor in part:
            visitor.send(b'{"type":"sync","id":"1","payload":{"streams":{}}}')
        await asyncio.wait_for(asyncio.gather(*(visitor.live for visitor in part)), _PATIENCE)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Seconds until all were let in and until all were greeted, the server's processor seconds, bytes for each."""

    opened: float
    greeted: float
    processor: float
    bytes_each: float


async def _arrive(port: int, pid: int, paths: Sequence[str]) -> Arrival:
    """All at once; stays idle for a moment; leaves."""
    before, processor, begun = resident(pid), processor_seconds(pid), time.perf_counter()
    visitors = await asyncio.gather(*(_visit(port, path) for path in paths))
    used = processor_seconds(pid) - processor
    if paths[0] != "/":
        await _come_to_life(visitors)
    await asyncio.sleep(3)
    each = (resident(pid) - before) / len(paths)
    for visitor in visitors:
        visitor.abort()
    await asyncio.sleep(3)
    opened = max(visitor.opened_at for visitor in visitors) - begun
    greeted = max(visitor.greeted_at for visitor in visitors) - begun
    return Arrival(opened, max(greeted, 0.0), used, each)


async def _cycle(port: int, pid: int, paths: Sequence[str], cycles: int) -> list[int]:
    """Come and go; memory after each tenth."""
    found = []
    for tenth in range(10):
        for start in range(0, cycles // 10, _AT_ONCE):
            chosen = [paths[(tenth * cycles // 10 + start + number) % len(paths)] for number in range(_AT_ONCE)]
            visitors = await asyncio.gather(*(_visit(port, path) for path in chosen))
            if chosen[0] != "/":
                await _come_to_life(visitors)
            for visitor in visitors:
                visitor.abort()
        await asyncio.sleep(1)
        found.append(resident(pid))
    return found


def _report(label: str, arrival: Arrival, memory: Sequence[int], cycles: int) -> None:
    half = memory[len(memory) // 2 :]
    slope = statistics.linear_regression(range(len(half)), half).slope / (cycles / 10) if memory else 0.0
    print(
        f"  {label:10}{arrival.bytes_each / 1000:.1f} kB each · all let in after {arrival.opened:.2f} s, greeted after "
        f"{arrival.greeted:.2f} s ({arrival.processor:.2f} s of processor)"
    )
    if memory:
        steps = " ".join(f"{each / 1e6:.1f}" for each in memory)
        print(f"            {cycles} connects: {steps} MB resident; {slope:+.0f} bytes a connect in the second half")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--cycles", type=int, default=10_000)
    wanted = parser.parse_args()
    keep_off_the_servers_core()
    with people.stage() as environment:
        members = people.make_people(wanted.sockets)
        people.make_groups([members[start : start + _GROUP] for start in range(0, len(members), _GROUP)])
        print(set_up("django", "channels", "uvicorn", "uvloop", "websockets", "redis"), f"· {wanted.sockets} sockets\n")
        raw = [*uvicorn("bench.raw_sockets:application", port := free_port()), "--ws", "websockets-sansio"]
        raw += ["--ws-per-message-deflate", "false", "--backlog", "4096"]
        with server(raw, port, SERVER_CORE, **environment) as pid:
            _measure("raw ASGI", pid, port, ["/"] * wanted.sockets, 0)
        ours = ["manage.py", "serve", "--bind", "127.0.0.1", "--port", str(port := free_port())]
        with server(ours, port, SERVER_CORE, **environment) as pid:
            _measure("product", pid, port, [member.path for member in members], wanted.cycles)


def _measure(label: str, pid: int, port: int, paths: Sequence[str], cycles: int) -> None:
    asyncio.run(_arrive(port, pid, paths[:_AT_ONCE]))  # warm
    arrival = asyncio.run(_arrive(port, pid, paths))
    _report(label, arrival, asyncio.run(_cycle(port, pid, paths, cycles)) if cycles else [], cycles)


if __name__ == "__main__":
    main()
