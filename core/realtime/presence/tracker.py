"""What one event loop knows of its own users, and its part in watching over all."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from datetime import datetime
from functools import cache
from uuid import UUID
from uuid import uuid4
from weakref import WeakSet

from django.db import DatabaseError

from core.db_threads import in_db_thread
from core.realtime import identity
from core.realtime import streams
from core.realtime.events import Event
from core.realtime.names import StreamName
from core.realtime.presence.store import VOUCH_SECONDS
from core.realtime.presence.store import current_store
from core.realtime.presence_events import UserOffline
from core.realtime.presence_events import UserOnline
from core.realtime.resolvers import resolvers
from core.redis import GONE
from core.redis import Pause

logger = logging.getLogger(__name__)

GRACE_SECONDS = 7.0
_TICK_SECONDS = 0.5
_SWEEP_SECONDS = 2.0
_AT_ONCE = 50

_trackers: WeakSet[Tracker] = WeakSet()


class Tracker:
    """Counts the sockets of each user here; the store is asked in a thread of its own."""

    def __init__(self) -> None:
        self._process = uuid4().hex
        self._sockets: Counter[UUID] = Counter()
        self._coming: set[UUID] = set()
        self._going: set[UUID] = set()
        self._vouch_at = self._sweep_at = 0.0
        self._pause = Pause("Presence is not kept", seconds=_TICK_SECONDS)
        _trackers.add(self)

    def opened(self, user_id: UUID) -> None:
        """One more socket of this user."""
        self._sockets[user_id] += 1
        if self._sockets[user_id] == 1:
            self._coming.add(user_id)
            self._going.discard(user_id)

    def closed(self, user_id: UUID) -> None:
        """One socket less."""
        self._sockets[user_id] -= 1
        if self._sockets[user_id] <= 0:
            del self._sockets[user_id]
            self._coming.discard(user_id)
            self._going.add(user_id)

    @property
    def users(self) -> Collection[UUID]:
        """Those with a socket here."""
        return self._sockets.keys()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            try:
                await self.tick()
                self._pause.end()
            except GONE as error:
                self._pause.begin(error)
            except DatabaseError as error:
                logger.warning("Presence cannot be kept: %r", error)
            except Exception:
                logger.exception("Presence failed")

    async def tick(self) -> None:
        """Write down who came and went, vouch for who is here, and tell of those for whom nobody does."""
        now = time.monotonic()
        loop = asyncio.get_running_loop()
        coming, going = set(self._coming), set(self._going)
        vouch, sweep = now >= self._vouch_at, now >= self._sweep_at
        known = list(self._sockets) if vouch else []
        if not (coming or going or known or sweep):
            return
        fresh, gone = await loop.run_in_executor(
            _thread(), lambda: self._exchange(coming, going, known, with_sweep=sweep)
        )
        self._coming -= coming
        self._going -= going
        self._vouch_at = now + VOUCH_SECONDS / 3 if vouch else self._vouch_at
        self._sweep_at = now + _SWEEP_SECONDS if sweep else self._sweep_at
        await _tell_all(fresh, gone)

    def _exchange(
        self, coming: Collection[UUID], going: Collection[UUID], known: Collection[UUID], *, with_sweep: bool
    ) -> tuple[list[UUID], dict[UUID, float]]:
        store = current_store()
        if going:
            store.leave(self._process, going, GRACE_SECONDS)
        fresh = store.arrive(self._process, coming) if coming else []
        if known:
            store.arrive(self._process, known)
        return fresh, store.sweep() if with_sweep else {}

    def hand_over(self) -> None:
        """The process ends: let the users linger until they are back at another one. From any thread."""
        users = {*self._sockets, *self._going}
        if users:
            current_store().leave(self._process, users, GRACE_SECONDS)
            identity.sessions().touch(users, datetime.now(UTC))


def hand_over() -> None:
    """The users of all event loops of this process."""
    for tracker in list(_trackers):
        try:
            tracker.hand_over()
        except (*GONE, DatabaseError) as error:
            logger.warning("Presence was not handed over: %r", error)


@cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="presence")


async def _tell_all(fresh: list[UUID], gone: dict[UUID, float]) -> None:
    """In small portions, so that a thousand who come back at once do not keep a database thread for long."""
    for start in range(0, len(fresh), _AT_ONCE):
        await in_db_thread(_tell, [UserOnline(user_id=user) for user in fresh[start : start + _AT_ONCE]])
    left = [(user, datetime.fromtimestamp(since - GRACE_SECONDS, UTC)) for user, since in gone.items()]
    for start in range(0, len(left), _AT_ONCE):
        portion = left[start : start + _AT_ONCE]
        await in_db_thread(_remember, portion)
        await in_db_thread(_tell, [UserOffline(user_id=user, last_seen=at) for user, at in portion])


def _remember(left: list[tuple[UUID, datetime]]) -> None:
    identity.sessions().touch([user for user, _at in left], max(at for _user, at in left))


def _tell(events: list[UserOnline] | list[UserOffline]) -> None:
    for event in events:
        _tell_of(event.user_id, event)


def _tell_of(user_id: UUID, event: Event) -> None:
    names = [StreamName(one.kind, stream_id) for one in resolvers() for stream_id in one.presence(user_id)]
    streams.publish_ephemeral_each(names, event)
