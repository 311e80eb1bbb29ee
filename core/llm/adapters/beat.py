"""One timer for all who wait a moment in an event loop: a timer each costs more than what waiting saves."""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

_waiting: WeakKeyDictionary[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = WeakKeyDictionary()


def next_beat(seconds: float) -> asyncio.Future[None]:
    """Done with the others that wait in this loop, after ``seconds`` at most."""
    loop = asyncio.get_running_loop()
    waiting = _waiting.get(loop)
    if waiting is None:
        waiting = _waiting[loop] = []
    if not waiting:
        loop.call_later(seconds, _strike, waiting)
    future = loop.create_future()
    waiting.append(future)
    return future


def _strike(waiting: list[asyncio.Future[None]]) -> None:
    done, waiting[:] = waiting[:], []
    for future in done:
        if not future.done():  # it was cancelled
            future.set_result(None)
