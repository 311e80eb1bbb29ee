"""Three servers take turns; see the package."""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import statistics
from collections.abc import Callable
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any
from uuid import UUID

from bench import people
from bench.fanout.rig import Rig
from bench.fanout.rig import Round
from bench.fanout.targets import Ours
from bench.fanout.targets import Raw
from bench.fanout.targets import Stock
from bench.fanout.targets import Target
from bench.fanout.targets import command
from bench.harness import SERVER_CORE
from bench.harness import keep_off_the_servers_core
from bench.harness import median_and_spread
from bench.harness import server
from bench.harness import set_up
from tests.kit.processes import free_port

_DELIVERIES = 80_000
_OUTSTANDING, _BURST = 8, 100


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
            pid = stack.enter_context(server(command(target, port), port, SERVER_CORE, **environment))
            rigs.append(Rig(target, port, pid))
        asyncio.run(_run(rigs, conversations, wanted.rounds))


if __name__ == "__main__":
    main()
