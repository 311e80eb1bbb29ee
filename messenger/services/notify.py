"""Events of conversations: to all members, or to one person's devices.

Order of locks: the conversation's stream first, then the streams of users in the order of their ids. So in a
transaction everything that goes to the conversation is written before anything that goes to one person.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from core.realtime import streams
from core.realtime.events import Event
from core.realtime.names import user_stream
from messenger.access import conversation_stream
from messenger.events import ConversationCreated
from messenger.events import ConversationDeleted
from messenger.models import Participant
from messenger.presentation import conversations


def publish_created(memberships: Iterable[Participant]) -> None:
    """``conversation.created`` to each of these members: theirs from the conversation's present head on.

    The conversation's stream must be locked, so that the position and what the event shows are of one moment.
    """
    rows = list(memberships)
    listeners = {row.pk: row.user_id for row in rows}
    shown = zip(listeners.values(), conversations.shapes(list(listeners)), strict=True)
    streams.append_each(
        [
            (
                user_stream(user_id),
                ConversationCreated(conversation=shape),
                streams.Audience(opens={conversation_stream(shape.id): shape.last_seq}),
            )
            for user_id, shape in shown
        ],
        # Of one conversation; so its last message can be rewritten there when it is taken back.
        subject=rows[0].conversation_id if rows else None,
    )


def publish_deleted(
    user_ids: Iterable[UUID], conversation_id: UUID, reason: Literal["deleted", "removed", "left", "hidden"]
) -> None:
    """``conversation.deleted`` to each of these people."""
    event = ConversationDeleted(conversation_id=conversation_id, reason=reason)
    closes = streams.Audience(closes=[conversation_stream(conversation_id)])
    streams.append_each([(user_stream(user_id), event, closes) for user_id in user_ids])


def publish_to_users(user_ids: Iterable[UUID], event: Event) -> None:
    """The same event in the streams of several people."""
    streams.append_each([(user_stream(user_id), event, None) for user_id in user_ids])
