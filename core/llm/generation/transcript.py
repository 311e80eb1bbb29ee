"""The text of one answer while it grows, and everybody who reads it.

This is the engine's buffer. The one who writes (a generation of this process, or a mirror that copies one of another
process) appends and finishes; any number of readers take ``text[position:]``, each at its own pace. A slow reader
coalesces by itself: what arrived while it was sending is one piece the next time. Nothing here waits for a reader.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator

from core.llm.generation.attempt import AnswerOutcome


class Transcript:
    """Text by position (in code points) and, in the end, an outcome; belongs to one event loop."""

    def __init__(self, base: str = "") -> None:
        self._parts: list[str] = [base]
        self._ends: list[int] = [len(base)]
        self._readers: set[_Reader] = set()
        self.length = len(base)
        self.outcome: AnswerOutcome | None = None
        self.closed = False

    @property
    def readers(self) -> int:
        return len(self._readers)

    def append(self, text: str) -> None:
        """Add to the end and wake the readers."""
        self.length += len(text)
        self._parts.append(text)
        self._ends.append(self.length)
        self._wake()

    def finish(self, outcome: AnswerOutcome | None) -> None:
        """No more text comes. Without an outcome this copy has lost its source; readers must ask again."""
        self.outcome = outcome
        self.closed = True
        self._wake()

    def since(self, position: int) -> str:
        """The text from ``position`` on; empty when there is none."""
        if position >= self.length:
            return ""
        index = bisect_right(self._ends, position)
        start = self._ends[index - 1] if index else 0
        first = self._parts[index][position - start :]
        return first if index == len(self._parts) - 1 else "".join([first, *self._parts[index + 1 :]])

    async def follow(self, position: int, *, idle: float) -> AsyncIterator[str]:
        """Pieces of text from ``position`` on until the end; an empty piece after ``idle`` seconds without one."""
        reader = _Reader(idle)
        self._readers.add(reader)
        try:
            while True:
                if position < self.length:
                    text = self.since(position)
                    position = self.length
                    reader.fed()
                    yield text
                elif self.closed:
                    return
                elif not await reader.wait():
                    yield ""
        finally:
            self._readers.discard(reader)
            reader.close()

    def _wake(self) -> None:
        for reader in self._readers:
            reader.wake()


class _Reader:
    """One follower. Its timer is set once and moved when it fires, as a timer per piece costs more than the piece."""

    __slots__ = ("_fed_at", "_idle", "_loop", "_timer", "_waiting")

    def __init__(self, idle: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._idle = idle
        self._waiting: asyncio.Future[bool] | None = None
        self._fed_at = self._loop.time()
        self._timer = self._loop.call_later(idle, self._on_timer)

    def fed(self) -> None:
        self._fed_at = self._loop.time()

    def wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(True)

    async def wait(self) -> bool:
        """True when there is something new, False when there was nothing for the idle time."""
        self._waiting = self._loop.create_future()
        try:
            return await self._waiting
        finally:
            self._waiting = None

    def close(self) -> None:
        self._timer.cancel()

    def _on_timer(self) -> None:
        now = self._loop.time()
        left = self._fed_at + self._idle - now
        if left <= 0:
            left = self._idle
            self._fed_at = now
            if self._waiting is not None and not self._waiting.done():
                self._waiting.set_result(False)
        self._timer = self._loop.call_later(left, self._on_timer)
