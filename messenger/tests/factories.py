"""Rows the tests begin with, without their events; and where their messages are."""

from __future__ import annotations

from typing import Any
from uuid import UUID
from uuid import uuid4

from django.db.models import Q

from accounts.models import User
from core.models import StoredFile
from core.models import Stream
from core.text import folded
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
        search_text=folded(content),
        **fields,
    )
    Conversation.objects.filter(pk=conversation.pk).update(updated_at=row.created_at)
    return row


class EverybodysAgents:
    """A contact policy without secrets, for tests of what agents do once they are in."""

    def may_find(self, actor_id: UUID) -> Q:
        return self.may_add(actor_id)

    def may_add(self, _actor_id: UUID) -> Q:
        return Q(kind=User.Kind.AGENT)


def make_agent(name: str = "helper") -> User:
    """An agent user: nobody signs in as one."""
    return User.objects.create_user(username=name, kind="agent")


def membership(conversation: Conversation, user: User) -> Participant:
    """The user's row in the conversation, as it is now."""
    return Participant.objects.get(conversation=conversation, user=user)


def _with(conversation: Conversation, members: list[tuple[User, str]]) -> Conversation:
    Stream.objects.create(pk=conversation.pk, kind=KIND)
    for user, role in members:
        Participant.objects.create(conversation=conversation, user=user, role=role)
    conversation.agent_count = sum(user.kind == "agent" for user, _role in members)
    conversation.save(update_fields=["agent_count"])
    return conversation


def make_file(owner: User, kind: str = "image", **fields: Any) -> StoredFile:
    """A file that may stand in a message; its bytes are nowhere."""
    defaults: dict[str, Any] = {
        "name": f"it.{kind}",
        "mime_type": f"{kind}/x",
        "size": 10,
        "sha256": "0" * 64,
        "purpose": "message",
        "key": uuid4().hex,
    }
    return StoredFile.objects.create(owner=owner, kind=kind, **(defaults | fields))


def messages_of(conversation: Conversation) -> str:
    """The path of its messages."""
    return f"/api/messenger/conversations/{conversation.pk}/messages"
