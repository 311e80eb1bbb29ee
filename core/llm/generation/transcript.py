"""The text of one answer while it grows, and everybody who reads it.

This is the engine's buffer. The one who writes (a generation of this process, or a mirror that copies one of another
process) appends and finishes; any number of readers take ``text[position:]``, each at its own pace. A slow reader
coalesces by itself: what arrived while it was sending is one piece the next time. Nothing here waits for a reader.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import AsyncGenerator
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

from core.llm.generation.attempt import AnswerOutcome

LONGEST_THOUGHT = 64 * 1024
"""Bytes of what a model shows of its thinking that are kept and shown."""


@dataclass(frozen=True, slots=True)
class Thinking:
    """What is new of the thinking: the text from ``start`` on, which may be empty, ``seconds`` after its beginning."""

    start: int
    text: str
    seconds: float


class _Text:
    """Text by position (in code points) that only grows."""

    __slots__ = ("_ends", "_parts", "length")

    def __init__(self, base: str) -> None:
        self._parts: list[str] = [base]
        self._ends: list[int] = [len(base)]
        self.length = len(base)

    def append(self, text: str) -> None:
        self.length += len(text)
        self._parts.append(text)
        self._ends.append(self.length)

    def since(self, position: int) -> str:
        if position >= self.length:
            return ""
        index = bisect_right(self._ends, position)
        start = self._ends[index - 1] if index else 0
        first = self._parts[index][position - start :]
        return first if index == len(self._parts) - 1 else "".join([first, *self._parts[index + 1 :]])


class Transcript:
    """Text by position (in code points) and, in the end, an outcome; belongs to one event loop.

    Beside it grows what the model thinks, by positions of its own. ``thinking_ms`` is how long it has been at it.
    """

    def __init__(self, base: str = "", thought: str = "", *, thinking_ms: int = 0) -> None:
        self._text = _Text(base)
        self._thought = _Text(thought)
        self._thought_room = LONGEST_THOUGHT - len(thought.encode("utf-8", "surrogatepass"))
        self._readers: set[_Reader] = set()
        self._over = asyncio.Event()
        self.thinking_ms = thinking_ms
        self.outcome: AnswerOutcome | None = None
        self.closed = False

    @property
    def length(self) -> int:
        return self._text.length

    @property
    def thought_length(self) -> int:
        return self._thought.length

    @property
    def readers(self) -> int:
        return len(self._readers)

    def append(self, text: str) -> None:
        """Add to the end and wake the readers."""
        self._text.append(text)
        self._wake()

    def think(self, text: str, thinking_ms: int) -> None:
        """Add to the thought, as far as it is kept, and say how long it has taken; wakes the readers."""
        if text and self._thought_room > 0:
            data = text.encode("utf-8", "surrogatepass")
            if len(data) > self._thought_room:
                text = data[: self._thought_room].decode("utf-8", "ignore")
            self._thought_room -= len(data)
            self._thought.append(text)
        self.thinking_ms = thinking_ms
        self._wake()

    def finish(self, outcome: AnswerOutcome | None) -> None:
        """No more text comes. Without an outcome this copy has lost its source; readers must ask again."""
        self.outcome = outcome
        self.closed = True
        self._over.set()
        self._wake()

    async def over(self) -> AnswerOutcome | None:
        """Wait for :meth:`finish`; None when this copy has lost its source, or its writer could not store it."""
        await self._over.wait()
        return self.outcome

    def since(self, position: int) -> str:
        """The text from ``position`` on; empty when there is none."""
        return self._text.since(position)

    def thought_since(self, position: int) -> str:
        """The same of what was thought."""
        return self._thought.since(position)

    async def follow(self, position: int, *, idle: float) -> AsyncIterator[str]:
        """Pieces of text from ``position`` on until the end; an empty piece after ``idle`` seconds without one."""
        async with aclosing(self.watch(position, idle=idle)) as pieces:
            async for piece in pieces:
                if isinstance(piece, str):
                    yield piece

    async def watch(self, position: int, *, idle: float) -> AsyncGenerator[str | Thinking]:
        """As :meth:`follow`, and what is thought, all of it from its beginning and always before the text."""
        reader = _Reader(idle)
        self._readers.add(reader)
        thought, told_ms = 0, 0
        try:
            while True:
                if thought < self._thought.length or told_ms < self.thinking_ms:
                    news = Thinking(thought, self._thought.since(thought), self.thinking_ms / 1000)
                    thought, told_ms = self._thought.length, self.thinking_ms
                    reader.fed()
                    yield news
                elif position < self.length:
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
