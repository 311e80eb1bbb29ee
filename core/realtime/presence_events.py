"""Who comes and goes; told in the streams the apps name for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from typing import ClassVar
from uuid import UUID

from core.realtime.events import Event

_USER = "01990000-0000-7000-8000-000000000001"


class UserOnline(Event):
    """Somebody has opened their first socket."""

    type: ClassVar[str] = "user.online"
    durable: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = {"user_id": _USER}

    user_id: UUID


class UserOffline(Event):
    """Their last socket has been closed for some seconds."""

    type: ClassVar[str] = "user.offline"
    durable: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = {"user_id": _USER, "last_seen": "2026-01-31T12:00:00Z"}

    user_id: UUID
    last_seen: datetime
