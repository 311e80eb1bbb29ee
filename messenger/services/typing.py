"""Who is writing at the moment: told, never stored."""

from __future__ import annotations

import logging
import time
from uuid import UUID

from django.core.cache import cache

from accounts.models import User
from core.realtime import streams
from messenger.access import conversation_stream
from messenger.access import member_of
from messenger.errors import Blocked
from messenger.events import UserTyping
from messenger.services.held import refuse_blocked

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 3
_AWAY_SECONDS = 10.0
_away_until = 0.0
"""A cache that hangs costs each look two seconds of a database thread, of which all commands live."""


def tell(actor: User, *, conversation_id: UUID, is_typing: bool) -> None:
    """Tell the others that the actor begins or stops to write; the same again within three seconds is not told.

    Where one of two has blocked the other, nobody learns of it. Raises NotFound.
    """
    member = member_of(actor, conversation_id)
    if not _is_news(f"typing:{conversation_id}:{actor.pk}", is_typing=is_typing):
        return
    try:
        refuse_blocked(member)
    except Blocked:
        return
    event = UserTyping(conversation_id=conversation_id, user_id=actor.pk, is_typing=is_typing)
    streams.tell(conversation_stream(conversation_id), event)


def _is_news(key: str, *, is_typing: bool) -> bool:
    global _away_until  # noqa: PLW0603 - one per process, and a lost write costs one look
    if time.monotonic() < _away_until:
        return True
    try:
        if cache.get(key) == is_typing:
            return False
        cache.set(key, is_typing, PAUSE_SECONDS)
    except Exception as error:
        # With every few letters while the cache is away: one line, without the way it came.
        _away_until = time.monotonic() + _AWAY_SECONDS
        logger.warning("Who is typing cannot be remembered: %s", error)
    return True
