"""Work of many callers, done together: whatever comes while a batch is being done goes into the next one.

Nobody waits for a batch to fill: who finds nothing under way begins at once, alone. So a batch is as large as the load
makes it. A calling thread does the first batch itself; what came meanwhile, and what event loops bring, is done by a
thread of an executor, without a hop back for each caller.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Generic
from typing import TypeVar

from django.db import close_old_connections

logger = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")


class _Waiting(Generic[T, R]):
    """One caller: what it wants, and where it waits."""

    __slots__ = ("future", "gate", "item", "loop", "outcome")

    def __init__(self, item: T, future: asyncio.Future[R] | None = None) -> None:
        self.item = item
        self.future = future
        self.loop = future.get_loop() if future else None
        self.gate = threading.Lock()
        self.outcome: R | BaseException | None = None


class Batcher(Generic[T, R]):
    """Does what many callers want in batches, one batch at a time, first come, first served."""

    def __init__(self, work: Callable[[Sequence[T]], Sequence[R]], executor: Callable[[], Executor], most: int) -> None:
        """``work`` gives one outcome for each of at most ``most`` items; what it raises, every caller of a batch gets.

        ``executor`` is asked for when a thread is needed, so that a forked process has threads of its own.
        """
        self._work = work
        self._executor = executor
        self._most = most
        self._lock = threading.Lock()
        self._queue: list[_Waiting[T, R]] = []
        self._is_led = False
        self._under_way = 0

    @property
    def waiting(self) -> int:
        """How many callers have no answer yet."""
        return len(self._queue) + self._under_way

    def do(self, item: T) -> R:
        """Wait in this thread until it is done."""
        mine: _Waiting[T, R] = _Waiting(item)
        mine.gate.acquire()
        if self._join(mine):
            self._do_next()
            self._hand_over()
        mine.gate.acquire()
        if isinstance(mine.outcome, BaseException):
            raise mine.outcome
        return mine.outcome  # type: ignore[return-value] # set before the gate was opened

    async def do_async(self, item: T) -> R:
        """Wait in the event loop until it is done; a caller that is cancelled does not take its item back."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        if self._join(_Waiting(item, future)):
            self._executor().submit(self._lead)
        return await future

    def _join(self, mine: _Waiting[T, R]) -> bool:
        """Get in line; True when there is nobody to lead it."""
        with self._lock:
            self._queue.append(mine)
            leads, self._is_led = not self._is_led, True
            return leads

    def _has_more(self) -> bool:
        """Whether somebody waits; if not, the lead is given up in the same moment."""
        with self._lock:
            self._is_led = bool(self._queue)
            return self._is_led

    def _hand_over(self) -> None:
        if self._has_more():
            self._executor().submit(self._lead)

    def _lead(self) -> None:
        """Do everything that waits; in a thread of the executor."""
        close_old_connections()
        try:
            while True:
                self._do_next()
                if not self._has_more():
                    return
        finally:
            close_old_connections()

    def _do_next(self) -> None:
        with self._lock:
            batch, self._queue = self._queue[: self._most], self._queue[self._most :]
            self._under_way = len(batch)
        outcomes: Sequence[R | BaseException]
        try:
            outcomes = self._work([one.item for one in batch])
        except BaseException as error:
            close_old_connections()  # a broken one is not used for the next batch
            outcomes = [error] * len(batch)
        self._under_way = 0
        _tell(batch, outcomes)


def _tell(batch: Sequence[_Waiting[T, R]], outcomes: Sequence[R | BaseException]) -> None:
    """Let every caller go on; those of one event loop in one turn of it."""
    loops: dict[asyncio.AbstractEventLoop, list[_Waiting[T, R]]] = defaultdict(list)
    for one, outcome in zip(batch, outcomes, strict=True):
        one.outcome = outcome
        if one.loop is None:
            one.gate.release()
        else:
            loops[one.loop].append(one)
    for loop, waiting in loops.items():
        try:
            loop.call_soon_threadsafe(_resolve, waiting)
        except RuntimeError:
            logger.debug("%d callers have gone with their event loop", len(waiting))


def _resolve(waiting: Sequence[_Waiting[T, R]]) -> None:
    for one in waiting:
        if one.future is None or one.future.done():
            continue
        if isinstance(one.outcome, BaseException):
            one.future.set_exception(one.outcome)
        else:
            one.future.set_result(one.outcome)  # type: ignore[arg-type] # set before
