"""Rows the tests begin with; no events are told of them."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from core.models import Stream
from messenger.access import KIND
from messenger.models import Conversation
from messenger.models import Message
from messenger.models import Participant


def make_direct(one: User, other: User) -> Conversation:
    """The conversation of two."""
    low, high = sorted((one.pk, other.pk))
    conversation = Conversation.objects.create(
        type="direct", direct_key=f"{low.hex}:{high.hex}", created_by=one, is_ai_agent=other.kind == "agent"
    )
    return _with(conversation, [(one, "member"), (other, "member")])


def make_group(admin: User, *members: User, name: str = "Tea") -> Conversation:
    """A group, joined in the order given."""
    conversation = Conversation.objects.create(type="group", name=name, created_by=admin)
    return _with(conversation, [(admin, "admin"), *((member, "member") for member in members)])


def make_row(conversation: Conversation, sender: User | None, content: str = "Hello", **fields: Any) -> Message:
    """A message at the head of the conversation's stream, without an event."""
    stream = Stream.objects.get(pk=conversation.pk)
    stream.last_seq += 1
    stream.save()
    row = Message.objects.create(
        conversation=conversation,
        seq=stream.last_seq,
        sender=sender,
        content=content,
        search_text=content.casefold(),
        **fields,
    )
    Conversation.objects.filter(pk=conversation.pk).update(updated_at=row.created_at)
    return row


def membership(conversation: Conversation, user: User) -> Participant:
    """The user's row in the conversation, as it is now."""
    return Participant.objects.get(conversation=conversation, user=user)


def _with(conversation: Conversation, members: list[tuple[User, str]]) -> Conversation:
    Stream.objects.create(pk=conversation.pk, kind=KIND)
    for user, role in members:
        Participant.objects.create(conversation=conversation, user=user, role=role)
    return conversation
