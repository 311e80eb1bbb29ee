"""Is everything there that an answer needs? Asked by balancers, and bounded so that asking costs little."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from core import redis

logger = logging.getLogger(__name__)

FRESH_SECONDS = 5.0
TIMEOUT_SECONDS = 3.0
_PROBE = bytes(64 * 1024)
"""As much as a small file, which needs blocks of its own."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    ok: bool
    ms: float


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError("There are migrations that were not applied.")


@cache
def _redis_ping() -> Callable[[], object]:
    return redis.client(settings.REDIS_URL).ping


def _redis() -> None:
    _redis_ping()()


def _storage() -> None:
    """Written, read back and deleted: a disk may have room for a name and none for a file."""
    name = default_storage.save("probes/ready", ContentFile(_PROBE))
    try:
        with default_storage.open(name) as written:
            if written.read() != _PROBE:
                raise OSError("What was written is not what is there.")
    finally:
        default_storage.delete(name)


def _probes() -> dict[str, Callable[[], None]]:
    probes = {"database": _database, "migrations": _migrations, "storage": _storage}
    return probes if settings.EMBEDDED else probes | {"redis": _redis}


def _run(name: str, probe: Callable[[], None]) -> Check:
    started = time.perf_counter()
    try:
        probe()
        ok = True
    except Exception:
        logger.exception("Not ready: %s", name)
        ok = False
    finally:
        connection.close()
    return Check(ok, round((time.perf_counter() - started) * 1000, 1))


class Readiness:
    """Looks at most every five seconds, all probes at once; whoever asks meanwhile gets the last result."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="readiness")
        self._seen: dict[str, Check] = {}
        self._seen_at = float("-inf")

    def checks(self) -> dict[str, Check]:
        """Every check by name."""
        with self._lock:
            if time.monotonic() - self._seen_at > FRESH_SECONDS:
                self._seen = self._look()
                self._seen_at = time.monotonic()
            return self._seen

    def forget(self) -> None:
        """Look again when next asked."""
        self._seen_at = float("-inf")

    def _look(self) -> dict[str, Check]:
        deadline = time.monotonic() + TIMEOUT_SECONDS
        futures = {name: self._pool.submit(_run, name, probe) for name, probe in _probes().items()}
        return {name: _result(name, future, deadline) for name, future in futures.items()}


def _result(name: str, future: Future[Check], deadline: float) -> Check:
    try:
        return future.result(timeout=max(0.0, deadline - time.monotonic()))
    except TimeoutError:
        future.cancel()
        logger.error("Not ready: %s did not answer in %.0f s", name, TIMEOUT_SECONDS)
        return Check(ok=False, ms=TIMEOUT_SECONDS * 1000)


readiness = Readiness()
