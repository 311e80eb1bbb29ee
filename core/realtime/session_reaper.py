"""What the sockets of one event loop have in common: their sessions are looked at, and their users are here."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC
from datetime import datetime
from typing import Any
from typing import Protocol
from uuid import UUID
from weakref import WeakKeyDictionary

from django.conf import settings

from core.db_threads import in_db_thread
from core.realtime import control
from core.realtime import identity
from core.realtime import protocol
from core.realtime.connection import Connection
from core.realtime.presence.tracker import Tracker

logger = logging.getLogger(__name__)

_TOUCH_SECONDS = 300.0


class LiveSocket(Protocol):
    """A socket, as far as it matters here."""

    user: Any
    connection: Connection


class SessionReaper:
    """One per event loop."""

    def __init__(self) -> None:
        self.presence = Tracker()
        self._sockets: set[LiveSocket] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._touch_at = time.monotonic() + _TOUCH_SECONDS

    def add(self, socket: LiveSocket) -> None:
        """Look after a socket from now on."""
        if not self._tasks:
            control.listen()
            self._tasks = [asyncio.create_task(self._review_often()), asyncio.create_task(self.presence.run())]
        self._sockets.add(socket)
        self.presence.opened(socket.connection.user_id)

    def remove(self, socket: LiveSocket) -> None:
        """It is gone."""
        if socket in self._sockets:
            self._sockets.discard(socket)
            self.presence.closed(socket.connection.user_id)

    async def review(self) -> None:
        """Close the sockets whose session has ended; the others learn what their user is now. One query for all."""
        sockets = list(self._sockets)
        if not sockets:
            return
        session_ids = list({socket.connection.session_id for socket in sockets})
        found = await in_db_thread(identity.sessions().still_alive, session_ids)
        for socket in sockets:
            _judge(socket, found)
        if time.monotonic() >= self._touch_at:
            self._touch_at = time.monotonic() + _TOUCH_SECONDS
            await in_db_thread(identity.sessions().touch, list(self.presence.users), datetime.now(UTC))

    async def _review_often(self) -> None:
        while True:
            await asyncio.sleep(settings.SOCKET_REVIEW_SECONDS)
            try:
                await self.review()
            except Exception:
                logger.exception("The sessions of the sockets could not be looked at; trying again")


def _judge(socket: LiveSocket, found: identity.Review) -> None:
    session_id: UUID = socket.connection.session_id
    if session_id in found.alive:
        socket.user = found.alive[session_id]
    elif session_id in found.expired:
        socket.connection.close(protocol.EXPIRED, "the session has run out")
    else:
        socket.connection.close(protocol.REVOKED, "the session has ended")


_reapers: WeakKeyDictionary[asyncio.AbstractEventLoop, SessionReaper] = WeakKeyDictionary()


def current_reaper() -> SessionReaper:
    """The session reaper of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _reapers:
        _reapers[loop] = SessionReaper()
    return _reapers[loop]
