"""Who has read how far. A position never goes back; what is unread is counted from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db import transaction
from django.db.models import Q
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from core.errors import NotFound
from core.realtime import streams
from core.realtime.names import user_stream
from core.sql import identity
from messenger.access import conversation_stream
from messenger.access import lock_conversation
from messenger.access import member_of
from messenger.events import MessageRead
from messenger.models import Message
from messenger.models import Participant
from messenger.models import ReadReceipt

LARGEST_WITH_RECEIPTS = 50
"""Members of a group in which everybody learns who has read what."""

_MOST_RECEIPTS = 1_000
"""At one mark; how long ago somebody read what stood further up, nobody asks."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far one member has read, and what is left."""

    read_seq: int
    unread_count: int


@dataclass(frozen=True, slots=True)
class Unread:
    """What is left in all conversations together."""

    unread_count: int
    conversations: int


def mark(actor: User, *, conversation_id: UUID, message_id: UUID) -> Position:
    """Everything up to the message was seen; a message further up than that changes nothing. Raises NotFound."""
    member = member_of(actor, conversation_id)
    found = Message.objects.filter(pk=message_id, conversation_id=conversation_id, seq__gt=member.cleared_seq)
    message = found.first()
    if message is None:
        raise NotFound
    if member.read_seq < message.seq:
        _move(actor, message)
        member = member_of(actor, conversation_id)
    return Position(member.read_seq, unread_in(member).count())


def _move(actor: User, message: Message) -> None:
    members = Participant.objects.filter(conversation_id=message.conversation_id)
    mine = members.filter(user_id=actor.pk, read_seq__lt=message.seq)
    now = timezone.now()
    with transaction.atomic():
        if members.count() > LARGEST_WITH_RECEIPTS:
            if mine.update(read_seq=message.seq, last_read_at=now):
                streams.append(user_stream(actor.pk), _event(actor, message, now))
            return
        lock_conversation(message.conversation_id)
        before = mine.values_list("read_seq", "cleared_seq").first()
        if before is None:  # removed, or further already, by another device
            return
        mine.update(read_seq=message.seq, last_read_at=now)
        _keep_receipts(actor, message, max(before), now)
        streams.append(conversation_stream(message.conversation_id), _event(actor, message, now))


def _keep_receipts(actor: User, message: Message, before: int, now: datetime) -> None:
    seen = _said_by_others(actor.pk).filter(
        conversation_id=message.conversation_id, seq__gt=before, seq__lte=message.seq
    )
    ids = seen.order_by("-seq").values_list("pk", flat=True)[:_MOST_RECEIPTS]
    rows = [ReadReceipt(message_id=message_id, user=actor, read_at=now) for message_id in ids]
    ReadReceipt.objects.bulk_create(rows, ignore_conflicts=True)


def _event(actor: User, message: Message, now: datetime) -> MessageRead:
    return MessageRead(
        conversation_id=message.conversation_id,
        user_id=actor.pk,
        message_id=message.pk,
        read_seq=message.seq,
        last_read_at=now,
    )


def _said_by_others(user_id: UUID) -> QuerySet[Message]:
    others = Q(sender=None) | ~Q(sender_id=user_id)
    return Message.objects.filter(others, is_deleted=False).exclude(message_type=Message.Type.SYSTEM)


def unread_in(member: Participant) -> QuerySet[Message]:
    """What others said after the member's position, without what was deleted, cleared away or said by the system."""
    after = max(member.read_seq, member.cleared_seq)
    return _said_by_others(member.user_id).filter(conversation_id=member.conversation_id, seq__gt=after)


_UNREAD = """
SELECT COUNT(*), COUNT(DISTINCT m.conversation_id)
  FROM conversation_participants p
  JOIN conversations c ON c.id = p.conversation_id AND c.deleted_at IS NULL
  JOIN conversation_messages m
    ON m.conversation_id = p.conversation_id AND m.seq > p.read_seq AND m.seq > p.cleared_seq
   AND NOT m.is_deleted AND m.message_type <> 'system' AND (m.sender_id IS NULL OR m.sender_id <> p.user_id)
 WHERE p.user_id = %s
"""


def unread(actor: User) -> Unread:
    """Over all conversations, muted ones included; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_UNREAD, [identity(actor.pk)])
        return Unread(*cursor.fetchone())
