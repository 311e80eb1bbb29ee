"""A sign of life of beat and the workers: when scheduled work was last done, in the shared cache."""

from __future__ import annotations

import contextlib
import time

from django.core.cache import cache

EVERY_SECONDS = 15.0
"""Between two sweeps of the jobs, which leave the sign."""
_KEY = "pulse:beat"


def leave() -> None:
    """Scheduled work was done just now. A cache that is away costs the sign, not the work."""
    with contextlib.suppress(Exception):  # whoever looks for the sign finds it missing, which is true
        cache.set(_KEY, time.time(), timeout=24 * 3600)


def age() -> float | None:
    """Seconds since; None when there is no sign."""
    seen = cache.get(_KEY)
    return None if seen is None else max(0.0, time.time() - float(seen))
