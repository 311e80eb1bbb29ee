"""Who has read a message, and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists
from django.db.models import Min
from django.db.models import OuterRef
from django.db.models import QuerySet

from accounts.models import User
from messenger.models import Block
from messenger.models import Conversation
from messenger.models import Message
from messenger.models import Participant
from messenger.models import ReadReceipt
from messenger.presentation.people import person


def readers(message: Message, viewer: User) -> QuerySet[Participant]:
    """The members who have read at least so far, but for the one who wrote it.

    In a direct conversation of two of whom one has blocked the other nobody is shown but oneself.
    """
    blocked = Exists(Block.objects.between(viewer.pk, OuterRef("user")))
    found = Participant.objects.filter(conversation_id=message.conversation_id, read_seq__gte=message.seq)
    found = found.exclude(blocked, conversation__type=Conversation.Type.DIRECT)
    return found.exclude(user_id=message.sender_id) if message.sender_id else found


def listed(message: Message, members: Sequence[Participant]) -> list[dict[str, Any]]:
    """``{user, read_at}`` of each, in two queries; ``members`` come with their users.

    Who answered without marking it had read it by then; in large groups without receipts what is known is when the
    member last read anything.
    """
    ids = [member.user_id for member in members]
    marked = dict(ReadReceipt.objects.filter(message=message, user_id__in=ids).values_list("user_id", "read_at"))
    later = Message.objects.filter(conversation_id=message.conversation_id, sender_id__in=ids, seq__gt=message.seq)
    spoke = dict(later.values_list("sender_id").annotate(Min("created_at")).order_by())
    return [_receipt(member, marked.get(member.user_id), spoke.get(member.user_id)) for member in members]


def _receipt(member: Participant, marked: datetime | None, spoke: datetime | None) -> dict[str, Any]:
    moments = [moment for moment in (marked, spoke) if moment is not None]
    return {
        "user": person(member.user).model_dump(),
        "read_at": min(moments) if moments else member.last_read_at,
    }
