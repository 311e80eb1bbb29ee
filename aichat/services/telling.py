"""Telling the owner's other tabs and devices."""

from __future__ import annotations

from uuid import UUID

from core.realtime import streams
from core.realtime.events import Event
from core.realtime.names import user_stream


def tell(owner_id: UUID, event: Event) -> None:
    """In the transaction of what it tells of, as the last thing there: the stream's row comes after all others."""
    streams.append(user_stream(owner_id), event)
