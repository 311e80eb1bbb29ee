"""Who has read how far. A position never goes back; what is unread is counted from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import sql
from core.errors import NotFound
from core.realtime import streams
from core.realtime.names import user_stream
from core.sql import identity
from messenger.access import conversation_stream
from messenger.access import is_blocked
from messenger.access import member_of
from messenger.events import MessageRead
from messenger.models import Message
from messenger.models import Participant
from messenger.models import ReadReceipt
from messenger.models.conversations import ACTIVE_MEMBERSHIPS
from messenger.models.messages import SAID_BY_OTHERS
from messenger.models.messages import UNREAD
from messenger.services import notifying

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
    """Everything up to the message was seen; a message further up than that changes nothing. Raises NotFound.

    Between people of whom one has blocked the other only the reader's own devices learn of it.
    """
    member = member_of(actor, conversation_id)
    found = Message.objects.filter(pk=message_id, conversation_id=conversation_id, seq__gt=member.cleared_seq)
    message = found.first()
    if message is None:
        raise NotFound
    if member.read_seq < message.seq:
        _move(actor, message)
        notifying.forget_read(member)
        member = member_of(actor, conversation_id)
    return Position(member.read_seq, unread_in(member))


def _move(actor: User, message: Message) -> None:
    members = Participant.objects.filter(conversation_id=message.conversation_id)
    mine = members.filter(user_id=actor.pk, read_seq__lt=message.seq)
    now = timezone.now()
    with transaction.atomic():
        if members.count() > LARGEST_WITH_RECEIPTS:
            if mine.update(read_seq=message.seq, last_read_at=now):
                streams.append(user_stream(actor.pk), _event(actor, message, now))
            return
        member = member_of(actor, message.conversation_id, lock=True)
        if is_blocked(member):  # when somebody was here is nobody's business then
            if mine.update(read_seq=message.seq):
                streams.append(user_stream(actor.pk), _event(actor, message, now))
            return
        before = mine.values_list("read_seq", "cleared_seq").first()
        if before is None:  # removed, or further already, by another device
            return
        mine.update(read_seq=message.seq, last_read_at=now)
        _write_receipts(actor, message, max(before), now)
        streams.append(conversation_stream(message.conversation_id), _event(actor, message, now))


_SEEN = f"""
SELECT {{columns}} FROM conversation_participants p JOIN conversation_messages m ON {SAID_BY_OTHERS}
 WHERE p.conversation_id = %s AND p.user_id = %s AND m.seq > %s AND m.seq <= %s ORDER BY m.seq DESC LIMIT %s
"""  # noqa: S608 - a fragment from code


def _write_receipts(actor: User, message: Message, before: int, now: datetime) -> None:
    """For what others said behind the position ``before``, up to the message."""
    parameters = [identity(message.conversation_id), identity(actor.pk), before, message.seq, _MOST_RECEIPTS]
    seen = sql.rows(Message, ("id",), _SEEN.format(columns=sql.columns(Message, "m", ("id",))), parameters)
    rows = [ReadReceipt(message_id=message_id, user=actor, read_at=now) for (message_id,) in seen]
    ReadReceipt.objects.bulk_create(rows, ignore_conflicts=True)


def _event(actor: User, message: Message, now: datetime) -> MessageRead:
    return MessageRead(
        conversation_id=message.conversation_id,
        user_id=actor.pk,
        message_id=message.pk,
        read_seq=message.seq,
        last_read_at=now,
    )


_UNREAD = f"""
SELECT COUNT(m.id), COUNT(DISTINCT m.conversation_id)
  FROM {ACTIVE_MEMBERSHIPS} JOIN conversation_messages m ON {UNREAD}
"""  # noqa: S608 - fragments from code


def _count(condition: str, parameters: Sequence[Any]) -> Unread:
    with connection.cursor() as cursor:
        cursor.execute(f"{_UNREAD} WHERE {condition}", parameters)
        return Unread(*cursor.fetchone())


def unread_in(member: Participant) -> int:
    """What others said behind the member's position, without what was deleted, cleared away or said by the system."""
    return _count("p.id = %s", [identity(member.pk)]).unread_count


def unread(actor: User) -> Unread:
    """Over all conversations, muted ones included; one query."""
    return _count("p.user_id = %s", [identity(actor.pk)])
