"""AI streaming: what the product adds to a bare proxy of the same upstream.

    python bench/sse.py [--runs 3] [--chunks 200]

Three servers, one after another, each a single process on one core, the load and the upstream on the other:
a bare ASGI proxy over aiohttp (the baseline) and the product with storage and metering. Printed per number of streams:

* processor milliseconds of the server per 1,000 chunks, provider chunks a second while all streams run, and the
  product's ratio of each (1.00 = as good as the proxy). The streams are opened first and released together, so that
  signing in, writing the question and the hold are not in it; storing, metering and settling the answer are.
* the time from the request to the first token of a single stream, and what the product adds to it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from typing import Any

import aiohttp

from bench.harness import LOAD_CORE
from bench.harness import SERVER_CORE
from bench.harness import keep_off_the_servers_core
from bench.harness import median_and_spread
from bench.harness import processor_seconds
from bench.harness import server
from bench.harness import set_up
from bench.harness import uvicorn
from bench.upstream import WORD
from tests.kit.databases import migrate
from tests.kit.processes import free_port

Load = tuple[int, int, int]
"""Streams, chunks of each, milliseconds between two chunks of a stream."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One run: chunks per second, processor ms per 1,000 chunks, ms to the first token (median over the streams)."""

    chunks_per_second: float
    processor_ms: float
    first_token_ms: float


async def _read(response: aiohttp.ClientResponse, started: float, first: list[float], release: asyncio.Event) -> int:
    """The number of words received; notes when the first one came."""
    words, noted, needle = 0, False, WORD.encode()
    tail = b""
    async for chunk in response.content.iter_any():
        if not noted and needle in chunk:
            noted = True
            first.append(time.perf_counter() - started)
            release.set()
        data = tail + chunk
        words += data.count(needle)
        tail = data[-(len(needle) - 1) :] if not data.endswith(needle) else b""
    return words


class Proxy:
    """The baseline's client."""

    def __init__(self, base: str, session: aiohttp.ClientSession) -> None:
        self.base, self.session = base, session

    async def prepare(self, streams: int) -> None:
        """Nothing to prepare."""

    def request(self, _number: int, plan: dict[str, int]) -> Any:
        return self.session.post(self.base, json={"messages": [{"role": "user", "content": json.dumps(plan)}]})


class Product:
    """A signed-in user with one chat for each stream."""

    def __init__(self, base: str, session: aiohttp.ClientSession) -> None:
        self.base, self.session = base, session
        self.chats: list[str] = []
        self.headers: dict[str, str] = {}

    async def prepare(self, streams: int) -> None:
        name = f"bench{time.time_ns()}"
        account = {"username": name, "email": f"{name}@example.com", "password": "granite-4711-x"}
        async with self.session.post(f"{self.base}/api/auth/register", json=account) as response:
            response.raise_for_status()
            self.headers = {"Authorization": f"Bearer {(await response.json())['access_token']}"}
        for number in range(streams):
            body = {"title": f"Stream {number}", "model": "bench"}
            async with self.session.post(f"{self.base}/api/chats", json=body, headers=self.headers) as response:
                response.raise_for_status()
                self.chats.append((await response.json())["id"])

    def request(self, number: int, plan: dict[str, int]) -> Any:
        url = f"{self.base}/api/chats/{self.chats[number]}/messages"
        return self.session.post(url, json={"content": json.dumps(plan)}, headers=self.headers)


async def _one(
    client: Proxy | Product, number: int, plan: dict[str, int], first: list[float], go: asyncio.Event
) -> int:
    started = time.perf_counter()
    async with client.request(number, plan) as response:
        if response.status != 200:
            raise SystemExit(f"{response.status}: {await response.text()}")
        return await _read(response, started, first, go)


async def _measure(kind: type[Proxy] | type[Product], port: int, pid: int, load: Load) -> Figures:
    streams, chunks, interval = load
    timeout = aiohttp.ClientTimeout(total=300)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as session:
        client = kind(f"http://127.0.0.1:{port}", session)
        await client.prepare(streams)
        first: list[float] = []
        released = asyncio.Event()
        plan = {"chunks": chunks, "interval_ms": interval, "gate": streams}
        tasks = [asyncio.create_task(_one(client, number, plan, first, released)) for number in range(streams)]
        waiter = asyncio.create_task(released.wait())
        await asyncio.wait([waiter, *tasks], return_when=asyncio.FIRST_COMPLETED)
        began, processor = time.perf_counter(), processor_seconds(pid)
        received = await asyncio.gather(*tasks)
        seconds, processor = time.perf_counter() - began, processor_seconds(pid) - processor
        waiter.cancel()
    if any(count < chunks for count in received):
        raise SystemExit(f"words were lost: {sorted(set(received))} of {chunks}")
    total = streams * chunks
    return Figures(total / seconds, processor * 1e6 / total, statistics.median(first) * 1000)


def _serve(name: str, upstream: int, runs: int, loads: list[Load]) -> dict[Load, list[Figures]]:
    """All runs of one server."""
    port = free_port()
    address = f"http://127.0.0.1:{upstream}/v1"
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "BENCH_UPSTREAM": f"{address}/chat/completions",
            "VAR_DIR": folder,
            "OPENAI_BASE_URL": address,
            "BASIC_TOKEN_LIMIT": "-1",
            "ANSWERS_AT_ONCE": "100000",
            "RATE_LIMIT_ENABLED": "false",
            "LOG_LEVEL": "ERROR",
        }
        kind: type[Proxy] | type[Product] = Product if name == "product" else Proxy
        if kind is Product:
            migrate(os.environ | environment)
        application = "kintsugi.asgi:application" if kind is Product else "bench.raw_proxy:application"
        results: dict[Load, list[Figures]] = {}
        with server(uvicorn(application, port), port, SERVER_CORE, **environment) as pid:
            for load in loads:
                asyncio.run(_measure(kind, port, pid, (load[0], 20, 1)))  # warm
                results[load] = [asyncio.run(_measure(kind, port, pid, load)) for _ in range(runs)]
        return results


def _values(figures: list[Figures], field: str) -> list[float]:
    return [getattr(each, field) for each in figures]


def _ratio(ours: list[Figures], theirs: list[Figures], field: str) -> float:
    return statistics.median(_values(ours, field)) / statistics.median(_values(theirs, field))


def _report(load: Load, bare: list[Figures], ours: list[Figures]) -> None:
    print(f"\n{load[0]} streams × {load[1]} chunks, one every {load[2]} ms")
    for label, figures in (("bare proxy", bare), ("product", ours)):
        print(
            f"  {label:11}{median_and_spread(_values(figures, 'chunks_per_second'), 0)} chunks/s · "
            f"{median_and_spread(_values(figures, 'processor_ms'))} processor ms per 1,000 · "
            f"{median_and_spread(_values(figures, 'first_token_ms'))} ms to the first token"
        )
    added = statistics.median(_values(ours, "first_token_ms")) - statistics.median(_values(bare, "first_token_ms"))
    print(
        f"  ratio      {_ratio(ours, bare, 'chunks_per_second'):.2f} × chunks/s · "
        f"{1 / _ratio(ours, bare, 'processor_ms'):.2f} × chunks per processor second · "
        f"+{added:.1f} ms to the first token"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--chunks", type=int, default=200)
    options = parser.parse_args()
    keep_off_the_servers_core()
    # (streams, chunks, milliseconds between two chunks of a stream): at reading speed, and faster than one core can.
    loads = [(1, options.chunks, 5), (50, options.chunks, 5), (200, options.chunks, 20), (200, options.chunks, 2)]
    upstream = free_port()
    with server(["bench/upstream.py", str(upstream)], upstream, LOAD_CORE):
        proxy = _serve("proxy", upstream, options.runs, loads)
        product = _serve("product", upstream, options.runs, loads)
    print(f"{set_up('django', 'uvicorn', 'aiohttp', 'uvloop', 'msgspec')} · {options.runs} runs")
    for load in loads:
        _report(load, proxy[load], product[load])


if __name__ == "__main__":
    main()
