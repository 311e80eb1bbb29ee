"""Two ways of doing one thing, compared in alternating rounds of one run."""

from __future__ import annotations

import platform
import sqlite3
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import NamedTuple

from django.db import connection


class Rate(NamedTuple):
    """Units a second: on the wall clock, and of this process's processor time, which a busy machine sways less."""

    wall: float
    processor: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rates of the rounds, baseline and ours in pairs."""

    baseline: list[Rate]
    ours: list[Rate]

    def __str__(self) -> str:
        return "\n".join(self._line(name) for name in Rate._fields)

    def _line(self, name: str) -> str:
        baseline = [getattr(rate, name) for rate in self.baseline]
        ours = [getattr(rate, name) for rate in self.ours]
        ratios = [mine / base for base, mine in zip(baseline, ours, strict=True)]
        return (
            f"  {name:<10} baseline {statistics.median(baseline):8.0f}/s   ours {statistics.median(ours):8.0f}/s   "
            f"ratio {statistics.median(ratios):.2f} (spread {min(ratios):.2f} to {max(ratios):.2f}, "
            f"{len(ratios)} rounds)"
        )


def compare(baseline: Callable[[], Rate], ours: Callable[[], Rate], *, rounds: int = 7) -> Comparison:
    """Run both in turns, so that a busy moment of the machine hits both; the first round only warms up."""
    pairs = [(baseline(), ours()) for _ in range(rounds + 1)][1:]
    return Comparison([base for base, _ in pairs], [mine for _, mine in pairs])


def rate(work: Callable[[int], None], *, threads: int, count: int) -> Rate:
    """Units per second when each of ``threads`` threads calls ``work(its number)``, which does ``count`` units."""
    crowd = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    start, processor = time.perf_counter(), time.process_time()
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    units = threads * count
    return Rate(units / (time.perf_counter() - start), units / (time.process_time() - processor))


def versions() -> str:
    """Python, Django and the database, on one line."""
    if connection.vendor == "sqlite":
        database = f"SQLite {sqlite3.sqlite_version}"
    else:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            database = f"PostgreSQL {cursor.fetchone()[0]}, psycopg {version('psycopg')}"
    return f"Python {platform.python_version()}, Django {version('django')}, {database}"
