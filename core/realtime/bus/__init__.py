"""Announcements between processes. What it loses, the tail check of the hub finds."""

from __future__ import annotations

import atexit
import os
from functools import cache

from django.conf import settings

from core.realtime.bus.base import Bus
from core.realtime.bus.base import Listener
from core.realtime.bus.base import Message
from core.realtime.bus.memory import InProcessBus

__all__ = ["Bus", "Listener", "Message", "get_bus"]


def get_bus() -> Bus:
    """The bus of this process: Redis, or memory where ``REDIS_URL`` is empty."""
    return _bus(settings.REDIS_URL)


@cache
def _bus(url: str) -> Bus:
    if not url:
        return InProcessBus()
    from core.realtime.bus.pubsub import RedisBus

    bus = RedisBus(url)
    atexit.register(bus.close)
    return bus


# A forked worker has neither the thread of its parent nor a right to its connections.
os.register_at_fork(after_in_child=_bus.cache_clear)
