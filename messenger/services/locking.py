"""What every change of a message begins and ends with."""

from __future__ import annotations

from typing import Any
from typing import NamedTuple
from uuid import UUID

from accounts.models import User
from core.errors import Forbidden
from core.errors import NotFound
from core.realtime import streams
from messenger.access import check_active
from messenger.access import conversation_stream
from messenger.access import is_blocked
from messenger.access import member_of
from messenger.errors import Blocked
from messenger.events import MessageUpdated
from messenger.models import Conversation
from messenger.models import Message
from messenger.models import Participant
from messenger.presentation.messages import shapes_of
from messenger.shapes import MessageShape


class LockedMessage(NamedTuple):
    """A message nobody else changes until the transaction ends, and who is about to."""

    message: Message
    member: Participant

    @property
    def may_manage(self) -> bool:
        """Every member of a direct conversation, the admins of a group."""
        conversation = self.member.conversation
        return conversation.type == Conversation.Type.DIRECT or self.member.role == Participant.Role.ADMIN


def lock(actor: User, message_id: UUID) -> LockedMessage:
    """Take the stream of the message's conversation and read both anew.

    Raises NotFound for whom it is not there, Forbidden for an agent that is suspended or retired.
    """
    check_active(actor)
    conversation_id = visible(actor, message_id).conversation_id
    member = member_of(actor, conversation_id, lock=True)
    message = Message.objects.filter(pk=message_id, seq__gt=member.cleared_seq).first()
    if message is None:
        raise NotFound
    return LockedMessage(message, member)


def lock_standing(actor: User, message_id: UUID) -> LockedMessage:
    """As :func:`lock`, for a message that is not deleted and that somebody said."""
    locked = lock(actor, message_id)
    if locked.message.is_deleted:
        raise NotFound
    if locked.message.message_type == Message.Type.SYSTEM:
        raise Forbidden
    return locked


def visible(actor: User, message_id: UUID) -> Message:
    """A message the actor may see. Raises NotFound."""
    message = Message.objects.visible_to(actor).filter(pk=message_id).first()
    if message is None:
        raise NotFound
    return message


def check_not_blocked(member: Participant) -> None:
    """Raises Blocked when, in a direct conversation, one of the two has blocked the other."""
    if is_blocked(member):
        raise Blocked


def publish_updated(message: Message) -> MessageShape:
    """Publish to the members how the message looks now."""
    shape = shapes_of([message.pk])[message.pk]
    event = MessageUpdated.model_construct(**dict(shape))
    streams.append(conversation_stream(message.conversation_id), event, subject=message.pk)
    return shape


def rewrite_log(message: Message) -> None:
    """Let earlier events of the message, and of those that quote it, show what it is now.

    Who is behind then never reads what was taken back. The events of new and of updated messages have one shape.
    """
    replies = Message.objects.filter(reply_to_id=message.pk).values_list("pk", flat=True)
    shapes = shapes_of([message.pk, *replies])
    for message_id, shape in shapes.items():
        streams.rewrite(message_id, MessageUpdated.model_construct(**dict(shape)))
    _rewrite_last(message, {str(message_id): shape for message_id, shape in shapes.items()})


def _rewrite_last(message: Message, shapes: dict[str, MessageShape]) -> None:
    """In the events that show people the conversation, where the message, or one that quotes it, is the last one."""

    def change(payload: dict[str, Any]) -> None:
        conversation = payload.get("conversation") or {}
        shape = shapes.get((conversation.get("last_message") or {}).get("id", ""))
        if shape is not None:
            conversation["last_message"] = shape.model_dump(mode="json")

    streams.rewrite_each(message.conversation_id, str(message.pk), change)
