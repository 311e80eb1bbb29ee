"""How often, and how many at a time, a service may be asked: one measure for all processes.

``take`` is a token bucket (GCRA: https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm), ``slot`` a counting
semaphore whose holders have a lease. Both lie in Redis, in its own time, or in the memory of a set-up of one process.
They are for what a service allows *us*; what people may ask of us is in :mod:`core.api.throttles`.

Redis away means slower, never unlimited: a process then keeps to a quarter of the measure by itself, and begins with
nothing. More than four processes may then be faster together than the measure.
"""

from __future__ import annotations

import asyncio
import math
import random
import threading
import time
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import asynccontextmanager
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache as once
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache

from core import redis
from core.http.errors import Busy

_REMEMBERED_SECONDS = 3600
"""How long a full bucket is known. One that is not known begins with what its first call costs."""
_ALONE = 4
"""Processes that are thought to share a measure while none can ask."""
_LONGEST_RETRY_SECONDS = 5
"""A slot is given back before its lease ends, mostly."""

_pause = redis.Pause("Outgoing calls keep to a quarter of their pace", seconds=2.0)
_lock = threading.Lock()
"""Around what lies in the memory of this process."""

_NOW = "local t = redis.call('TIME'); local now = t[1] + t[2] / 1000000\n"
# The key holds the moment at which the bucket will be full. ARGV: seconds a token, burst, cost, tokens of a new bucket
# (0: this one is emptied), seconds a full bucket is remembered. The answer, the seconds to wait, is text, as Redis cuts
# numbers to integers.
_TAKE = f"""{_NOW}
local each, burst, cost, start = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local known = tonumber(redis.call('GET', KEYS[1]))
local full = math.max(known or now, now)
local begun = not known or start == 0
if begun then full = math.max(full, now + (burst - start) * each) end
local wait = full + (cost - burst) * each - now
local free = wait <= 0.000001
if free then full = full + cost * each end
if free or begun then
  redis.call('SET', KEYS[1], string.format('%.6f', full), 'EX', math.ceil(full - now) + ARGV[5])
end
if free then return '0' end
return string.format('%.6f', wait)
"""
# One sorted set of holders by the end of their leases. ARGV: most, seconds of the lease, holder.
_ENTER = f"""{_NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then
  return string.format('%.6f', redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] - now)
end
redis.call('ZADD', KEYS[1], string.format('%.6f', now + ARGV[2]), ARGV[3])
local longest = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
redis.call('EXPIRE', KEYS[1], math.ceil(longest - now) + 1)
return '0'
"""


def take(role: str, *, per_second: float, burst: float = 1, cost: float = 1) -> float:
    """Take ``cost`` tokens for a call in ``role``: 0 when they are taken, else the seconds after which to ask again.

    A wait has taken nothing, so a job may come back later and ask as if for the first time. The bucket gains
    ``per_second`` tokens a second and holds ``burst``. Raises ValueError for a cost that never fits.
    """
    if per_second <= 0 or not 0 < cost <= burst:
        raise ValueError(f"{role}: a rate above 0, and a cost above 0 and at most the burst are needed.")
    bucket = _Bucket(f"pace:{role}", 1 / per_second, burst, cost)
    if not settings.REDIS_URL:
        with _lock:
            return bucket.take_from_memory()
    wait = _from_redis(bucket.take_from_redis)
    if wait is not None:
        return wait
    with _lock:
        return bucket.take_alone()


async def async_take(role: str, *, per_second: float, burst: float = 1, cost: float = 1) -> float:
    """The same for an event loop."""
    return await asyncio.to_thread(take, role, per_second=per_second, burst=burst, cost=cost)


@contextmanager
def slot(role: str, *, most: int, lease: float) -> Iterator[None]:
    """Be one of at most ``most`` who are at ``role``; raises Busy when there are as many, and does not wait.

    ``lease`` in seconds must be longer than the work can take: the place of a process that died is free after it, and
    so is that of one that is merely slow. Raises ValueError for a measure that lets nobody in.
    """
    holder = _enter(role, most, lease)
    try:
        yield
    finally:
        _leave(role, holder)


@asynccontextmanager
async def async_slot(role: str, *, most: int, lease: float) -> AsyncIterator[None]:
    """The same for an event loop."""
    holder = uuid4().hex
    try:
        # A caller cancelled meanwhile gives back what the thread may have taken; should it come later, the lease ends.
        await asyncio.to_thread(_enter, role, most, lease, holder)
        yield
    finally:
        await asyncio.shield(asyncio.to_thread(_leave, role, holder))


# Tokens


@dataclass(frozen=True, slots=True)
class _Bucket:
    """``each`` is seconds a token."""

    name: str
    each: float
    burst: float
    cost: float

    def take_from_redis(self) -> float:
        # Whoever was alone a moment ago took what Redis knows nothing of.
        start = 0.0 if self.name in _alone else self.cost
        keys, arguments = [f"kintsugi:{self.name}"], [self.each, self.burst, self.cost, start, _REMEMBERED_SECONDS]
        wait = float(_scripts(settings.REDIS_URL).take(keys=keys, args=arguments))
        _alone.pop(self.name, None)
        return wait

    def take_from_memory(self) -> float:
        now = time.monotonic()  # the cache is of this process, too, and its clock may be set back
        full = max(cache.get(self.name, now + (self.burst - self.cost) * self.each), now)
        wait = full + (self.cost - self.burst) * self.each - now
        if wait > 0.000001:  # what adding and subtracting floats leaves is no wait
            return float(wait)
        full += self.cost * self.each
        cache.set(self.name, full, timeout=full - now + _REMEMBERED_SECONDS)
        return 0.0

    def take_alone(self) -> float:
        """Without any burst; the first at a moment of chance, as other processes begin at the same time."""
        now, step = time.monotonic(), self.each * self.cost * _ALONE
        due = step + _alone.setdefault(self.name, now + step * random.random())  # noqa: S311 - not a secret
        if now < due:
            return due - now
        _alone[self.name] = now
        return 0.0


_alone: dict[str, float] = {}
"""Without Redis: since when a bucket fills, on the monotonic clock; a call takes whatever is in it."""


# Slots


def _enter(role: str, most: int, lease: float, holder: str = "") -> str:
    """The holder's name; raises Busy."""
    if most < 1 or lease <= 0:
        raise ValueError(f"{role}: at least one slot, and a lease above 0 are needed.")
    name, holder = f"pace:{role}:slots", holder or uuid4().hex
    wait = _try_to_enter(name, most, lease, holder)
    if wait > 0:
        raise Busy(role, retry_after=min(max(1, math.ceil(wait)), _LONGEST_RETRY_SECONDS), sent=False)
    return holder


def _try_to_enter(name: str, most: int, lease: float, holder: str) -> float:
    if not settings.REDIS_URL:
        return _held.enter(name, most, lease, holder)

    def enter() -> float:
        return float(_scripts(settings.REDIS_URL).enter(keys=[f"kintsugi:{name}"], args=[most, lease, holder]))

    wait = _from_redis(enter)
    if wait is not None:
        return wait
    # Those who were let in before are at work for one lease yet, and nobody can count them.
    absent = _held.seconds_absent(name)
    return lease - absent if absent < lease else _held.enter(name, most // _ALONE, lease, holder)


def _leave(role: str, holder: str) -> None:
    name = f"pace:{role}:slots"
    _held.leave(name, holder)
    if settings.REDIS_URL and not _pause.is_on:
        try:
            _scripts(settings.REDIS_URL).client.zrem(f"kintsugi:{name}", holder)
        except redis.GONE as error:
            _pause.begin(error)


def _from_redis(ask: Callable[[], float]) -> float | None:
    """What Redis answers; None while it is away."""
    if _pause.is_on:
        return None
    try:
        wait = ask()
    except redis.GONE as error:
        _pause.begin(error)
        return None
    _pause.end()
    _held.forget_absence()
    return wait


class _Held:
    """Slots in the memory of this process: holders → the ends of their leases, on the monotonic clock."""

    def __init__(self) -> None:
        self._holders: dict[str, dict[str, float]] = {}
        self._absent_since: dict[str, float] = {}

    def enter(self, name: str, most: int, lease: float, holder: str) -> float:
        now = time.monotonic()
        with _lock:
            holders = {known: end for known, end in self._holders.get(name, {}).items() if end > now}
            self._holders[name] = holders
            if len(holders) >= most:
                return min(holders.values(), default=now + lease) - now
            holders[holder] = now + lease
        return 0.0

    def leave(self, name: str, holder: str) -> None:
        with _lock:
            holders = self._holders.get(name, {})
            holders.pop(holder, None)
            if not holders:
                self._holders.pop(name, None)

    def seconds_absent(self, name: str) -> float:
        """Since Redis was first missed for this name."""
        return time.monotonic() - self._absent_since.setdefault(name, time.monotonic())

    def forget_absence(self) -> None:
        """Redis answers; another absence is another lease to wait for."""
        self._absent_since.clear()


_held = _Held()


class _Scripts:
    """What is asked of Redis."""

    def __init__(self, url: str) -> None:
        self.client = redis.client(url, decode_responses=True)
        self.take = self.client.register_script(_TAKE)
        self.enter = self.client.register_script(_ENTER)


@once
def _scripts(url: str) -> _Scripts:
    return _Scripts(url)
