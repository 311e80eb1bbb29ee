"""Django's cache backends, counting how often they knew the answer, and with counters that need one round trip."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends import locmem
from django.core.cache.backends import redis

from core.observability.metrics import CACHE_READS

_MISSING = object()
_HIT = CACHE_READS.labels("hit")
_MISS = CACHE_READS.labels("miss")


class LocMemCache(locmem.LocMemCache):
    """Memory of this process."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        value = super().get(key, _MISSING, version)
        (_MISS if value is _MISSING else _HIT).inc()
        return default if value is _MISSING else value

    def count(self, key: str, seconds: int, amount: int = 1) -> int:
        """Add to a counter that lives so long, and return it."""
        try:
            return int(self.incr(key, amount))
        except ValueError:
            # Atomic on its own: whoever comes first makes the counter, and nobody's one gets lost.
            self.add(key, 0, timeout=seconds)
            return int(self.incr(key, amount))


class RedisCache(redis.RedisCache):
    """Redis."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        value = super().get(key, _MISSING, version)
        (_MISS if value is _MISSING else _HIT).inc()
        return default if value is _MISSING else value

    def count(self, key: str, seconds: int, amount: int = 1) -> int:
        """Add to a counter that lives so long, and return it; one round trip."""
        name = self.make_and_validate_key(key)
        pipeline = self._cache.get_client(name, write=True).pipeline(transaction=False)
        pipeline.incrby(name, amount)
        pipeline.expire(name, seconds)
        return int(pipeline.execute()[0])
