"""The bus of a set-up that is one process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable

from core.realtime.bus.base import Deliver
from core.realtime.bus.base import Lost
from core.realtime.bus.base import Message
from core.realtime.names import StreamName


class InProcessBus:
    """Hands messages from thread to event loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[StreamName, set[InProcessListener]] = {}

    def publish(self, message: Message) -> None:
        with self._lock:
            listeners = list(self._listeners.get(message.stream, ()))
        for listener in listeners:
            listener.hand(message)

    def listener(self, deliver: Deliver, lost: Lost) -> InProcessListener:  # noqa: ARG002 - nothing gets lost here
        return InProcessListener(self, deliver)

    def close(self) -> None:
        with self._lock:
            self._listeners.clear()

    def add(self, listener: InProcessListener, names: Iterable[StreamName]) -> None:
        """Let ``listener`` hear the streams."""
        with self._lock:
            for name in names:
                self._listeners.setdefault(name, set()).add(listener)

    def remove(self, listener: InProcessListener, names: Iterable[StreamName] | None = None) -> None:
        """Let ``listener`` hear the streams no more; without names, none at all."""
        with self._lock:
            for name in list(self._listeners) if names is None else names:
                listeners = self._listeners.get(name, set())
                listeners.discard(listener)
                if not listeners:
                    self._listeners.pop(name, None)


class InProcessListener:
    """An ear in one event loop of this process."""

    def __init__(self, bus: InProcessBus, deliver: Deliver) -> None:
        self._bus = bus
        self._deliver = deliver
        self._loop = asyncio.get_running_loop()

    async def start(self) -> None:
        """Nothing to connect to."""

    async def subscribe(self, names: Iterable[StreamName]) -> None:
        self._bus.add(self, names)

    async def unsubscribe(self, names: Iterable[StreamName]) -> None:
        self._bus.remove(self, names)

    async def stop(self) -> None:
        self._bus.remove(self)

    def hand(self, message: Message) -> None:
        """From any thread into the event loop; a loop that has ended hears nothing more."""
        try:
            self._loop.call_soon_threadsafe(self._deliver, message)
        except RuntimeError:
            self._bus.remove(self)
