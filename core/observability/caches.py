"""Django's cache backends, counting how often they knew the answer."""

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


class RedisCache(redis.RedisCache):
    """Redis."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        value = super().get(key, _MISSING, version)
        (_MISS if value is _MISSING else _HIT).inc()
        return default if value is _MISSING else value
