"""The doors of this process, looked after together: each second one query tells which must be shut, and each ten
seconds one statement notes whose media flows.

The task begins with the first door and ends with the last.
"""

from __future__ import annotations

import asyncio
import logging
import time
from uuid import UUID
from weakref import WeakKeyDictionary

from calls.door.counting import OPEN
from calls.door.relay import Relay
from calls.services import intervals
from calls.services import passes
from core.db_threads import in_db_thread

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
NOTE_SECONDS = 10.0


class Watch:
    """Of one event loop."""

    def __init__(self) -> None:
        self._open: dict[UUID, Relay] = {}
        self._task: asyncio.Task[None] | None = None
        self._noted = 0.0

    def add(self, relay: Relay) -> None:
        """A door was opened; an older one of its leg is shut."""
        leg_id = relay.admission.leg_id
        if older := self._open.get(leg_id):
            older.give_way()
        self._open[leg_id] = relay
        OPEN.set(len(self._open))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def remove(self, relay: Relay) -> None:
        """It was shut."""
        leg_id = relay.admission.leg_id
        if self._open.get(leg_id) is relay:
            del self._open[leg_id]
            OPEN.set(len(self._open))

    async def _run(self) -> None:
        while self._open:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._look()
            except Exception:
                logger.exception("The doors of the media server could not be looked after")

    async def _look(self) -> None:
        doors = [relay.admission for relay in self._open.values()]
        if doors:
            out, replaced = await in_db_thread(passes.judged, doors)
            for leg_id in out & self._open.keys():
                self._open[leg_id].throw_out()
            for leg_id in replaced & self._open.keys():
                self._open[leg_id].give_way()
        now = time.monotonic()
        if now - self._noted >= NOTE_SECONDS:
            self._noted = now
            if flowing := [leg_id for leg_id, relay in self._open.items() if relay.flows]:
                await in_db_thread(intervals.touch, flowing)


_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, Watch] = WeakKeyDictionary()


def of_this_loop() -> Watch:
    """The watch of the running event loop: a process has one, tests have several."""
    return _watches.setdefault(asyncio.get_running_loop(), Watch())
