"""One run while this process holds it: step after step, until it is over, waits, or is let go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from typing import TypeVar

from django.db import Error as DatabaseError

from agents import limits
from agents.models import AgentRun
from agents.models import AgentStep
from agents.runner import asking
from agents.runner import journal
from agents.runner import mcp_calls
from agents.runner import model_steps
from agents.runner import tool_steps
from agents.runner.claimed import Claimed
from agents.runner.claimed import RunLost
from agents.runner.deciding import Call
from agents.runner.deciding import End
from agents.runner.deciding import Think
from agents.runner.deciding import Wait
from agents.runner.deciding import next_action
from agents.runner.model_steps import LOST
from agents.services import run_events
from billing import metering
from core.db_threads import in_db_thread
from core.errors import DomainError
from core.llm.generation.errors import Fault

logger = logging.getLogger(__name__)

R = TypeVar("R")
State = AgentRun.State
_LEDGER_TRIES, _LEDGER_SECONDS = 3, 5.0
_PAUSE_SECONDS = 1.0
_SPEAK_SECONDS = 0.05


class RunningRun:
    """Works on one claimed run. ``changed`` is called whenever its rows have."""

    def __init__(self, claimed: Claimed, changed: Callable[[], None]) -> None:
        self.claimed = claimed
        self._changed = changed
        self._lock = asyncio.Lock()
        self._released = asyncio.Event()
        self._work: asyncio.Task[Any] | None = None
        self._lost = False

    async def run(self) -> None:
        """Until it is no more this process's."""
        speaking = asyncio.create_task(self._speak(), name=f"answer of {self.claimed.pk}")
        try:
            await self._show_state(State.RUNNING)
            while await self._next():
                pass
        except RunLost:
            logger.info("A run goes on elsewhere", extra={"run_id": str(self.claimed.pk)})
        except DatabaseError:
            raise  # its lease runs out, and it goes on then
        except Exception:
            # Whoever took it up would come to the same.
            logger.exception("A run broke", extra={"run_id": str(self.claimed.pk)})
            with suppress(RunLost):
                await self._write(journal.end, self.claimed, State.FAILED, AgentRun.Reason.LOST, Fault().body())
        finally:
            speaking.cancel()
            self._changed()
            await mcp_calls.close(self.claimed.pk)

    # From outside -----------------------------------------------------------------------------------------------------

    async def stop(self, state: str, reason: str) -> None:
        """End it now: the model's connection is closed, and those of its calls."""
        if self.claimed.ending is None:
            self.claimed.ending = (state, reason)
        await self._cut()

    def lose(self) -> None:
        """It belongs to another process: nothing more of it is done here."""
        self._lost = True
        if self._work is not None:
            self._work.cancel()

    def let_go(self) -> None:
        """Take no further step; see :meth:`cancel_calls`."""
        self._released.set()

    def cancel_calls(self) -> None:
        """What is still under way is left as it is: who claims the run next judges it."""
        if self._work is not None:
            self._work.cancel()

    @property
    def seconds(self) -> float:
        return self.claimed.row.seconds_used + journal.seconds_since(self.claimed)

    @property
    def is_late(self) -> bool:
        """It is so far over its time that even its last answer is cut."""
        return self.seconds > self.claimed.seconds_allowed + limits.LATE_SECONDS

    async def _cut(self) -> None:
        last = self.claimed.last
        if last is not None and last.state == AgentStep.State.OPEN:
            await model_steps.engines.stop(last.pk)
        if self._work is not None:
            self._work.cancel()

    # Step after step --------------------------------------------------------------------------------------------------

    async def _next(self) -> bool:
        """One step; False when there is none, here."""
        if self._lost:
            raise RunLost
        claimed = self.claimed
        if self._released.is_set():
            await self._write(journal.release, claimed)
            return False
        if asking.may_be_wanted(claimed) and (wanted := await self._write(asking.wanted, claimed)):
            await self._write(journal.ask, claimed, wanted)
            self._changed()
        match next_action(claimed, seconds=self.seconds):
            case End() as end:
                await self._write(journal.end, claimed, end.state, end.reason, end.error)
                return False
            case Wait():
                if claimed.answer is not None:
                    await self._write(claimed.answer.pause)
                await self._write(journal.wait, claimed)
                await self._show_state(State.WAITING)
                return False
            case Call() as call:
                await self._call(call)
            case Think() as think:
                return await self._think(think)
        return True

    async def _think(self, think: Think) -> bool:
        claimed = self.claimed
        last = claimed.last
        if last is not None and last.state == AgentStep.State.BROKEN and last.error != "interrupted":
            await self._pause(_PAUSE_SECONDS * last.attempt)
            if self._released.is_set() or claimed.ending is not None:
                return True
        attempt = await self._begin(think)
        if isinstance(attempt, End):
            await self._write(journal.end, claimed, attempt.state, attempt.reason, attempt.error)
            return False
        transcript = await model_steps.engines.start(attempt)
        if claimed.answer is not None:
            claimed.answer.follow(transcript)
        self._changed()
        if claimed.ending is not None:  # it came while the step was being written
            await self._cut()
        outcome = await transcript.over()
        self._changed()
        if outcome is None or outcome.status == LOST:
            await self._write(journal.release, claimed)
            raise RunLost
        return claimed.row.finished_at is None

    async def _begin(self, think: Think) -> model_steps.ModelAttempt | End:
        """A ledger that is away is waited for, but not for ever."""
        for _try in range(_LEDGER_TRIES):
            try:
                return await self._write(model_steps.begin, self.claimed, think.closing)
            except metering.MeteringUnavailable:
                logger.warning("The ledger is away", extra={"run_id": str(self.claimed.pk)})
                await self._pause(_LEDGER_SECONDS)
            except DomainError as error:  # the model has left the catalogue, the day of the platform is used up
                return End(State.FAILED, AgentRun.Reason.MODEL_UNAVAILABLE, error.body())
        away = metering.MeteringUnavailable()
        return End(State.FAILED, AgentRun.Reason.MODEL_UNAVAILABLE, away.body())

    async def _call(self, call: Call) -> None:
        await self._show_state(State.RUNNING, call.steps[0].name)
        await self._make(call)
        await self._show_state(State.RUNNING)

    async def _make(self, call: Call) -> None:
        gate = asyncio.Semaphore(limits.READS_AT_ONCE)

        async def one(step: AgentStep) -> None:
            async with gate:
                await tool_steps.perform(self.claimed, step, self._write)
                self._changed()

        async def together() -> None:
            async with asyncio.TaskGroup() as group:
                for step in call.steps:
                    group.create_task(one(step))

        work = self._work = asyncio.create_task(together(), name=f"calls of {self.claimed.pk}")
        if self.claimed.ending is not None or self._lost:
            work.cancel()
        try:
            await asyncio.wait([work])
        finally:
            self._work = None
            work.cancel()
        if work.cancelled():
            return
        failure = work.exception()
        if isinstance(failure, BaseExceptionGroup) and failure.subgroup(RunLost):
            raise RunLost
        if failure is not None:
            raise failure

    # What others see --------------------------------------------------------------------------------------------------

    async def _speak(self) -> None:
        """Show in its conversation what there is of the answer, for as long as it runs."""
        answer = self.claimed.answer
        while answer is not None and not answer.is_over:
            await asyncio.sleep(_SPEAK_SECONDS)
            text = answer.text()
            if answer.is_due(text):
                try:
                    await in_db_thread(answer.show, text)
                except DatabaseError:
                    logger.exception("An answer could not be shown; the next look comes")
                    await asyncio.sleep(_PAUSE_SECONDS)
        if answer is not None and self.claimed.row.finished_at is None:
            # The agent is no member any more, its message was taken back, or another process has the run.
            await self.stop(State.STOPPED, AgentRun.Reason.REMOVED)

    async def _show_state(self, state: str, tool: str = "") -> None:
        if self.claimed.answer is not None:
            await in_db_thread(run_events.publish_running, self.claimed.row, state, tool=tool)

    async def _pause(self, seconds: float) -> None:
        """Sleep, unless the process ends."""
        self._work = asyncio.create_task(asyncio.sleep(seconds))
        waiting = asyncio.create_task(self._released.wait())
        await asyncio.wait([self._work, waiting], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        self._work.cancel()
        self._work = None

    async def _write(self, function: Callable[..., R], *arguments: Any) -> R:
        """In a database thread, one after the other, and always to the end: what is under way cannot be called back."""
        async with self._lock:
            writing = asyncio.ensure_future(in_db_thread(function, *arguments))
            try:
                return await asyncio.shield(writing)
            except asyncio.CancelledError:
                await asyncio.wait([writing])
                raise
