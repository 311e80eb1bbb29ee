"""Who is here, as others see it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from core.realtime import presence
from messenger.presentation.answers import Presence


def of(user_ids: Collection[UUID]) -> dict[UUID, Presence]:
    """By id; whether one may see it is for the caller to decide."""
    online, last_seen = presence.is_online(user_ids), presence.last_seen(user_ids)
    return {
        user_id: Presence(user_id=user_id, is_online=user_id in online, last_seen=last_seen.get(user_id))
        for user_id in user_ids
    }


def fields(seen: Presence | None) -> dict[str, Any]:
    """As part of something bigger; None: not to be seen."""
    return {"is_online": seen is not None and seen.is_online, "last_seen": seen.last_seen if seen else None}
