"""Answers on their way through Redis, so that any process can show what another one writes.

One Redis stream for each attempt. An entry's id is ``<end>-0``, the position after its text, and its only field the
text; so a reader knows from an entry alone where it belongs, drops what it has and notices what it lacks. The last
entry is ``<end>-1`` with the outcome. Nothing here is truth: the database has all of it at most a second later.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
import redis
import redis.asyncio
from django.conf import settings
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from aichat.engine.job import Outcome

logger = logging.getLogger(__name__)

LIFE_SECONDS = 3600
_PAUSE_SECONDS = 1.0
_GONE = (redis.RedisError, OSError, asyncio.TimeoutError)


@dataclass(frozen=True, slots=True)
class Piece:
    """An entry: ``text`` up to position ``end``, or the outcome."""

    end: int
    text: str = ""
    outcome: Outcome | None = None


def stream_of(message_id: UUID, attempt: int) -> str:
    """The name of an attempt's stream."""
    return f"kintsugi:answer:{message_id.hex}:{attempt}"


def missing_part(length: int, piece: Piece) -> str | None:
    """What ``piece`` adds to a text of ``length``; None when something before it is missing."""
    start = piece.end - len(piece.text)
    return piece.text[length - start :] if start <= length else None


def _options(retry: type[Retry | AsyncRetry]) -> dict[str, Any]:
    # A batch that fails is sent again with the next one, so the client itself need not try twice.
    return {"protocol": 2, "retry": retry(NoBackoff(), 0), "socket_timeout": 2.0, "socket_connect_timeout": 1.0}


class Relay:
    """The door to Redis of one event loop. It never raises: while Redis is away, it says so by False and nothing."""

    def __init__(self) -> None:
        self._client = redis.asyncio.Redis.from_url(settings.REDIS_URL, **_options(AsyncRetry))
        self._away_until = 0.0
        self._expiry_set: dict[str, float] = {}

    async def publish(self, batch: Mapping[str, Sequence[Piece]]) -> bool:
        """Append pieces to their streams in one round trip; False when Redis did not take them."""
        now = time.monotonic()
        if not batch or now < self._away_until:
            return False
        pipeline = self._client.pipeline(transaction=False)
        for stream, pieces in batch.items():
            for piece in pieces:
                _add(pipeline, stream, piece)
            if now - self._expiry_set.get(stream, -LIFE_SECONDS) > 60 or pieces[-1].outcome:
                pipeline.expire(stream, LIFE_SECONDS)
                self._expiry_set[stream] = now
            if pieces[-1].outcome:
                self._expiry_set.pop(stream, None)
        try:
            # An id that is there already was written by a try whose answer got lost.
            await pipeline.execute(raise_on_error=False)
        except _GONE as error:
            self._note_absence(error)
            return False
        self._away_until = 0.0
        return True

    async def read(self, positions: Mapping[str, int]) -> dict[str, list[Piece]]:
        """What each stream has beyond a position, in one round trip; nothing for streams that have nothing."""
        if not positions or time.monotonic() < self._away_until:
            return {}
        try:
            answer: Any = await self._client.xread(
                {name: f"{position}-0" for name, position in positions.items()}, count=1000
            )
        except _GONE as error:
            self._note_absence(error)
            return {}
        self._away_until = 0.0
        return {name.decode(): [_piece(*entry) for entry in entries] for name, entries in answer or ()}

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    def _note_absence(self, error: Exception) -> None:
        if self._away_until == 0.0:
            logger.warning("Redis does not answer (%s); other processes follow answers through the database", error)
        self._away_until = time.monotonic() + _PAUSE_SECONDS


@cache
def _blocking_client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, **_options(Retry))


def salvage(message_id: UUID, attempt: int, content: str) -> str:
    """``content`` and what a dead process had sent beyond it; for threads."""
    if not settings.REDIS_URL:
        return content
    try:
        entries: Any = _blocking_client().xrange(stream_of(message_id, attempt))
    except _GONE:
        return content
    for entry in entries:
        content += missing_part(len(content), _piece(*entry)) or ""
    return content


def _add(pipeline: redis.asyncio.client.Pipeline, stream: str, piece: Piece) -> None:
    if piece.outcome is None:
        pipeline.xadd(stream, {"text": piece.text}, id=f"{piece.end}-0")
    else:
        pipeline.xadd(stream, {"end": msgspec.json.encode(piece.outcome)}, id=f"{piece.end}-1")


def _piece(entry_id: bytes, fields: dict[bytes, bytes]) -> Piece:
    end = int(entry_id.partition(b"-")[0])
    if b"end" in fields:
        return Piece(end, outcome=msgspec.json.decode(fields[b"end"], type=Outcome))
    return Piece(end, fields[b"text"].decode())
