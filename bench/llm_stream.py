"""The stream loop of ``core.llm`` alone: what reading a provider costs, in one process, without a server around it.

    python -m bench.llm_stream [--runs 5] [--streams 50] [--chunks 200] [--interval 10] [--sdk] [--protocols chat …]

For each protocol the same upstream, on the other core, is read in turn as bytes over a bare aiohttp session (the
baseline) and by our loop; with ``--sdk`` Chat Completions by the loop of the ``openai`` SDK, too. Printed is the
processor time of this process per 1,000 chunks, the median of the runs with their spread, and the ratio to the baseline
of the same run. Ours may cost 1.2 × the baseline.
"""

from __future__ import annotations

import argparse
import gc
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
from bench.harness import median_and_spread
from bench.harness import server
from bench.harness import set_up
from bench.upstream import WORD
from tests.kit.processes import free_port

Reading = Callable[[str], Awaitable[int]]
"""Reads the answer to a question and gives back what it counted of it."""


MODEL = "gpt-4o"
PATHS = {
    "chat": "/v1/chat/completions",
    "responses": "/v1/responses",
    "messages": "/v1/messages",
    "gemini": f"/v1beta/models/{MODEL}:streamGenerateContent?alt=sse",
}
BASES = {"messages": "", "gemini": "/v1beta"}


def _bare(url: str, session: Any, protocol: str) -> Reading:
    async def read(question: str) -> int:
        size = 0
        async with session.post(f"{url}{PATHS[protocol]}", json=_body(question)) as response:
            async for data in response.content.iter_any():
                size += len(data)
        return size

    return read


def _ours(url: str, _session: Any, protocol: Any) -> Reading:
    from core.llm import calling
    from core.llm import catalogue
    from core.llm import registry
    from core.llm.base import Message
    from core.llm.base import ProviderConfig
    from core.llm.base import Request

    adapter, _suffix = registry.ADAPTERS[protocol]
    base_url = url + BASES.get(protocol, "/v1")
    config = ProviderConfig("bench", "Bench", adapter, base_url, api_key="none", protocol=protocol)
    model = catalogue.listed()[MODEL]

    async def read(question: str) -> int:
        size = 0
        request = Request([Message("user", question)], model, max_tokens=1000, temperature=None, tools=())
        async for delta in calling.observed(config, request):
            size += len(delta.text)
        return size // len(WORD)

    return read


def _sdk(url: str, _session: Any, _protocol: str) -> Reading:
    import openai

    client = openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)

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
        "model": MODEL,
        "messages": [{"role": "user", "content": question}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


READINGS: dict[str, Callable[[str, Any, str], Reading]] = {"bytes": _bare, "core.llm": _ours, "openai SDK": _sdk}


async def _measure(case: tuple[str, str], url: str, plan: dict[str, int]) -> float:
    """Processor milliseconds of this process per 1,000 chunks."""
    import asyncio

    import aiohttp

    name, protocol = case
    streams, chunks, question = plan["gate"], plan["chunks"], json.dumps(plan)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        read = READINGS[name](url, session, protocol)
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
    parser.add_argument("--sdk", action="store_true")
    parser.add_argument("--protocols", nargs="+", choices=PATHS, default=list(PATHS))
    options = parser.parse_args()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "kintsugi.settings",
        "OPENAI_BASE_URL": f"{url}/v1",
        "LOG_LEVEL": "WARNING",
    }
    import django
    import uvloop

    django.setup()
    os.sched_setaffinity(0, {SERVER_CORE})
    plan = {"chunks": options.chunks, "interval_ms": options.interval, "gate": options.streams}
    cases = [(name, protocol) for protocol in options.protocols for name in ("bytes", "core.llm")]
    if options.sdk:
        cases.append(("openai SDK", "chat"))
    figures: dict[tuple[str, str], list[float]] = {case: [] for case in cases}
    with server(["-m", "bench.upstream", str(port)], port, LOAD_CORE):
        # The first round only warms up.
        for round_number in range(options.runs + 1):
            if round_number == 1:
                # A look through everything that Django has loaded takes as long as a whole case, and would be charged
                # to whichever case is running. What the cases themselves leave behind is collected as ever.
                gc.collect()
                gc.freeze()
            for case, values in figures.items():
                spent = uvloop.run(_measure(case, url, plan))
                if round_number:
                    values.append(spent)
    print(set_up("aiohttp", "msgspec", "openai", "uvloop"), file=sys.stdout)
    print(f"{options.streams} streams of {options.chunks} chunks, one every {options.interval} ms; ms per 1,000 chunks")
    for (name, protocol), values in figures.items():
        baseline = figures["bytes", protocol]
        ratio = statistics.median(mine / base for mine, base in zip(values, baseline, strict=True))
        print(f"{protocol:<11}{name:<12}{median_and_spread(values):>22}{ratio:>8.2f} ×")


if __name__ == "__main__":
    main()
