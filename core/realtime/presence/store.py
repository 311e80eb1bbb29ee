"""Where it is written who is here: Redis, or memory in a set-up of one process.

Each process vouches for its users until a deadline that it moves on; a user is here as long as any process vouches.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from functools import cache
from typing import Protocol
from uuid import UUID

from django.conf import settings

from core import redis

VOUCH_SECONDS = 60.0
"""How long the word of a process counts; it repeats it several times in between."""


class Store(Protocol):
    """From any thread; may raise what :data:`core.redis.GONE` names."""

    def arrive(self, process: str, users: Collection[UUID]) -> list[UUID]:
        """Vouch for users for VOUCH_SECONDS; those for whom nobody did before."""

    def leave(self, process: str, users: Collection[UUID], linger: float) -> None:
        """Vouch for users for no longer than ``linger`` seconds."""

    def sweep(self) -> dict[UUID, float]:
        """Users for whom nobody vouches any more → since when (Unix time); each is named to one caller only."""

    def online(self, users: Collection[UUID]) -> set[UUID]:
        """Those who are here."""


class MemoryStore:
    """For one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._deadlines: dict[UUID, float] = {}

    def arrive(self, process: str, users: Collection[UUID]) -> list[UUID]:  # noqa: ARG002 - there is only one
        with self._lock:
            fresh = [user for user in users if user not in self._deadlines]
            self._deadlines.update(dict.fromkeys(users, time.time() + VOUCH_SECONDS))
        return fresh

    def leave(self, process: str, users: Collection[UUID], linger: float) -> None:  # noqa: ARG002 - there is only one
        with self._lock:
            self._deadlines.update({user: time.time() + linger for user in users if user in self._deadlines})

    def sweep(self) -> dict[UUID, float]:
        now = time.time()
        with self._lock:
            gone = {user: deadline for user, deadline in self._deadlines.items() if deadline <= now}
            for user in gone:
                del self._deadlines[user]
        return gone

    def online(self, users: Collection[UUID]) -> set[UUID]:
        now = time.time()
        with self._lock:
            return {user for user in users if self._deadlines.get(user, 0.0) > now}


_NOW = "local t = redis.call('TIME'); local now = t[1] + t[2] / 1000000; local all = ARGV[1] .. 'all'\n"
# One sorted set of all users by their latest deadline, and one for each user with the deadline each process gave.
_ARRIVE = f"""{_NOW}
local fresh = {{}}
for i = 4, #ARGV do
  local own, before = ARGV[1] .. ARGV[i], redis.call('ZSCORE', all, ARGV[i])
  redis.call('ZADD', own, now + ARGV[3], ARGV[2])
  redis.call('EXPIRE', own, 600)
  if not before then fresh[#fresh + 1] = ARGV[i] end
  if not before or tonumber(before) < now + ARGV[3] then redis.call('ZADD', all, now + ARGV[3], ARGV[i]) end
end
return fresh
"""
_LEAVE = f"""{_NOW}
for i = 4, #ARGV do
  local own = ARGV[1] .. ARGV[i]
  if redis.call('ZSCORE', own, ARGV[2]) then
    redis.call('ZADD', own, now + ARGV[3], ARGV[2])
    redis.call('ZADD', all, redis.call('ZREVRANGE', own, 0, 0, 'WITHSCORES')[2], ARGV[i])
  end
end
"""
_SWEEP = f"""{_NOW}
local gone = {{}}
for _, user in ipairs(redis.call('ZRANGEBYSCORE', all, '-inf', now, 'LIMIT', 0, 500)) do
  local own = ARGV[1] .. user
  redis.call('ZREMRANGEBYSCORE', own, '-inf', now)
  local last = redis.call('ZREVRANGE', own, 0, 0, 'WITHSCORES')
  if last[2] then
    redis.call('ZADD', all, last[2], user)
  else
    gone[#gone + 1] = user
    gone[#gone + 1] = redis.call('ZSCORE', all, user)
    redis.call('ZREM', all, user)
  end
end
return gone
"""


class RedisStore:
    """For any number of processes. Deadlines are in the time of Redis, so clocks need not agree."""

    def __init__(self, url: str) -> None:
        self._client = redis.client(url, decode_responses=True, health_check_interval=30)
        self._prefix = "kintsugi:presence:"
        self._arrive = self._client.register_script(_ARRIVE)
        self._leave = self._client.register_script(_LEAVE)
        self._sweep = self._client.register_script(_SWEEP)

    def arrive(self, process: str, users: Collection[UUID]) -> list[UUID]:
        found = self._arrive(args=[self._prefix, process, VOUCH_SECONDS, *map(str, users)])
        return [UUID(user) for user in found]

    def leave(self, process: str, users: Collection[UUID], linger: float) -> None:
        self._leave(args=[self._prefix, process, linger, *map(str, users)])

    def sweep(self) -> dict[UUID, float]:
        found = self._sweep(args=[self._prefix])
        return {UUID(user): float(since) for user, since in zip(found[::2], found[1::2], strict=True)}

    def online(self, users: Collection[UUID]) -> set[UUID]:
        seconds, micros = self._client.time()
        pipeline = self._client.pipeline(transaction=False)
        for user in users:
            pipeline.zscore(f"{self._prefix}all", str(user))
        now = seconds + micros / 1_000_000
        scores = zip(users, pipeline.execute(), strict=True)
        return {user for user, deadline in scores if deadline is not None and deadline > now}


def current_store() -> Store:
    """The store of this process."""
    return _store(settings.REDIS_URL)


@cache
def _store(url: str) -> Store:
    return RedisStore(url) if url else MemoryStore()
