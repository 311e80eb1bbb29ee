"""Answers on their way through Redis, so that any process can show what another one writes.

One Redis stream for each attempt. An entry's id is ``<end>-0``, the position after its text, and its only field the
text; so a reader knows from an entry alone where it belongs, drops what it has and notices what it lacks. The last
entry is ``<end>-1`` with the outcome. What is thought has a stream of its own, with ids
``<end>-<milliseconds of thinking>``: an entry without text says only how long it takes. Nothing here is truth: the
store has all of it at most a second later.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from redis import Redis
from redis.asyncio.client import Pipeline

from core import redis
from core.llm.generation.attempt import AnswerOutcome

LIFE_SECONDS = 3600
_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Piece:
    """An entry: ``text`` up to position ``end``, or the outcome; ``thinking_ms`` in a stream of thoughts."""

    end: int
    text: str = ""
    outcome: AnswerOutcome | None = None
    thinking_ms: int = 0


def stream_of(prefix: str, answer_id: UUID, attempt: int) -> str:
    """The name of an attempt's stream; ``prefix`` is that of its store."""
    return f"kintsugi:{prefix}:{answer_id.hex}:{attempt}"


def thoughts_of(stream: str) -> str:
    """The name of the stream with what is thought for the answer of another."""
    return f"{stream}:thoughts"


def missing_part(length: int, piece: Piece) -> str | None:
    """What ``piece`` adds to a text of ``length``; None when something before it is missing."""
    start = piece.end - len(piece.text)
    return piece.text[length - start :] if start <= length else None


class Relay:
    """The door to Redis of one event loop. It never raises: while Redis is away, it says so by False and nothing."""

    def __init__(self) -> None:
        # A batch that fails is sent again with the next one, so the client itself need not try twice.
        self._client = redis.async_client(settings.REDIS_URL)
        self._pause = redis.Pause("Other processes follow answers through the store", seconds=_PAUSE_SECONDS)
        self._expiry_set: dict[str, float] = {}

    async def publish(self, batch: Mapping[str, Sequence[Piece]]) -> bool:
        """Append pieces to their streams in one round trip; False when Redis did not take them."""
        if not batch or self._pause.is_on:
            return False
        now = time.monotonic()
        pipeline = self._client.pipeline(transaction=False)
        for stream, pieces in batch.items():
            for piece in pieces:
                _add(pipeline, stream, piece)
            if now - self._expiry_set.get(stream, -LIFE_SECONDS) > 60 or pieces[-1].outcome:
                pipeline.expire(stream, LIFE_SECONDS)
                self._expiry_set[stream] = now
            if pieces[-1].outcome:
                self._expiry_set.pop(stream, None)
                self._expiry_set.pop(thoughts_of(stream), None)
        try:
            # An id that is there already was written by a try whose answer got lost.
            await pipeline.execute(raise_on_error=False)
        except redis.GONE as error:
            self._pause.begin(error)
            return False
        self._pause.end()
        return True

    async def read(self, positions: Mapping[str, tuple[int, int]]) -> dict[str, list[Piece]]:
        """What each stream has beyond a position, in one round trip; nothing for streams that have nothing.

        The second number is 0, and in a stream of thoughts the milliseconds that are known.
        """
        if not positions or self._pause.is_on:
            return {}
        try:
            answer: Any = await self._client.xread(
                {name: f"{end}-{ms}" for name, (end, ms) in positions.items()}, count=1000
            )
        except redis.GONE as error:
            self._pause.begin(error)
            return {}
        self._pause.end()
        return {name.decode(): [_piece(*entry) for entry in entries] for name, entries in answer or ()}

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._client.aclose()


@cache
def _client() -> Redis:
    return redis.client(settings.REDIS_URL)


def recover(stream: str, text: str) -> str:
    """``text`` and what a dead process had sent beyond it; for threads."""
    if not settings.REDIS_URL:
        return text
    try:
        entries: Any = _client().xrange(stream)
    except redis.GONE:
        return text
    for entry in entries:
        text += missing_part(len(text), _piece(*entry)) or ""
    return text


def _add(pipeline: Pipeline, stream: str, piece: Piece) -> None:
    if piece.outcome is None:
        pipeline.xadd(stream, {"text": piece.text}, id=f"{piece.end}-{piece.thinking_ms}")
    else:
        pipeline.xadd(stream, {"end": msgspec.json.encode(piece.outcome)}, id=f"{piece.end}-1")


def _piece(entry_id: bytes, fields: dict[bytes, bytes]) -> Piece:
    end, ms = map(int, entry_id.split(b"-"))
    if b"end" in fields:
        return Piece(end, outcome=msgspec.json.decode(fields[b"end"], type=AnswerOutcome))
    return Piece(end, fields[b"text"].decode(), thinking_ms=ms)
