"""Real threads, all let go at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

R = TypeVar("R")


def at_once(count: int, work: Callable[[int], R]) -> list[R]:
    """The results of ``work(0)`` … ``work(count - 1)``, each in a thread with a connection of its own."""
    gate = threading.Barrier(count)

    def run(index: int) -> R:
        gate.wait(timeout=30)
        try:
            return work(index)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=count) as pool:
        return list(pool.map(run, range(count)))
