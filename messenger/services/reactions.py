"""Emoji at messages."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from accounts.models import User
from core.errors import InvalidInput
from core.realtime import streams
from messenger import emoji as emojis
from messenger.access import conversation_stream
from messenger.errors import TooManyReactions
from messenger.events import ReactionAdded
from messenger.events import ReactionRemoved
from messenger.models import Message
from messenger.models import Reaction
from messenger.services.locking import check_not_blocked
from messenger.services.locking import lock_standing

MOST = 20
"""Different emoji at one message."""


def add(actor: User, *, message_id: UUID, emoji: str) -> bool:
    """Put an emoji at a message; False when one's own is there already.

    Raises NotFound, Forbidden (a system message), Blocked, InvalidInput (no emoji), TooManyReactions.
    """
    emoji = emojis.qualified(emoji)
    if not emojis.is_emoji(emoji):
        raise InvalidInput(details={"emoji": ["Use one emoji."]})
    with transaction.atomic():
        locked = lock_standing(actor, message_id)
        check_not_blocked(locked.member)
        there = set(Reaction.objects.filter(message_id=message_id).values_list("emoji", "user_id"))
        if (emoji, actor.pk) in there:
            return False
        different = {one for one, _user in there}
        if emoji not in different and len(different) >= MOST:
            raise TooManyReactions
        Reaction.objects.create(message_id=message_id, user=actor, emoji=emoji)
        streams.append(
            conversation_stream(locked.message.conversation_id), ReactionAdded(**_of(locked.message, actor, emoji))
        )
    return True


def remove(actor: User, *, message_id: UUID, emoji: str) -> bool:
    """Take one's own emoji away; False when it is not there. Raises NotFound, Forbidden."""
    emoji = emojis.qualified(emoji)
    forms = {emoji, emoji.replace(emojis.SELECTOR, "")}  # a process of the release before may have written the other
    with transaction.atomic():
        message = lock_standing(actor, message_id).message
        gone, _by_model = Reaction.objects.filter(message_id=message_id, user=actor, emoji__in=forms).delete()
        if gone:
            event = ReactionRemoved(**_of(message, actor, emoji))
            streams.append(conversation_stream(message.conversation_id), event)
    return bool(gone)


def _of(message: Message, actor: User, emoji: str) -> dict[str, UUID | str]:
    return {
        "conversation_id": message.conversation_id,
        "message_id": message.pk,
        "user_id": actor.pk,
        "emoji": emoji,
    }
