"""What modules keep running in the event loop of a serving process."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from contextvars import Context

from core import modules

logger = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
"""Before it is called again after a failure: doubled each time, half less or more so that processes spread out."""
STEADY_SECONDS = 60.0
"""After running for so long a failure is a new one: it is logged, and the pause is short again."""
STOP_SECONDS = 5.0
"""What all of them together have to clean up in."""


class ServeTasks:
    """The :meth:`~core.modules.Room.serve` of every installed module, as tasks of the running event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        # In a context of their own, not in that of the request which happened to be the first.
        self._tasks = [
            self._loop.create_task(_keep(module), name=_name(module), context=Context())
            for module in modules.installed()
            if type(module).serve is not modules.Room.serve
        ]

    async def stop(self) -> None:
        """Cancel them and wait until they have ended, for ``STOP_SECONDS`` at most."""
        for task in self._tasks:
            task.cancel()
        if not self._tasks:
            return
        done, late = await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
        for task in done:
            if not task.cancelled() and (failure := task.exception()) is not None:
                logger.error("%s failed while it stopped", task.get_name(), exc_info=failure)
        for task in late:
            logger.error("%s has not stopped within %.0f s", task.get_name(), STOP_SECONDS)

    def stop_at_exit(self) -> None:
        """:meth:`stop` for a server that says nothing of its end, when the interpreter ends; no thread starts any more.

        Its loop has stopped by then, or still runs in another thread: that of ``runserver``'s reloader.
        """
        if self._loop.is_running():
            asyncio.run_coroutine_threadsafe(self.stop(), self._loop).result(STOP_SECONDS + 1)
        elif not self._loop.is_closed():
            self._loop.run_until_complete(self.stop())


async def _keep(module: modules.Room) -> None:
    """Call it until it returns, or until this task is cancelled."""
    pause, is_failing = FIRST_PAUSE_SECONDS, False
    while True:
        begun = time.monotonic()
        try:
            await module.serve()
        except (Exception, asyncio.CancelledError) as failure:
            task = asyncio.current_task()
            if task is not None and task.cancelling():  # else something it waited for was cancelled, and not it
                raise
            if time.monotonic() - begun >= STEADY_SECONDS:
                pause, is_failing = FIRST_PAUSE_SECONDS, False
            if not is_failing:
                logger.error("%s failed; it is called again, until it works", _name(module), exc_info=failure)
            is_failing = True
        else:
            return
        await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def _name(module: modules.Room) -> str:
    return f"{type(module).__module__}.{type(module).__qualname__}.serve"
