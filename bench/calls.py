"""Calls: the processor time of 100 that ring and end each second, against that of 100 messages each second.

    DATABASE_URL=postgres://… python -m bench.calls [--rounds 5] [--seconds 3]

In this process, by the services: rows, events, deadlines, the note of a call that nobody answered. Each caller has a
group of two and calls in it, is in nobody's way, and gives up at once; messages are sent into the same groups. Both in
turns, at the same pace, and everything is checked at the end. PostgreSQL's own time is not in it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from bench.harness import median_and_spread
from bench.harness import set_up
from bench.people import make_groups
from bench.people import make_people
from bench.people import stage

PER_SECOND, CALLERS, THREADS = 100, 100, 16


class Pairs:
    """Callers, each with the group of two in which they call."""

    def __init__(self) -> None:
        from accounts.models import User
        from calls.services.joining import Device
        from core.ids import uuid7

        people = make_people(2 * CALLERS)
        self.groups = make_groups(list(zip(people[::2], people[1::2], strict=True)))
        by_id = User.objects.in_bulk([member.id for member in people[::2]])
        self._actors = [by_id[member.id] for member in people[::2]]
        self._devices = [Device(uuid7().hex, uuid7()) for _ in self._actors]

    def call(self, number: int) -> None:
        """It rings, and the caller gives up."""
        from calls.services import ending
        from calls.services import starting

        at = number % CALLERS
        begun = starting.initiate(
            self._actors[at], self._devices[at], conversation_id=self.groups[at], call_type="audio"
        )
        ending.end(self._actors[at], call_id=begun.call.pk, for_everyone=True)

    def send(self, number: int) -> None:
        from messenger.services import messages

        at = number % CALLERS
        client_id = f"s{time.perf_counter_ns()}"
        messages.send(self._actors[at], conversation_id=self.groups[at], content="See you.", client_id=client_id)


def paced(work: Callable[[int], None], seconds: int, pool: ThreadPoolExecutor) -> tuple[float, float]:
    """Milliseconds of processor for each, and how many were done a second."""
    asked: list[Future[Any]] = []
    begun, processor = time.perf_counter(), time.process_time()
    for number in range(seconds * PER_SECOND):
        time.sleep(max(0.0, begun + number / PER_SECOND - time.perf_counter()))
        asked.append(pool.submit(work, number))
    for one in asked:
        one.result()
    used, taken = time.process_time() - processor, time.perf_counter() - begun
    return used / len(asked) * 1e3, len(asked) / taken


def _check(groups: Sequence[UUID], expected: int) -> str:
    """Raises SystemExit when a call is left, or one has not just one note."""
    from calls.models import Call
    from messenger.models import Message

    calls = Call.objects.filter(conversation__in=groups)
    live, made = calls.filter(pk__in=Call.objects.live()).count(), calls.count()
    notes = Message.objects.filter(conversation__in=groups, message_type="system").count()
    if live or made != expected or notes != expected:
        raise SystemExit(f"{expected} calls were made; there are {made}, {live} of them live, and {notes} notes")
    return f"{made} calls, none is left, each has its note"


def _measure(rounds: int, seconds: int) -> None:
    pairs = Pairs()
    print(set_up("django", "psycopg"), f"· {rounds} rounds of {seconds} s, {PER_SECOND} a second")
    with ThreadPoolExecutor(THREADS) as pool:
        # The first round only warms up.
        turns = [(paced(pairs.call, seconds, pool), paced(pairs.send, seconds, pool)) for _ in range(rounds + 1)][1:]
    for name, at in (("calls", 0), ("messages", 1)):
        each = [turn[at][0] for turn in turns]
        share = statistics.median(each) * PER_SECOND / 1e3
        reached = statistics.median(turn[at][1] for turn in turns)
        print(f"  {name:9} {median_and_spread(each, 2)} ms each, {share:.0%} of a core   {reached:.0f}/s")
    ratios = [call[0] / message[0] for call, message in turns]
    print(f"  a call that rings and ends costs {median_and_spread(ratios)} × a message")
    print(f"  {_check(pairs.groups, (rounds + 1) * seconds * PER_SECOND)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of each round")
    options = parser.parse_args()
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        raise SystemExit("Set DATABASE_URL to a PostgreSQL database: on SQLite writers wait for one another.")
    os.environ["DB_POOL_MAX"] = str(THREADS + 4)
    with stage():
        _measure(options.rounds, options.seconds)


if __name__ == "__main__":
    main()
