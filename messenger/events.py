"""What the messenger tells its clients.

Everything in a conversation's stream is the same for all its members: it is encoded once. What one person sees alone
(their list, settings, drafts) goes into their own stream.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from typing import ClassVar
from typing import Literal
from uuid import UUID

from core.realtime.events import Event
from core.shapes import Verbatim
from messenger.shapes import ConversationShape
from messenger.shapes import Draft
from messenger.shapes import MessageShape
from messenger.shapes import ParticipantShape
from messenger.shapes import Person
from messenger.shapes import StoryShape

_USER = "01990000-0000-7000-8000-000000000001"
_OTHER = "01990000-0000-7000-8000-000000000002"
_ROOM = "01990000-0000-7000-8000-00000000000c"
_MESSAGE = "01990000-0000-7000-8000-00000000000e"
_TIME = "2026-01-31T12:00:00Z"


_PERSON: dict[str, Any] = {"id": _USER, "username": "alice", "name": "alice", "avatar_url": "", "kind": "human"}
_MEMBER: dict[str, Any] = {
    "user": _PERSON,
    "role": "admin",
    "read_seq": 41,
    "last_read_at": _TIME,
    "joined_at": _TIME,
}
_SAID: dict[str, Any] = {
    "id": _MESSAGE,
    "conversation_id": _ROOM,
    "seq": 42,
    "sender": _PERSON,
    "client_id": "c-7f3a",
    "message_type": "text",
    "content": "Tea at five?",
    "created_at": _TIME,
}
_TALK: dict[str, Any] = {
    "id": _ROOM,
    "type": "group",
    "name": "Tea",
    "avatar_url": "",
    "created_by": _USER,
    "is_ai_agent": False,
    "created_at": _TIME,
    "updated_at": _TIME,
    "participants": [_MEMBER],
    "participant_count": 1,
    "role": "admin",
    "last_seq": 42,
    "read_seq": 41,
    "cleared_seq": 0,
    "unread_count": 1,
    "mention_count": 0,
    "last_message": _SAID,
    "pinned_message_ids": [],
    "is_pinned": False,
    "is_muted": False,
    "notify": "all",
    "is_archived": False,
    "is_saved": False,
    "is_blocked": False,
    "draft": None,
}


class MessageNew(Event, MessageShape):
    """Somebody said something."""

    type: ClassVar[str] = "message.new"
    example: ClassVar[dict[str, Any]] = _SAID


class MessageUpdated(Event, MessageShape):
    """A message as it is now: edited, pinned or unpinned, its link preview arrived, or an agent has finished it."""

    type: ClassVar[str] = "message.updated"
    example: ClassVar[dict[str, Any]] = _SAID | {"content": "Tea at six?", "is_edited": True, "edited_at": _TIME}


class MessageDelta(Event):
    """More of a message that grows: from the position ``at`` (in code points) its text is this.

    Who has less text than ``at``, or the text of another attempt, reads the message once. ``message.updated`` brings
    the whole at the end.
    """

    type: ClassVar[str] = "message.delta"
    durable: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = {
        "conversation_id": _ROOM,
        "message_id": _MESSAGE,
        "attempt": 1,
        "at": 12,
        "text": " And a biscuit?",
    }

    conversation_id: UUID
    message_id: UUID
    attempt: int
    at: int
    text: Verbatim


class MessageDeleted(Event):
    """Its text and file are gone; quotations of it must go as well."""

    type: ClassVar[str] = "message.deleted"
    example: ClassVar[dict[str, Any]] = {
        "conversation_id": _ROOM,
        "message_id": _MESSAGE,
        "message_seq": 42,
        "deleted_by": _USER,
    }

    conversation_id: UUID
    message_id: UUID
    message_seq: int
    deleted_by: UUID | None


class _ReactionEvent(Event):
    conversation_id: UUID
    message_id: UUID
    user_id: UUID
    emoji: str


class ReactionAdded(_ReactionEvent):
    """An emoji was put at a message."""

    type: ClassVar[str] = "reaction.added"
    example: ClassVar[dict[str, Any]] = {
        "conversation_id": _ROOM,
        "message_id": _MESSAGE,
        "user_id": _USER,
        "emoji": "🔥",
    }


class ReactionRemoved(_ReactionEvent):
    """An emoji was taken away."""

    type: ClassVar[str] = "reaction.removed"
    example: ClassVar[dict[str, Any]] = ReactionAdded.example


class MessageRead(Event):
    """A member has seen everything up to ``read_seq``. Of groups over 50 members only the reader's devices learn it."""

    type: ClassVar[str] = "message.read"
    example: ClassVar[dict[str, Any]] = {
        "conversation_id": _ROOM,
        "user_id": _OTHER,
        "message_id": _MESSAGE,
        "read_seq": 42,
        "last_read_at": _TIME,
    }

    conversation_id: UUID
    user_id: UUID
    message_id: UUID | None
    read_seq: int
    last_read_at: datetime


class UserTyping(Event):
    """Somebody begins, or stops, to write; forgotten after 6 s without a word."""

    type: ClassVar[str] = "user.typing"
    durable: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = {"conversation_id": _ROOM, "user_id": _USER, "is_typing": True}

    conversation_id: UUID
    user_id: UUID
    is_typing: bool


class ConversationCreated(Event):
    """In a member's own stream: a conversation is theirs now; its events follow from ``last_seq``."""

    type: ClassVar[str] = "conversation.created"
    example: ClassVar[dict[str, Any]] = {"conversation": _TALK}

    conversation: ConversationShape


class ConversationUpdated(Event):
    """In a conversation's stream its name or picture; in a member's own, their settings or draft. Only what changed."""

    type: ClassVar[str] = "conversation.updated"
    example: ClassVar[dict[str, Any]] = {"conversation_id": _ROOM, "name": "Tea and biscuits"}

    conversation_id: UUID
    name: str | None = None
    avatar_url: str | None = None
    is_pinned: bool | None = None
    is_muted: bool | None = None
    notify: Literal["all", "mentions", "none"] | None = None
    is_archived: bool | None = None
    is_blocked: bool | None = None
    cleared_seq: int | None = None
    draft: Draft | None = None
    """An empty ``content``: the draft is gone."""


class ConversationDeleted(Event):
    """In a member's own stream: the conversation is no longer theirs. A group that ends says so in its own one, too."""

    type: ClassVar[str] = "conversation.deleted"
    example: ClassVar[dict[str, Any]] = {"conversation_id": _ROOM, "reason": "removed"}

    conversation_id: UUID
    reason: Literal["deleted", "removed", "left", "hidden"]


class ParticipantAdded(Event):
    """New members."""

    type: ClassVar[str] = "participant.added"
    example: ClassVar[dict[str, Any]] = {"conversation_id": _ROOM, "participants": [_MEMBER], "participant_count": 3}

    conversation_id: UUID
    participants: list[ParticipantShape]
    participant_count: int


class ParticipantRemoved(Event):
    """A member left or was removed; they themselves do not receive this."""

    type: ClassVar[str] = "participant.removed"
    example: ClassVar[dict[str, Any]] = {"conversation_id": _ROOM, "user_id": _OTHER, "participant_count": 2}

    conversation_id: UUID
    user_id: UUID
    participant_count: int


class ParticipantUpdated(Event):
    """Another role."""

    type: ClassVar[str] = "participant.updated"
    example: ClassVar[dict[str, Any]] = {"conversation_id": _ROOM, "user_id": _OTHER, "role": "admin"}

    conversation_id: UUID
    user_id: UUID
    role: Literal["admin", "member"]


class PersonUpdated(Event):
    """A member has another name or picture; their earlier messages show it as well."""

    type: ClassVar[str] = "person.updated"
    example: ClassVar[dict[str, Any]] = {"conversation_id": _ROOM, "user": _PERSON | {"name": "Аліса 🌿"}}

    conversation_id: UUID
    user: Person


class StoryNew(Event):
    """Somebody one shares a conversation with has a new story."""

    type: ClassVar[str] = "story.new"
    durable: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = {
        "story": {
            "id": _MESSAGE,
            "user": _PERSON,
            "media": None,
            "caption": "Tea",
            "created_at": _TIME,
            "expires_at": "2026-02-01T12:00:00Z",
        }
    }

    story: StoryShape


class StoryExpired(Event):
    """A story is over, or was deleted."""

    type: ClassVar[str] = "story.expired"
    durable: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = {"story_id": _MESSAGE, "user_id": _USER}

    story_id: UUID
    user_id: UUID
