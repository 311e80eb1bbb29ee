"""The circuit breaker: a service that failed five times is left alone for a minute, by all processes.

State lies in the cache. After the minute one caller at a time tries again (half-open); its success closes the circuit,
its failure opens it for another minute. When the cache itself is down, calls are let through.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache

from core.redis import Pause

logger = logging.getLogger(__name__)

FAILURES = 5
"""In a row."""
OPEN_SECONDS = 60
_REMEMBERED_SECONDS = 3600
_PROBE_SECONDS = 40

_pause = Pause("The circuit breaker lets every call through", seconds=2.0)

R = TypeVar("R")


def _guarded(operation: Callable[[], R], otherwise: R) -> R:
    if _pause.is_on:
        return otherwise
    try:
        result = operation()
    except ValueError:  # a counter was evicted, as memory is full: it begins anew
        return otherwise
    except Exception as error:
        _pause.begin(error)
        return otherwise
    _pause.end()
    return result


class Breaker:
    """The circuit to one host in one role, or to one ``target`` of those that share host and role."""

    def __init__(self, role: str, host: str, target: str = "") -> None:
        self._name = f"{role} ({host}, {target})" if target else f"{role} ({host})"
        circuit = f"circuit:{role}:{host}:{target}" if target else f"circuit:{role}:{host}"
        self._open = f"{circuit}:until"
        self._failures = f"{circuit}:failures"
        self._probe = f"{circuit}:probe"
        self.in_doubt = True
        """Whether the last look found failures, or none was made: if not, a success has nothing to forget."""

    def seconds_closed_to_us(self) -> int:
        """0 when the call may be made; otherwise the seconds to wait."""
        return _guarded(self._wait, 0)

    def _wait(self) -> int:
        known = cache.get_many([self._open, self._failures])
        self.in_doubt = bool(known)
        until: float | None = known.get(self._open)
        if until is None:
            return 0
        left = until - time.time()
        if left > 0:
            return max(1, math.ceil(left))
        return 0 if cache.add(self._probe, 1, timeout=_PROBE_SECONDS) else 1

    def failed(self) -> None:
        """Count a failure; the fifth in a row, or one while half-open, opens the circuit."""
        _guarded(self._count, None)

    def _count(self) -> None:
        cache.add(self._failures, 0, timeout=_REMEMBERED_SECONDS)
        if cache.incr(self._failures) < FAILURES:
            return
        if cache.get(self._open) is None:
            logger.error("Circuit opened: %s failed %d times", self._name, FAILURES)
        cache.set(self._open, time.time() + OPEN_SECONDS, timeout=_REMEMBERED_SECONDS)
        cache.delete(self._probe)

    def succeeded(self) -> None:
        """Forget the failures and close the circuit."""
        _guarded(self._reset, None)

    def _reset(self) -> None:
        if cache.get(self._failures) is not None:
            cache.delete_many([self._failures, self._open, self._probe])
