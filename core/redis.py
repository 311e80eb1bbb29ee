"""The one door to Redis: its clients, what they raise when it is gone, and the pause after that.

Cache, queue and channel layer have clients of their own, which their libraries make from the same address.
"""

from __future__ import annotations

import logging
import time
from typing import Any
from typing import Final

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

GONE: Final = (redis.RedisError, OSError, EOFError)
"""What a call raises when Redis does not answer; time-outs are among them."""

_TIMEOUT_SECONDS = 2.0
_CONNECT_SECONDS = 1.0
_OPTIONS: dict[str, Any] = {
    "protocol": 2,
    "socket_timeout": _TIMEOUT_SECONDS,
    "socket_connect_timeout": _CONNECT_SECONDS,
}


def client(url: str, **options: Any) -> redis.Redis:
    """A client for threads, with ``options`` of redis-py's. What fails is not tried again: the caller knows better."""
    return redis.Redis.from_url(url, **{"retry": Retry(NoBackoff(), 0), **_OPTIONS, **options})


def async_client(url: str, **options: Any) -> redis.asyncio.Redis:
    """The same for one event loop."""
    return redis.asyncio.Redis.from_url(url, **{"retry": AsyncRetry(NoBackoff(), 0), **_OPTIONS, **options})


class Pause:
    """After a failure nobody asks for a while: a Redis that hangs costs each call two seconds of a thread.

    One for each use, for the whole process; without a lock, as a lost write costs one look. What the absence means is
    said once, not by each call::

        if pause.is_on:
            return otherwise
        try:
            answer = ask()
        except GONE as error:
            pause.begin(error)
            return otherwise
        pause.end()
        return answer
    """

    def __init__(self, meaning: str, *, seconds: float) -> None:
        self.seconds = seconds
        self._meaning = meaning
        self._until = 0.0

    @property
    def is_on(self) -> bool:
        """Redis did not answer a moment ago."""
        return time.monotonic() < self._until

    def begin(self, error: BaseException) -> None:
        """It did not answer."""
        if not self._until:
            logger.warning("%s, as Redis does not answer: %r", self._meaning, error)
        self._until = time.monotonic() + self.seconds

    def end(self) -> None:
        """It answers."""
        self._until = 0.0
