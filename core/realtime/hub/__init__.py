"""The hub: from the bus to the sockets of one process."""

from __future__ import annotations

from core.realtime.hub.hub import Hub
from core.realtime.hub.hub import current_hub

__all__ = ["Hub", "current_hub"]
