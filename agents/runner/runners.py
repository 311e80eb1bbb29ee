"""All runs of a process: claimed while there is room, watched once a second, let go when the process ends."""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import suppress
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import Error as DatabaseError

from agents import limits
from agents import metrics
from agents.models import AgentRun
from agents.runner import journal
from agents.runner import model_steps
from agents.runner import watching
from agents.runner import web_calls  # noqa: F401 - importing makes its calls known
from agents.runner.running import RunningRun
from agents.services import approvals
from core.db_threads import in_db_thread

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
RENEW_EVERY = 5
"""Looks from one renewal of all leases to the next."""
STOP_SECONDS = 4.0
"""What calls that are under way have to come back in when the process ends."""


class Runner:
    """Everything that runs in one event loop. All methods belong to that loop."""

    def __init__(self) -> None:
        self._running: dict[UUID, RunningRun] = {}
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None
        self._watched: dict[UUID, set[asyncio.Event]] = {}
        self._stopping = False

    async def take(self, run_id: UUID) -> bool:
        """Claim a run and begin to work on it; False when it is not free, or there is no room."""
        if self._stopping or run_id in self._running or len(self._running) >= limits.RUNS_OF_A_PROCESS:
            return False
        claimed = await in_db_thread(journal.claim, run_id)
        if claimed is None:
            return False
        running = RunningRun(claimed, lambda: self._tell(run_id))
        self._running[run_id] = running
        metrics.RUNNING.set(len(self._running))
        task = asyncio.create_task(running.run(), name=f"run {run_id}")
        self._tasks[run_id] = task
        task.add_done_callback(lambda task: self._forget(run_id, task))
        self._keep_watch()
        self._tell(run_id)
        return True

    async def take_if_due(self, run_id: UUID) -> None:
        """The same, when it is that run's turn; it waits otherwise."""
        if run_id in await in_db_thread(journal.due, 1, only=run_id):
            await self.take(run_id)

    async def take_due(self) -> None:
        """Claim what waits, as far as there is room."""
        room = limits.RUNS_OF_A_PROCESS - len(self._running)
        if room > 0 and not self._stopping:
            for run_id in await in_db_thread(journal.due, room):
                await self.take(run_id)

    async def stop(self, run_id: UUID, *, paused: bool = False) -> None:
        """Stop a run of this process, and wait until that is stored; does nothing for others'."""
        running, task = self._running.get(run_id), self._tasks.get(run_id)
        if running is not None and task is not None:
            reason = AgentRun.Reason.PAUSED if paused else AgentRun.Reason.ASKED
            await running.stop(AgentRun.State.STOPPED, reason)
            await asyncio.wait([task], timeout=STOP_SECONDS)

    def wake(self) -> None:
        """There is something to claim."""
        self._wake.set()

    async def serve(self) -> None:
        """Look for runs, for as long as this is not cancelled; then let go of them."""
        try:
            while True:
                self._wake.clear()
                try:
                    await self.take_due()
                except DatabaseError:
                    logger.exception("The database did not answer about runs")
                pause = LOOK_SECONDS * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
                # Not wait_for: it loses a cancellation that comes together with the event (Python 3.11).
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._wake.wait()
        finally:
            await self.shut_down()

    async def shut_down(self) -> None:
        """Let go of every run, so that another process goes on with it at once."""
        self._stopping = True
        for running in self._running.values():
            running.let_go()
        await model_steps.engines.shut_down()
        if tasks := list(self._tasks.values()):
            _done, late = await asyncio.wait(tasks, timeout=STOP_SECONDS)
            for running in list(self._running.values()) if late else ():
                running.cancel_calls()
            if late:
                await asyncio.wait(late, timeout=1.0)
        if self._watcher is not None:
            self._watcher.cancel()

    async def drain(self) -> None:
        """Wait until nothing runs here."""
        while tasks := list(self._tasks.values()):
            await asyncio.wait(tasks)

    # Readers ----------------------------------------------------------------------------------------------------------

    def watch(self, run_id: UUID) -> asyncio.Event:
        """Set whenever the run has changed in this process; give it back to :meth:`unwatch`."""
        event = asyncio.Event()
        self._watched.setdefault(run_id, set()).add(event)
        return event

    def unwatch(self, run_id: UUID, event: asyncio.Event) -> None:
        """Nobody waits for this any more."""
        events = self._watched.get(run_id, set())
        events.discard(event)
        if not events:
            self._watched.pop(run_id, None)

    def has(self, run_id: UUID) -> bool:
        """Whether the run is this process's."""
        return run_id in self._running

    def _tell(self, run_id: UUID) -> None:
        for event in self._watched.get(run_id, ()):
            event.set()

    # Watching ---------------------------------------------------------------------------------------------------------

    def _forget(self, run_id: UUID, task: asyncio.Task[None]) -> None:
        if self._tasks.get(run_id) is task:
            del self._tasks[run_id]
            self._running.pop(run_id, None)
        metrics.RUNNING.set(len(self._running))
        if not task.cancelled() and (failure := task.exception()) is not None:
            # Its lease runs out, and the run goes on then.
            logger.error("A run broke", exc_info=failure, extra={"run_id": str(run_id)})
        self._tell(run_id)
        self._wake.set()

    def _keep_watch(self) -> None:
        if self._watcher is None or self._watcher.done():
            self._watcher = asyncio.create_task(self._watch(), name="runs watched")

    async def _watch(self) -> None:
        beat = 0
        while self._running:
            await asyncio.sleep(LOOK_SECONDS)
            beat += 1
            try:
                await self._look(renew=beat % RENEW_EVERY == 0)
            except Exception:
                logger.exception("Runs could not be looked at; the next look comes")

    async def _look(self, *, renew: bool) -> None:
        held = {run_id: running.claimed.row.fence for run_id, running in self._running.items()}
        seen = await in_db_thread(watching.look, list(held.items()), renew=renew)
        for run_id, fence in held.items():
            running = self._running.get(run_id)
            if running is None or running.claimed.row.fence != fence:
                continue
            look = seen.get(run_id)
            if look is None:
                if running.claimed.row.finished_at is None:
                    running.lose()
            elif look.stop:
                await running.stop(AgentRun.State.STOPPED, look.stop)
            elif running.is_late:
                await running.stop(AgentRun.State.LIMITED, AgentRun.Reason.SECONDS)


_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Runner] = WeakKeyDictionary()


def current() -> Runner:
    """The runner of the running event loop."""
    loop = asyncio.get_running_loop()
    runner = _by_loop.get(loop)
    if runner is None or runner._stopping:
        runner = _by_loop[loop] = Runner()
    return runner


def wake_all() -> None:
    """From any thread: there is something to claim for whoever serves in this process."""
    for loop, runner in list(_by_loop.items()):
        if not loop.is_closed():
            with suppress(RuntimeError):  # it ended this moment
                loop.call_soon_threadsafe(runner.wake)


async def serve() -> None:
    """Look for runs in this process, until it ends."""
    await current().serve()


def sweep() -> None:
    """What no serving process has done: claims that nobody holds any more, and questions that nobody answers."""
    watching.free_lost()
    approvals.expire()
    metrics.WAITING.set(AgentRun.objects.filter(state=AgentRun.State.WAITING).count())
