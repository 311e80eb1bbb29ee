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

from django.db import connection


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rates per second of the rounds, baseline and ours in pairs."""

    baseline: list[float]
    ours: list[float]

    @property
    def ratios(self) -> list[float]:
        return [ours / base for base, ours in zip(self.baseline, self.ours, strict=True)]

    def __str__(self) -> str:
        ratios = self.ratios
        return (
            f"baseline {statistics.median(self.baseline):8.0f}/s   ours {statistics.median(self.ours):8.0f}/s   "
            f"ratio {statistics.median(ratios):.2f} (spread {min(ratios):.2f} to {max(ratios):.2f}, "
            f"{len(ratios)} rounds)"
        )


def compare(baseline: Callable[[], float], ours: Callable[[], float], *, rounds: int = 7) -> Comparison:
    """Run both in turns, so that a busy moment of the machine hits both; the first round only warms up."""
    pairs = [(baseline(), ours()) for _ in range(rounds + 1)][1:]
    return Comparison([base for base, _ in pairs], [mine for _, mine in pairs])


def rate(work: Callable[[int], None], *, threads: int, count: int) -> float:
    """Units per second when each of ``threads`` threads calls ``work(its number)``, which does ``count`` units."""
    crowd = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    start = time.perf_counter()
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    return threads * count / (time.perf_counter() - start)


def versions() -> str:
    """Python, Django and the database, on one line."""
    if connection.vendor == "sqlite":
        database = f"SQLite {sqlite3.sqlite_version}"
    else:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            database = f"PostgreSQL {cursor.fetchone()[0]}, psycopg {version('psycopg')}"
    return f"Python {platform.python_version()}, Django {version('django')}, {database}"
