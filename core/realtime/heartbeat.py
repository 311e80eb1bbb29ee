"""Signs of life: asked for regularly, and a client that gives none is given up."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from django.conf import settings

from core.realtime import frames
from core.realtime import protocol
from core.realtime.connection import Connection


class Heartbeat:
    """Timers of one socket, no task. Any frame of the client is a sign of life."""

    __slots__ = ("_asked_at", "_connection", "_heard_at", "_loop", "_tails", "_timer")

    def __init__(self, connection: Connection, tails: Callable[[], dict[str, int]]) -> None:
        self._connection = connection
        self._tails = tails
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._heard_at = self._asked_at = self._loop.time()

    def start(self) -> None:
        """Begin; the first time is spread, so that clients that came together are not asked together."""
        self._after(settings.SOCKET_HEARTBEAT_SECONDS * random.uniform(0.5, 1.0), self._ask)  # noqa: S311 - no secret

    def stop(self) -> None:
        """End."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def heard(self) -> None:
        """The client said something."""
        self._heard_at = self._loop.time()

    def _ask(self) -> None:
        if not self._connection.is_open:
            return
        self._asked_at = self._loop.time()
        self._ping()
        self._after(settings.SOCKET_SILENCE_SECONDS * 2 / 3, self._ask_again)

    def _ask_again(self) -> None:
        """Once more: the first may have met a tab that was asleep."""
        if self._is_alive:
            self._after(settings.SOCKET_HEARTBEAT_SECONDS - settings.SOCKET_SILENCE_SECONDS * 2 / 3, self._ask)
        else:
            self._ping()
            self._after(settings.SOCKET_SILENCE_SECONDS / 3, self._give_up)

    def _give_up(self) -> None:
        if self._is_alive:
            self._after(settings.SOCKET_HEARTBEAT_SECONDS - settings.SOCKET_SILENCE_SECONDS, self._ask)
        else:
            self._connection.close(protocol.GONE, "no sign of life")

    @property
    def _is_alive(self) -> bool:
        return self._heard_at >= self._asked_at

    def _ping(self) -> None:
        if self._connection.is_open:
            self._connection.push(frames.encode("ping", {"tails": self._tails()}))

    def _after(self, seconds: float, then: Callable[[], None]) -> None:
        if self._connection.is_open:
            self._timer = self._loop.call_later(max(seconds, 0.0), then)
