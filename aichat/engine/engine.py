"""The answers that are being written in one event loop, beside the responses that show them.

A response only reads: when its client goes away, nothing ends but the reading. Storage and metering run once a second
for all answers together; Redis gets what is new every few hundredths of a second, likewise for all.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from functools import partial
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import Error as StorageError
from django.db import InterfaceError
from django.db import OperationalError

from aichat.engine.generation import STOPPED
from aichat.engine.generation import Generation
from aichat.engine.job import Ending
from aichat.engine.job import Job
from aichat.engine.job import Outcome
from aichat.engine.mirror import Mirror
from aichat.engine.relay import Piece
from aichat.engine.relay import Relay
from aichat.engine.relay import stream_of
from aichat.engine.transcript import Transcript
from aichat.models import ChatMessage
from aichat.services import answers
from aichat.services import titles
from billing.errors import MeteringUnavailable
from core import llm
from core.lanes import in_lane

logger = logging.getLogger(__name__)

CHECKPOINT_SECONDS = 1.0
_VOUCH_EVERY = 5
_MIRROR_SECONDS = 0.04
_RELAY_SECONDS = 0.025
# With many answers each batch is larger and rarer: a command costs the same however long its text.
_RELAY_SECONDS_EACH = 0.0005
_LONGEST_RETRY = 5.0
_RETRY_SECONDS = 600.0
_STOP_SECONDS = 5.0

_engines: WeakKeyDictionary[asyncio.AbstractEventLoop, Engine] = WeakKeyDictionary()


def current() -> Engine:
    """The engine of the running event loop."""
    loop = asyncio.get_running_loop()
    engine = _engines.get(loop)
    if engine is None:
        engine = _engines[loop] = Engine()
    return engine


async def start(job: Job) -> Transcript:
    """Begin to write an answer in the running loop; returns at once what its readers read."""
    return current().start(job)


async def stop(message_id: UUID) -> bool:
    """Stop an answer of this process and wait for its end; False when it is not written here."""
    return await current().stop(message_id)


def shut_down_all() -> None:
    """End every answer of this process as ``incomplete``; from a thread, while the loops still run."""
    for loop, engine in list(_engines.items()):
        if loop.is_running():
            asyncio.run_coroutine_threadsafe(engine.shut_down(), loop).result(timeout=2 * _STOP_SECONDS)


class Engine:
    """Everything aichat runs in one event loop. All methods belong to that loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._running: dict[UUID, Generation] = {}
        self._ended: list[tuple[Generation, Outcome]] = []
        self._mirrors: dict[tuple[UUID, int], Mirror] = {}
        self._relay = Relay() if settings.REDIS_URL else None
        self._answers: dict[UUID, asyncio.Task[None]] = {}
        self._others: set[asyncio.Task[None]] = set()
        self._helpers: dict[str, asyncio.Task[None]] = {}
        self._stopping = False

    def start(self, job: Job) -> Transcript:
        """Begin an attempt."""
        # Somebody may have been quicker to ask for the answer than its request was to begin it.
        waiting = self._mirrors.pop((job.message_id, job.attempt), None)
        generation = Generation(job, waiting or Transcript(job.base))
        self._running[job.message_id] = generation
        task = asyncio.create_task(self._carry(generation))
        self._answers[job.message_id] = task
        task.add_done_callback(lambda _task: self._let_go(generation, task))
        self._help("checkpoints", self._checkpoints)
        if self._relay is not None:
            self._help("relay", partial(self._relay_batches, self._relay))
        if self._stopping:
            generation.interrupt()
        return generation.transcript

    def transcript(self, row: ChatMessage) -> Transcript:
        """What to read for an answer: its own transcript, a finished one, or a copy from another process."""
        generation = self._running.get(row.pk)
        if generation is not None and generation.job.attempt == row.attempt:
            return generation.transcript
        if not row.is_running:
            finished = Transcript(row.content)
            finished.finish(answers.outcome_of(row))
            return finished
        mirror = self._mirrors.get((row.pk, row.attempt))
        if mirror is None:
            mirror = self._mirrors[row.pk, row.attempt] = Mirror(row.pk, row.attempt, row.content)
            self._help("mirrors", self._feed_mirrors)
        return mirror

    async def stop(self, message_id: UUID) -> bool:
        """End an answer as ``stopped`` and wait until that is stored."""
        generation, task = self._running.get(message_id), self._answers.get(message_id)
        if generation is None or task is None:
            return False
        generation.end(STOPPED)
        await asyncio.wait([task], timeout=_STOP_SECONDS)
        return True

    async def shut_down(self) -> None:
        """End everything; what was written is stored, settled and can be continued elsewhere."""
        self._stopping = True
        for generation in self._running.values():
            generation.interrupt()
        for task in (*self._others, *(self._helpers[name] for name in self._helpers if name != "relay")):
            task.cancel()
        if pending := [*self._answers.values(), *self._others, *self._helpers.values()]:
            await asyncio.wait(pending, timeout=_STOP_SECONDS)
        if self._relay is not None:
            await self._relay.aclose()
        _engines.pop(asyncio.get_running_loop(), None)

    async def settle_down(self) -> None:
        """Wait until nothing runs any more."""
        while pending := [*self._answers.values(), *self._others]:
            await asyncio.wait(pending)

    # One answer ----------------------------------------------------------------------------------------------------

    async def _carry(self, generation: Generation) -> None:
        ending = await generation.run()
        outcome = await self._conclude(generation, ending)
        self._let_go(generation)
        generation.transcript.finish(outcome)
        if outcome is not None:
            self._tell_end(generation, outcome)

    def _let_go(self, generation: Generation, task: asyncio.Task[None] | None = None) -> None:
        """Forget an attempt that is over; the message's next attempt may have begun already and stays."""
        message_id = generation.job.message_id
        if self._running.get(message_id) is generation:
            del self._running[message_id]
        if task is not None and self._answers.get(message_id) is task:
            del self._answers[message_id]

    def _tell_end(self, generation: Generation, outcome: Outcome) -> None:
        if self._relay is not None:
            self._ended.append((generation, outcome))
            self._help("relay", partial(self._relay_batches, self._relay))
        if generation.job.may_name and outcome.status == ChatMessage.Status.COMPLETE and not self._stopping:
            self._spawn(_improve_title(generation.job))

    async def _conclude(self, generation: Generation, ending: Ending) -> Outcome | None:
        """Store and settle, trying again while the database is away, as the text is nowhere else.

        None when that does not help: the answer is then left to the sweeper, at its last checkpoint.
        """
        pause, deadline = 0.25, self._loop.time() + _RETRY_SECONDS
        while True:
            try:
                return await in_lane(
                    answers.finish,
                    generation.job,
                    content=generation.content,
                    heard=generation.heard,
                    ending=ending,
                    usage=generation.usage,
                )
            except (OperationalError, InterfaceError, MeteringUnavailable):
                logger.exception("An answer could not be stored; trying again in %s s", pause)
                if self._loop.time() > deadline:
                    return None
            except Exception:
                logger.exception("An answer cannot be stored")
                return None
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_RETRY)

    # All answers ---------------------------------------------------------------------------------------------------

    async def _checkpoints(self) -> None:
        beat = 0
        while self._running:
            await asyncio.sleep(CHECKPOINT_SECONDS)
            beat += 1
            try:
                await self._checkpoint(vouch=beat % _VOUCH_EVERY == 0)
            except Exception:
                # Whatever it is: without the next one, every answer of this process would count as dead.
                logger.exception("A checkpoint failed; the next one takes its text along")

    async def _checkpoint(self, *, vouch: bool) -> None:
        live = [generation for generation in self._running.values() if not generation.closing]
        if not live:
            return
        grown = [(generation, *generation.progress()) for generation in live if generation.has_grown]
        written = [progress for _generation, _position, progress in grown]
        seen = await in_lane(answers.checkpoint, written, running=[generation.job for generation in live], vouch=vouch)
        for generation, position, _progress in grown:
            if sighting := seen.get(generation.job.message_id):
                generation.checkpointed(position, sighting.counted)
        for generation in live:
            sighting = seen.get(generation.job.message_id)
            if sighting is None:
                generation.interrupt()
            elif sighting.stop_requested:
                generation.end(STOPPED)

    async def _relay_batches(self, relay: Relay) -> None:
        while self._running or self._ended:
            await asyncio.sleep(_RELAY_SECONDS + _RELAY_SECONDS_EACH * len(self._running))
            await self._relay_batch(relay)

    async def _relay_batch(self, relay: Relay) -> None:
        ended, self._ended = self._ended, []
        batch: dict[str, list[Piece]] = {}
        news = [(generation, generation.unrelayed()) for generation in self._running.values()]
        news += [(generation, generation.unrelayed()) for generation, _outcome in ended]
        for generation, piece in news:
            if piece is not None:
                batch.setdefault(stream_of(generation.job.message_id, generation.job.attempt), []).append(piece)
        for generation, outcome in ended:
            name = stream_of(generation.job.message_id, generation.job.attempt)
            batch.setdefault(name, []).append(Piece(generation.transcript.length, outcome=outcome))
        if await relay.publish(batch):
            for generation, piece in news:
                generation.relayed = piece.end if piece else generation.relayed

    async def _feed_mirrors(self) -> None:
        while self._mirrors:
            await self._feed_once()
            self._mirrors = {key: mirror for key, mirror in self._mirrors.items() if not mirror.is_over}
            await asyncio.sleep(_MIRROR_SECONDS)

    async def _feed_once(self) -> None:
        mirrors = list(self._mirrors.values())
        if self._relay is not None:
            news = await self._relay.read({mirror.stream: mirror.length for mirror in mirrors})
            for mirror in filter(self._is_fed, mirrors):
                if pieces := news.get(mirror.stream):
                    mirror.take(pieces)
        still = [mirror for mirror in mirrors if mirror.asks_database and not mirror.closed]
        if not still:
            return
        try:
            rows = await in_lane(answers.snapshots, [mirror.message_id for mirror in still])
        except StorageError:
            logger.exception("The database did not answer for somebody who follows an answer")
            await asyncio.sleep(CHECKPOINT_SECONDS)
            return
        for mirror in filter(self._is_fed, still):
            mirror.compare(rows.get(mirror.message_id))

    def _is_fed(self, mirror: Mirror) -> bool:
        """Whether nobody in this process has begun to write it meanwhile."""
        return self._mirrors.get((mirror.message_id, mirror.attempt)) is mirror

    # Tasks ---------------------------------------------------------------------------------------------------------

    def _help(self, name: str, work: Any) -> None:
        """Keep one task of this name running; it ends by itself when it has nothing to do."""
        task = self._helpers.get(name)
        if task is None or task.done():
            self._helpers[name] = asyncio.create_task(work(), name=f"aichat {name}")

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        # The loop keeps only weak references to tasks.
        task = asyncio.create_task(work)
        self._others.add(task)
        task.add_done_callback(self._others.discard)


async def _improve_title(job: Job) -> None:
    """A better title than the question's first words, by the chat's own model; failures leave the old one."""
    try:
        order = await in_lane(titles.begin, job)
        if order is None:
            return
        text, usage, heard = await _ask(order)
        await in_lane(titles.finish, order, text=text, usage=usage, heard=heard)
    except (StorageError, MeteringUnavailable):
        logger.exception("A chat keeps its first title")


async def _ask(order: titles.Order) -> tuple[str, llm.Usage | None, bool]:
    text, usage, heard = "", None, False
    try:
        async for delta in llm.stream(order.prompt, model=order.model.id, max_tokens=order.max_tokens):
            heard = True
            text += delta.text
            usage = delta.usage or usage
    except llm.errors.ModelError as error:
        logger.info("No title from the model: %s", error.code)
        text = ""
    return text, usage, heard
