"""Events of conversations: to all members, or to one person's devices.

Order of locks: the conversation's stream first, then the streams of users in the order of their ids. So in a
transaction everything that goes to the conversation is written before anything that goes to one person.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from accounts.models import User
from core.realtime import streams
from core.realtime.events import Event
from core.realtime.names import user_stream
from messenger.access import conversation_stream
from messenger.events import ConversationCreated
from messenger.events import ConversationDeleted
from messenger.events import SystemNote
from messenger.models import Conversation
from messenger.models import Participant
from messenger.presentation import conversations
from messenger.presentation.people import people
from messenger.services.messages import write_system_message

Action = Literal[
    "created", "renamed", "avatar_changed", "added", "joined", "removed", "left", "promoted", "demoted", "call_missed"
]


def note(
    conversation: Conversation,
    action: Action,
    *,
    actor: User | None,
    about: Sequence[UUID] = (),
    name: str = "",
) -> None:
    """A system message in a group: ``actor`` did ``action`` to the people ``about``."""
    named = people({*about, *([actor.pk] if actor else [])})
    content = SystemNote(
        action=action,
        actor=named.get(actor.pk) if actor else None,
        people=[named[one] for one in about if one in named],
        name=name,
    )
    write_system_message(conversation, note=content, actor=actor)


def opened(memberships: Iterable[Participant]) -> None:
    """``conversation.created`` to each of these members: theirs from the conversation's present head on.

    The conversation's stream must be held, so that the position and what the event shows are of one moment.
    """
    rows = list(memberships)
    listeners = {row.pk: row.user_id for row in rows}
    told = zip(listeners.values(), conversations.shapes(list(listeners)), strict=True)
    streams.append_each(
        [
            (
                user_stream(user_id),
                ConversationCreated(conversation=shape),
                streams.Audience(opens={conversation_stream(shape.id): shape.last_seq}),
            )
            for user_id, shape in told
        ],
        # Of one conversation; so its last message can be rewritten there when it is taken back.
        subject=rows[0].conversation_id if rows else None,
    )


def closed(
    user_ids: Iterable[UUID], conversation_id: UUID, reason: Literal["deleted", "removed", "left", "hidden"]
) -> None:
    """``conversation.deleted`` to each of these people."""
    tell(user_ids, ConversationDeleted(conversation_id=conversation_id, reason=reason))


def tell(user_ids: Iterable[UUID], event: Event) -> None:
    """The same event in the streams of several people."""
    streams.append_each([(user_stream(user_id), event, None) for user_id in user_ids])
