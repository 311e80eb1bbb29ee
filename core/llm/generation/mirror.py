"""A copy of an answer that another process writes, for the readers of this one."""

from __future__ import annotations

import asyncio
from uuid import UUID

from core.llm.generation.attempt import Snapshot
from core.llm.generation.relay import Piece
from core.llm.generation.relay import missing_part
from core.llm.generation.relay import thoughts_of
from core.llm.generation.transcript import Transcript

STORE_SECONDS = 1.0
"""How long a copy may stand still before the store is asked."""
_LINGER_SECONDS = 5.0


class Mirror(Transcript):
    """Fed from Redis while that brings news, and from the store, which always knows, when it does not."""

    def __init__(self, answer_id: UUID, stored: Snapshot, stream: str) -> None:
        super().__init__(stored.text, stored.thought, thinking_ms=stored.thinking_ms)
        self.answer_id = answer_id
        self.attempt = stored.attempt
        self.stream = stream
        self.thoughts = thoughts_of(stream)
        self._loop = asyncio.get_running_loop()
        self._made_at = self._loop.time()
        self._news_at = self._made_at - STORE_SECONDS

    @property
    def asks_store(self) -> bool:
        return self._loop.time() - self._news_at >= STORE_SECONDS

    @property
    def positions(self) -> dict[str, tuple[int, int]]:
        """From where its streams are to be read."""
        return {self.stream: (self.length, 0), self.thoughts: (self.thought_length, self.thinking_ms)}

    @property
    def is_over(self) -> bool:
        """Finished, or nobody reads it any more."""
        return self.closed or (not self.readers and self._loop.time() - self._made_at > _LINGER_SECONDS)

    def take(self, pieces: list[Piece]) -> None:
        """Append what Redis has, up to the first gap."""
        for piece in pieces:
            part = missing_part(self.length, piece)
            if part is None:
                return
            self._news_at = self._loop.time()
            if piece.outcome is not None:
                self.finish(piece.outcome)
                return
            if part:
                self.append(part)

    def take_thoughts(self, pieces: list[Piece]) -> None:
        """The same of what is thought."""
        for piece in pieces:
            part = missing_part(self.thought_length, piece)
            if part is None:
                return
            self._news_at = self._loop.time()
            self.think(part, max(self.thinking_ms, piece.thinking_ms))

    def compare(self, stored: Snapshot | None) -> None:
        """Append what the store has; an answer that is gone, or in another attempt, is no longer this one."""
        self._news_at = self._loop.time()
        if stored is None or stored.attempt != self.attempt:
            self.finish(None)
            return
        if len(stored.thought) > self.thought_length or stored.thinking_ms > self.thinking_ms:
            self.think(stored.thought[self.thought_length :], max(self.thinking_ms, stored.thinking_ms))
        if len(stored.text) > self.length:
            self.append(stored.text[self.length :])
        if stored.outcome is not None:
            self.finish(stored.outcome)
