"""Who is writing at the moment: published, never stored."""

from __future__ import annotations

from uuid import UUID

from django.core.cache import cache

from accounts.models import User
from core.realtime import streams
from core.redis import Pause
from messenger.access import conversation_stream
from messenger.access import member_of
from messenger.errors import Blocked
from messenger.events import UserTyping
from messenger.services.locking import check_not_blocked

_REPEAT_SECONDS = 3
"""For so long the same again is no news."""
_pause = Pause("Who is typing is published each time", seconds=10.0)


def notify(actor: User, *, conversation_id: UUID, is_typing: bool) -> None:
    """Let the others know that the actor begins or stops to write; the same again within three seconds is dropped.

    Where one of two has blocked the other, nobody learns of it. Raises NotFound.
    """
    member = member_of(actor, conversation_id)
    if not _is_news(f"typing:{conversation_id}:{actor.pk}", is_typing=is_typing):
        return
    try:
        check_not_blocked(member)
    except Blocked:
        return
    event = UserTyping(conversation_id=conversation_id, user_id=actor.pk, is_typing=is_typing)
    streams.publish_ephemeral(conversation_stream(conversation_id), event)


def _is_news(key: str, *, is_typing: bool) -> bool:
    if _pause.is_on:
        return True
    try:
        is_news = bool(cache.get(key) != is_typing)
        if is_news:
            cache.set(key, is_typing, _REPEAT_SECONDS)
    except Exception as error:
        _pause.begin(error)
        return True
    _pause.end()
    return is_news
