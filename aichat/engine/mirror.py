"""A copy of an answer that another process writes, for the readers of this one."""

from __future__ import annotations

import asyncio
from uuid import UUID

from aichat.engine.relay import Piece
from aichat.engine.relay import missing_part
from aichat.engine.relay import stream_of
from aichat.engine.transcript import Transcript
from aichat.models import ChatMessage
from aichat.services import answers

DATABASE_SECONDS = 1.0
"""How long a copy may stand still before the database is asked."""
_LINGER_SECONDS = 5.0


class Mirror(Transcript):
    """Fed from Redis while that brings news, and from the database, which always knows, when it does not."""

    def __init__(self, message_id: UUID, attempt: int, base: str) -> None:
        super().__init__(base)
        self.message_id = message_id
        self.attempt = attempt
        self.stream = stream_of(message_id, attempt)
        self._loop = asyncio.get_running_loop()
        self._made_at = self._loop.time()
        self._news_at = self._made_at - DATABASE_SECONDS

    @property
    def asks_database(self) -> bool:
        return self._loop.time() - self._news_at >= DATABASE_SECONDS

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

    def compare(self, row: ChatMessage | None) -> None:
        """Append what the database has; a row that is gone, or in another attempt, is no longer this answer."""
        self._news_at = self._loop.time()
        if row is None or row.attempt != self.attempt:
            self.finish(None)
            return
        if len(row.content) > self.length:
            self.append(row.content[self.length :])
        if not row.is_running:
            self.finish(answers.outcome_of(row))
