"""Coming back: queries per sync, and a thousand clients who reconnect at once and each miss twenty events.

    [DATABASE_URL=… REDIS_URL=…] python -m bench.resync [--clients 1000] [--rounds 3]

The clients are in groups of ten. They are live, all connections break, twenty messages are written in each group, and
all come back in the same moment. One server process on one core, the load on the other; nothing may be lost.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from uuid import UUID

from bench.clients import Client
from bench.clients import heads
from bench.clients import percentile
from bench.clients import wrong
from bench.harness import SERVER_CORE
from bench.harness import keep_off_the_servers_core
from bench.harness import processor_seconds
from bench.harness import server
from bench.harness import set_up
from bench.harness import uvicorn
from bench.people import Member
from bench.people import make_groups
from bench.people import make_people
from bench.people import say
from bench.people import stage
from tests.kit.processes import free_port

GROUP, MISSED = 10, 20


def count_queries() -> None:
    """Print how many queries a sync makes; raises SystemExit when it depends on the number of conversations."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from core.realtime import catchup

    numbers = {}
    for count in (2, 200):
        (member,) = make_people(1)
        groups = make_groups([[member]] * count)
        for group in groups[:2]:
            say(group, [member], 3)
        with CaptureQueriesContext(connection) as queries:
            answer = catchup.poll(member.id, {f"c:{group}": 0 for group in groups})
        if len(answer.frames) != 6:
            raise SystemExit(f"{len(answer.frames)} events instead of 6")
        numbers[count] = len(queries)
    print("  queries per sync:", ", ".join(f"{made} with {count} conversations" for count, made in numbers.items()))
    if len(set(numbers.values())) != 1:
        raise SystemExit("The number of queries depends on the number of conversations.")


async def _come(clients: list[Client], port: int) -> list[float]:
    """All connect at once; the seconds until each was live."""
    begun = time.perf_counter()
    taken: list[float] = []

    async def one(client: Client) -> None:
        await client.connect(port)
        await asyncio.wait_for(client.live, 60)
        taken.append(time.perf_counter() - begun)

    await asyncio.gather(*(one(client) for client in clients))
    return taken


async def _round(port: int, pid: int, memberships: list[tuple[Member, UUID, int]], groups: list[list[Member]]) -> None:
    before = [Client(member, {f"u:{member.id}": 0, f"c:{group}": head}) for member, group, head in memberships]
    await _come(before, port)
    for client in before:
        client.abort()
    by_group = {group: members for (_, group, _), members in zip(memberships[::GROUP], groups, strict=True)}
    for group, members in by_group.items():
        await asyncio.to_thread(say, group, members, MISSED)
    after = [Client(client.member, client.positions.known) for client in before]
    processor = processor_seconds(pid)
    taken = await _come(after, port)
    used = processor_seconds(pid) - processor
    found = wrong(after, await asyncio.to_thread(heads))
    events = sum(client.events for client in after)
    print(
        f"  {len(after)} clients live after {max(taken):.2f} s (half of them {percentile(taken, 0.5) / 1e3:.2f} s),"
        f" {events} events, {used / len(after) * 1e3:.2f} processor ms each · "
        + ", ".join(f"{name} {number}" for name, number in found.items())
    )
    if any(found.values()) or events != len(after) * MISSED:
        raise SystemExit("Something is missing, or was there twice.")
    for client in after:
        client.abort()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    keep_off_the_servers_core()
    with stage() as environment:
        print(set_up("django", "uvicorn"))
        count_queries()
        port = free_port()
        people = make_people(options.clients)
        groups = [people[start : start + GROUP] for start in range(0, len(people), GROUP)]
        ids = make_groups(groups)
        arguments = [*uvicorn("kintsugi.asgi:application", port), "--ws", "websockets-sansio", "--backlog", "4096"]
        with server(arguments, port, SERVER_CORE, **environment) as pid:
            for number in range(options.rounds):
                memberships = [
                    (member, group, number * MISSED)
                    for group, members in zip(ids, groups, strict=True)
                    for member in members
                ]
                asyncio.run(_round(port, pid, memberships, groups))


if __name__ == "__main__":
    main()
