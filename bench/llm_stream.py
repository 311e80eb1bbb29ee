"""The stream loop of ``core.llm`` alone: what reading a provider costs, in one process, without a server around it.

    python -m bench.llm_stream [--runs 5] [--streams 50] [--chunks 200] [--interval 10]

The same upstream, on the other core, is read in four ways in turn: bytes as they come over a bare aiohttp session (the
baseline), its lines without a look inside, our loop, and the loop of the ``openai`` SDK. Printed is the processor time
of this process per 1,000 chunks, the median of the runs with their spread, and the ratio to the baseline of the same
run.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Awaitable
from collections.abc import Callable
from typing import Any

from bench.harness import LOAD_CORE
from bench.harness import SERVER_CORE
from bench.harness import free_port
from bench.harness import median_and_spread
from bench.harness import server
from bench.harness import set_up
from bench.upstream import WORD

Reading = Callable[[str], Awaitable[int]]
"""Reads the answer to a question and gives back what it counted of it."""


def _bare(base_url: str, session: Any) -> Reading:
    async def read(question: str) -> int:
        size = 0
        async with session.post(f"{base_url}/chat/completions", json=_body(question)) as response:
            async for data in response.content.iter_any():
                size += len(data)
        return size

    return read


def _lines(base_url: str, session: Any) -> Reading:
    async def read(question: str) -> int:
        words = 0
        async with session.post(f"{base_url}/chat/completions", json=_body(question)) as response:
            async for line in response.content:
                words += line.startswith(b"data:")
        return words

    return read


def _ours(_base_url: str, _session: Any) -> Reading:
    from core import llm

    async def read(question: str) -> int:
        size = 0
        async for delta in llm.stream([llm.Message("user", question)], model="gpt-4o", max_tokens=1000):
            size += len(delta.text)
        return size // len(WORD)

    return read


def _sdk(base_url: str, _session: Any) -> Reading:
    import openai

    client = openai.AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0)

    async def read(question: str) -> int:
        size = 0
        answer: Any = await client.chat.completions.create(**_body(question))
        async for chunk in answer:
            if chunk.choices and chunk.choices[0].delta.content:
                size += len(chunk.choices[0].delta.content)
        return size // len(WORD)

    return read


def _body(question: str) -> dict[str, Any]:
    return {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": question}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


READINGS: dict[str, Callable[[str, Any], Reading]] = {
    "bare aiohttp, bytes": _bare,
    "bare aiohttp, lines": _lines,
    "core.llm": _ours,
    "openai SDK": _sdk,
}


async def _measure(name: str, base_url: str, streams: int, question: str, chunks: int) -> float:
    """Processor milliseconds of this process per 1,000 chunks."""
    import asyncio

    import aiohttp

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        read = READINGS[name](base_url, session)
        began = time.process_time()
        counts = await asyncio.gather(*(read(question) for _ in range(streams)))
        spent = time.process_time() - began
    if min(counts) < chunks:
        raise SystemExit(f"{name} lost something: {min(counts)} of {chunks}")
    return spent * 1e6 / (streams * chunks)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, usual in (("runs", 5), ("streams", 50), ("chunks", 200), ("interval", 10)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    options = parser.parse_args()
    port = free_port()
    base_url = f"http://127.0.0.1:{port}/v1"
    os.environ |= {"DJANGO_SETTINGS_MODULE": "kintsugi.settings", "OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": "none"}
    os.environ["LOG_LEVEL"] = "WARNING"
    import django
    import uvloop

    django.setup()
    os.sched_setaffinity(0, {SERVER_CORE})
    plan = {"chunks": options.chunks, "interval_ms": options.interval, "gate": options.streams}
    figures: dict[str, list[float]] = {name: [] for name in READINGS}
    with server(["-m", "bench.upstream", str(port)], port, LOAD_CORE):
        # The first round only warms up.
        for round_number in range(options.runs + 1):
            for name, values in figures.items():
                spent = uvloop.run(_measure(name, base_url, options.streams, json.dumps(plan), options.chunks))
                if round_number:
                    values.append(spent)
    print(set_up("aiohttp", "msgspec", "openai", "uvloop"), file=sys.stdout)
    print(f"{options.streams} streams of {options.chunks} chunks, one every {options.interval} ms; ms per 1,000 chunks")
    baseline = figures["bare aiohttp, bytes"]
    for name, values in figures.items():
        ratio = statistics.median(mine / base for mine, base in zip(values, baseline, strict=True))
        print(f"{name:<22}{median_and_spread(values):>22}{ratio:>8.2f} ×")


if __name__ == "__main__":
    main()
