"""Who is here.

A user is online from their first socket until some seconds after the last one closed, so that a reconnect does not
flicker. What is known expires by itself: of a process that was killed, nobody stays online for longer than a minute.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from core.realtime import identity
from core.realtime.presence.store import current_store
from core.redis import GONE
from core.redis import Pause

__all__ = ["is_online", "last_seen"]

_pause = Pause("Nobody is shown as online", seconds=1.0)


def is_online(user_ids: Collection[UUID]) -> set[UUID]:
    """Those of the users who are here; nobody, while Redis is away."""
    if not user_ids or _pause.is_on:
        return set()
    try:
        online = current_store().online(user_ids)
    except GONE as error:
        _pause.begin(error)
        return set()
    _pause.end()
    return online


def last_seen(user_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When these users were last here, by one query; minutes old for those who are. Who never was is left out."""
    return identity.sessions().last_seen(user_ids) if user_ids else {}
