"""The doors of this process, looked after together: each second one query tells which must be shut, each ten seconds
one statement notes whose media flows, and half a minute after a door was shut the media of its leg has ended, unless
it came back.

The task begins with the first door and ends when there is nothing to look after.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from dataclasses import field
from functools import partial
from uuid import UUID
from weakref import WeakKeyDictionary

from calls.door.counting import OPEN
from calls.door.relay import Relay
from calls.services import intervals
from calls.services import passes
from calls.services.passes import Admission
from core.db_threads import in_db_thread

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
NOTE_SECONDS = 10.0
CLAIM_SECONDS = intervals.CLAIM.total_seconds() + 1


@dataclass(slots=True)
class _Shut:
    """A door that was shut while media flowed."""

    admission: Admission
    due: float = field(default_factory=lambda: time.monotonic() + CLAIM_SECONDS)


class Watch:
    """Of one event loop."""

    def __init__(self) -> None:
        self._open: dict[UUID, Relay] = {}
        self._shut: dict[UUID, _Shut] = {}
        self._task: asyncio.Task[None] | None = None
        self._noted = 0.0

    def add(self, relay: Relay) -> None:
        """A door was opened; an older one of its leg is shut."""
        leg_id = relay.admission.leg_id
        older = self._open.get(leg_id)
        if older is not None:
            older.give_way()
        self._open[leg_id] = relay
        self._shut.pop(leg_id, None)
        OPEN.set(len(self._open))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def remove(self, relay: Relay) -> None:
        """It was shut."""
        leg_id = relay.admission.leg_id
        if self._open.get(leg_id) is not relay:
            return
        del self._open[leg_id]
        OPEN.set(len(self._open))
        if relay.flows:
            self._shut[leg_id] = _Shut(relay.admission)
            await in_db_thread(intervals.touch, [leg_id])

    async def _run(self) -> None:
        while self._open or self._shut:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._look()
            except Exception:
                logger.exception("The doors of the media server could not be looked after")

    async def _look(self) -> None:
        now = time.monotonic()
        if self._open:
            doors = {leg_id: relay.admission.door for leg_id, relay in self._open.items()}
            for leg_id in await in_db_thread(passes.shut_out, doors):
                if relay := self._open.get(leg_id):
                    relay.throw_out()
        if now - self._noted >= NOTE_SECONDS:
            self._noted = now
            if flowing := [leg_id for leg_id, relay in self._open.items() if relay.flows]:
                await in_db_thread(intervals.touch, flowing)
        for leg_id, shut in list(self._shut.items()):
            if shut.due <= now:
                del self._shut[leg_id]
                await in_db_thread(partial(_end, shut.admission))


def _end(admission: Admission) -> None:
    if not passes.replaced(admission.leg_id, admission.door):
        intervals.close_unclaimed(admission.leg_id)


_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, Watch] = WeakKeyDictionary()


def of_this_loop() -> Watch:
    """The watch of the running event loop: a process has one, tests have several."""
    return _watches.setdefault(asyncio.get_running_loop(), Watch())
