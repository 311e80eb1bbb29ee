"""What every benchmark needs: servers pinned to one core, their processor time, medians with their spread."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from importlib.metadata import version

from tests.kit.processes import Process

_CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = _CORES[0], _CORES[-1]


@contextmanager
def server(arguments: Sequence[str], port: int, core: int, **environment: str) -> Iterator[int]:
    """A Python process on one core that listens on ``port``; yields its pid and ends it afterwards."""
    command = ("taskset", "-c", str(core), sys.executable, *arguments)
    with Process(command, port, os.environ | environment).running() as process:
        yield process.pid


def uvicorn(application: str, port: int) -> list[str]:
    """The arguments of the production server, without its logs."""
    return [
        *("-m", "uvicorn", application, "--port", str(port), "--loop", "uvloop", "--http", "httptools"),
        *("--log-level", "error", "--no-access-log"),
    ]


def processor_seconds(pid: int) -> float:
    """The processor time of another process, all its threads (clock_getcpuclockid(3))."""
    return time.clock_gettime((~pid << 3) | 2)


def keep_off_the_servers_core() -> None:
    """Pin this process, which makes the load, to the other core."""
    os.sched_setaffinity(0, {LOAD_CORE})


def median_and_spread(values: Sequence[float], digits: int = 1) -> str:
    """``"12.3 (11.9–12.8)"``"""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:,.{digits}f} ({low:,.{digits}f}–{high:,.{digits}f})"


def set_up(*packages: str) -> str:
    """One line that says what was measured on what."""
    database = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    cache = "Redis" if os.environ.get("REDIS_URL") else "embedded"
    versions = " ".join(f"{name} {version(name)}" for name in packages)
    return f"Python {sys.version.split()[0]} {versions} · {database} · {cache}"
