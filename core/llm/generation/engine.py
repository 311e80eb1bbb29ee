"""The answers that are being written in one event loop, beside the responses that show them.

A response only reads: when its client goes away, nothing ends but the reading. The store is asked once a second for all
answers together; Redis gets what is new every few hundredths of a second, likewise for all.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from functools import partial
from typing import Any
from typing import Generic
from uuid import UUID
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import InterfaceError
from django.db import OperationalError

from core.db_threads import in_db_thread
from core.errors import Unavailable
from core.llm.generation.attempt import AnswerOutcome
from core.llm.generation.attempt import Attempt
from core.llm.generation.attempt import AttemptT
from core.llm.generation.attempt import Generated
from core.llm.generation.attempt import Snapshot
from core.llm.generation.mirror import Mirror
from core.llm.generation.relay import Piece
from core.llm.generation.relay import Relay
from core.llm.generation.relay import stream_of
from core.llm.generation.relay import thoughts_of
from core.llm.generation.running import STOPPED
from core.llm.generation.running import RunningAttempt
from core.llm.generation.store import AnswerStore
from core.llm.generation.transcript import Transcript

logger = logging.getLogger(__name__)

CHECKPOINT_SECONDS = 1.0
_LEASE_EVERY = 5
"""Checkpoints from one renewal of all leases to the next."""
_MIRROR_SECONDS = 0.04
_RELAY_SECONDS = 0.025
# With many answers each batch is larger and rarer: a command costs the same however long its text.
_RELAY_SECONDS_EACH = 0.0005
_LONGEST_PAUSE_SECONDS = 5.0
_RETRY_SECONDS = 600.0
_STOP_SECONDS = 5.0


def _begun(attempt: Attempt) -> Transcript:
    return Transcript(attempt.base, attempt.thought_base, thinking_ms=attempt.thinking_base_ms)


class Engines(Generic[AttemptT]):
    """The engines of one store: one in each event loop that has asked for it."""

    def __init__(self, store: AnswerStore[AttemptT]) -> None:
        self._store = store
        self._by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Engine[AttemptT]] = WeakKeyDictionary()

    def current(self) -> Engine[AttemptT]:
        """The engine of the running event loop."""
        loop = asyncio.get_running_loop()
        engine = self._by_loop.get(loop)
        if engine is None:
            engine = self._by_loop[loop] = Engine(self._store)
        return engine

    async def start(self, attempt: AttemptT) -> Transcript:
        """Begin to write an answer in the running loop; returns at once what its readers read."""
        return self.current().start(attempt)

    async def stop(self, answer_id: UUID) -> bool:
        """Stop an answer of this process and wait for its end; False when it is not written here."""
        return await self.current().stop(answer_id)

    async def shut_down(self) -> None:
        """End the engine of the running loop; the loop's next one begins anew."""
        await self.current().shut_down()
        self._by_loop.pop(asyncio.get_running_loop(), None)

    def shut_down_all(self) -> None:
        """End every answer of this process as ``incomplete``; from a thread, while the loops still run."""
        for loop in list(self._by_loop):
            if loop.is_running():
                asyncio.run_coroutine_threadsafe(self.shut_down(), loop).result(timeout=2 * _STOP_SECONDS)


class Engine(Generic[AttemptT]):
    """Everything that runs for one store in one event loop. All methods belong to that loop."""

    def __init__(self, store: AnswerStore[AttemptT]) -> None:
        self._store = store
        self._loop = asyncio.get_running_loop()
        self._running: dict[UUID, RunningAttempt[AttemptT]] = {}
        self._ended: list[tuple[RunningAttempt[AttemptT], AnswerOutcome]] = []
        self._mirrors: dict[tuple[UUID, int], Mirror] = {}
        self._relay = Relay() if settings.REDIS_URL else None
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._others: set[asyncio.Task[None]] = set()
        self._helpers: dict[str, asyncio.Task[None]] = {}
        self._stopping = False

    def start(self, attempt: AttemptT) -> Transcript:
        """Begin an attempt."""
        # Somebody may have been quicker to ask for the answer than its request was to begin it.
        waiting = self._mirrors.pop((attempt.answer_id, attempt.number), None)
        running = RunningAttempt(attempt, waiting or _begun(attempt))
        self._running[attempt.answer_id] = running
        task = asyncio.create_task(self._run(running))
        self._tasks[attempt.answer_id] = task
        task.add_done_callback(lambda _task: self._release(running, task))
        self._keep_up("checkpoints", self._checkpoints)
        if self._relay is not None:
            self._keep_up("relay", partial(self._relay_batches, self._relay))
        if self._stopping:
            running.interrupt()
        return running.transcript

    def transcript(self, answer_id: UUID, stored: Snapshot) -> Transcript:
        """What to read for an answer: its own transcript, a finished one, or a copy from another process."""
        running = self._running.get(answer_id)
        if running is not None and running.attempt.number == stored.attempt:
            return running.transcript
        if stored.outcome is not None:
            finished = Transcript(stored.text, stored.thought, thinking_ms=stored.thinking_ms)
            finished.finish(stored.outcome)
            return finished
        key = (answer_id, stored.attempt)
        mirror = self._mirrors.get(key)
        if mirror is None:
            stream = stream_of(self._store.stream_prefix, *key)
            mirror = self._mirrors[key] = Mirror(answer_id, stored, stream)
            self._keep_up("mirrors", self._feed_mirrors)
        return mirror

    async def stop(self, answer_id: UUID) -> bool:
        """End an answer as ``stopped`` and wait until that is stored."""
        running, task = self._running.get(answer_id), self._tasks.get(answer_id)
        if running is None or task is None:
            return False
        running.end(STOPPED)
        await asyncio.wait([task], timeout=_STOP_SECONDS)
        return True

    async def shut_down(self) -> None:
        """End everything; what was written is stored, settled and can be continued elsewhere."""
        self._stopping = True
        for running in self._running.values():
            running.interrupt()
        for task in (*self._others, *(self._helpers[name] for name in self._helpers if name != "relay")):
            task.cancel()
        if pending := [*self._tasks.values(), *self._others, *self._helpers.values()]:
            await asyncio.wait(pending, timeout=_STOP_SECONDS)
        if self._relay is not None:
            await self._relay.aclose()

    async def drain(self) -> None:
        """Wait until nothing runs any more."""
        while pending := [*self._tasks.values(), *self._others]:
            await asyncio.wait(pending)

    # One answer ----------------------------------------------------------------------------------------------------

    async def _run(self, running: RunningAttempt[AttemptT]) -> None:
        generated = await running.run()
        outcome = await self._finish(running, generated)
        self._release(running)
        running.transcript.finish(outcome)
        if outcome is not None:
            self._announce_end(running, outcome)

    def _release(self, running: RunningAttempt[AttemptT], task: asyncio.Task[None] | None = None) -> None:
        """Forget an attempt that is over; the answer's next attempt may have begun already and stays."""
        answer_id = running.attempt.answer_id
        if self._running.get(answer_id) is running:
            del self._running[answer_id]
        if task is not None and self._tasks.get(answer_id) is task:
            del self._tasks[answer_id]

    def _announce_end(self, running: RunningAttempt[AttemptT], outcome: AnswerOutcome) -> None:
        if self._relay is not None:
            self._ended.append((running, outcome))
            self._keep_up("relay", partial(self._relay_batches, self._relay))
        if not self._stopping:
            self._spawn(self._store.ended(running.attempt, outcome))

    async def _finish(self, running: RunningAttempt[AttemptT], generated: Generated) -> AnswerOutcome | None:
        """Store and settle, trying again while the store is away, as the text is nowhere else.

        None when that does not help: the answer is then left without a lease, at its last checkpoint.
        """
        pause, deadline = 0.25, self._loop.time() + _RETRY_SECONDS
        while True:
            try:
                return await in_db_thread(self._store.finish, running.attempt, generated)
            except (OperationalError, InterfaceError, Unavailable):
                logger.exception("An answer could not be stored; trying again in %s s", pause)
                if self._loop.time() > deadline:
                    return None
            except Exception:
                logger.exception("An answer cannot be stored")
                return None
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    # All answers ---------------------------------------------------------------------------------------------------

    async def _checkpoints(self) -> None:
        beat = 0
        while self._running:
            await asyncio.sleep(CHECKPOINT_SECONDS)
            beat += 1
            try:
                await self._checkpoint(renew_lease=beat % _LEASE_EVERY == 0)
            except Exception:
                # Whatever it is: without the next one, every answer of this process would count as dead.
                logger.exception("A checkpoint failed; the next one takes its text along")

    async def _checkpoint(self, *, renew_lease: bool) -> None:
        live = [running for running in self._running.values() if not running.closing]
        if not live:
            return
        for running in live:
            running.keep_thinking()
        grown = [(running, *running.progress()) for running in live if running.has_grown]
        heartbeats = await in_db_thread(
            self._store.checkpoint,
            [progress for _running, _reached, progress in grown],
            running=[running.attempt for running in live],
            renew_lease=renew_lease,
        )
        for running, reached, _progress in grown:
            if heartbeat := heartbeats.get(running.attempt.answer_id):
                running.checkpointed(reached, heartbeat.counted)
        for running in live:
            heartbeat = heartbeats.get(running.attempt.answer_id)
            if heartbeat is None:
                running.interrupt()
            elif heartbeat.stop_requested:
                running.end(STOPPED)

    async def _relay_batches(self, relay: Relay) -> None:
        while self._running or self._ended:
            await asyncio.sleep(_RELAY_SECONDS + _RELAY_SECONDS_EACH * len(self._running))
            await self._relay_batch(relay)

    async def _relay_batch(self, relay: Relay) -> None:
        ended, self._ended = self._ended, []
        batch: dict[str, list[Piece]] = {}
        news = [(running, running.unrelayed()) for running in self._running.values()]
        news += [(running, running.unrelayed()) for running, _outcome in ended]
        for running, (piece, thought) in news:
            if thought is not None:
                batch.setdefault(thoughts_of(self._stream_of(running)), []).append(thought)
            if piece is not None:
                batch.setdefault(self._stream_of(running), []).append(piece)
        for running, outcome in ended:
            last = Piece(running.transcript.length, outcome=outcome)
            batch.setdefault(self._stream_of(running), []).append(last)
        if await relay.publish(batch):
            for running, pieces in news:
                running.relayed(*pieces)

    def _stream_of(self, running: RunningAttempt[AttemptT]) -> str:
        return stream_of(self._store.stream_prefix, running.attempt.answer_id, running.attempt.number)

    async def _feed_mirrors(self) -> None:
        while self._mirrors:
            await self._feed_once()
            self._mirrors = {key: mirror for key, mirror in self._mirrors.items() if not mirror.is_over}
            await asyncio.sleep(_MIRROR_SECONDS)

    async def _feed_once(self) -> None:
        mirrors = list(self._mirrors.values())
        if self._relay is not None:
            positions = {name: at for mirror in mirrors for name, at in mirror.positions.items()}
            news = await self._relay.read(positions)
            for mirror in filter(self._is_fed, mirrors):
                if thoughts := news.get(mirror.thoughts):
                    mirror.take_thoughts(thoughts)
                if pieces := news.get(mirror.stream):
                    mirror.take(pieces)
        still = [mirror for mirror in mirrors if mirror.asks_store and not mirror.closed]
        if not still:
            return
        try:
            stored = await in_db_thread(self._store.snapshots, [mirror.answer_id for mirror in still])
        except DatabaseError:
            logger.exception("The database did not answer for somebody who follows an answer")
            await asyncio.sleep(CHECKPOINT_SECONDS)
            return
        for mirror in filter(self._is_fed, still):
            mirror.compare(stored.get(mirror.answer_id))

    def _is_fed(self, mirror: Mirror) -> bool:
        """Whether nobody in this process has begun to write it meanwhile."""
        return self._mirrors.get((mirror.answer_id, mirror.attempt)) is mirror

    # Tasks ---------------------------------------------------------------------------------------------------------

    def _keep_up(self, name: str, work: Any) -> None:
        """Keep one task of this name running; it ends by itself when it has nothing to do."""
        task = self._helpers.get(name)
        if task is None or task.done():
            self._helpers[name] = asyncio.create_task(work(), name=f"{self._store.stream_prefix} {name}")

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        # The loop keeps only weak references to tasks.
        task = asyncio.create_task(work)
        self._others.add(task)
        task.add_done_callback(self._others.discard)
