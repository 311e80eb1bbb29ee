"""A word from one process to the sockets of all: a session has ended, an account was suspended.

It goes over the Channels layer. Losing one is harmless, as every socket's session is looked at each minute; so sending
never waits for long and never fails.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Iterable
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings

from core.realtime import protocol
from core.realtime.hub import current_hub

logger = logging.getLogger(__name__)

GROUP = "control"
_SEND_SECONDS = 2.0
_LONGEST_PAUSE_SECONDS = 10.0
_REMEMBERED_SECONDS = 30.0

_lock = threading.Lock()
_ended: dict[UUID, float] = {}
"""Sessions whose end was told lately: a socket may have been on its way in, known to no hub yet."""
_listeners: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[None] | None] = WeakKeyDictionary()


def close_sessions(session_ids: Iterable[UUID], *, code: int = protocol.REVOKED) -> None:
    """Close the sockets of these sessions, wherever they are. From any thread but an event loop's."""
    _send({"type": "close.sessions", "ids": [str(session_id) for session_id in session_ids], "code": code})


def close_user(user_id: UUID, *, code: int = protocol.REVOKED) -> None:
    """Close all sockets of a user, wherever they are."""
    _send({"type": "close.user", "ids": [str(user_id)], "code": code})


def has_ended(session_id: UUID) -> bool:
    """Whether the end of this session was told within the last seconds."""
    return session_id in _ended


def drain(code: int = protocol.RESTART) -> None:
    """Close all sockets of this process, and those that still come."""
    _tell_here({"type": "drain", "ids": [], "code": code})


def listen() -> None:
    """Let the running event loop hear; once is enough."""
    loop = asyncio.get_running_loop()
    with _lock:
        if loop in _listeners:
            return
        # In a set-up of one process all that is said is said here.
        _listeners[loop] = None if settings.EMBEDDED else loop.create_task(_listen(), name="socket-control")


def _send(message: dict[str, Any]) -> None:
    _tell_here(message)
    if settings.EMBEDDED:
        return
    with _lock:
        loop = next((loop for loop in _listeners if loop.is_running()), None)
    if loop is not None:
        # Over the connection this process has; the caller does not wait.
        with contextlib.suppress(RuntimeError):
            asyncio.run_coroutine_threadsafe(_publish(message), loop)
            return
    try:
        async_to_sync(_publish)(message)
    except RuntimeError:
        logger.exception("Other processes were not told to close sockets; they find out within a minute")


def _tell_here(message: dict[str, Any]) -> None:
    """To the sockets of this process directly, without the way through Redis."""
    with _lock:
        loops = list(_listeners)
    for loop in loops:
        with contextlib.suppress(RuntimeError):  # ended
            loop.call_soon_threadsafe(_obey, message)


async def _publish(message: dict[str, Any]) -> None:
    try:
        await asyncio.wait_for(get_channel_layer().group_send(GROUP, message), _SEND_SECONDS)
    except Exception:
        logger.warning("Other processes were not told to close sockets; they find out within a minute", exc_info=True)


async def _listen() -> None:
    pause = 0.5
    while True:
        try:
            layer = get_channel_layer()
            channel = await layer.new_channel()
            await layer.group_add(GROUP, channel)
            pause = 0.5
            while True:
                _obey(await layer.receive(channel))
        except asyncio.CancelledError:
            raise
        except Exception:
            logger.warning("Other processes cannot be heard; trying again in %.1f s", pause, exc_info=True)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


def _obey(message: dict[str, Any]) -> None:
    hub, ids = current_hub(), [UUID(text) for text in message["ids"]]
    match message["type"]:
        case "close.sessions":
            _remember(ids)
            hub.close_sessions(ids, message["code"])
        case "close.user":
            for user_id in ids:
                hub.close_user(user_id, message["code"])
        case "drain":
            hub.drain(message["code"])


def _remember(session_ids: Iterable[UUID]) -> None:
    now = time.monotonic()
    for session_id in [known for known, at in _ended.items() if now - at > _REMEMBERED_SECONDS]:
        del _ended[session_id]
    _ended.update(dict.fromkeys(session_ids, now))
