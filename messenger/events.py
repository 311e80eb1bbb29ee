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
from core.realtime.events import Shape

_USER = "01990000-0000-7000-8000-000000000001"
_OTHER = "01990000-0000-7000-8000-000000000002"
_ROOM = "01990000-0000-7000-8000-00000000000c"
_MESSAGE = "01990000-0000-7000-8000-00000000000e"
_TIME = "2026-01-31T12:00:00Z"


class Person(Shape):
    """What everybody may know of a user."""

    id: UUID
    username: str | None
    name: str
    """What to show: the user name, or "User" and a part of the id."""
    avatar_url: str
    kind: Literal["human", "agent"]


class Media(Shape):
    """A file of a message, without links: those are short-lived and asked for when it is shown."""

    id: UUID
    kind: Literal["image", "video", "audio", "pdf", "text", "other"]
    name: str
    mime_type: str
    size: int
    """Bytes."""
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    """Seconds, of audio and video."""
    has_thumbnail: bool = False


class ReplyTo(Shape):
    """The message that is answered, as far as it fits above a reply."""

    id: UUID
    seq: int
    sender: Person | None
    message_type: str
    content: str
    """At most 200 characters."""
    is_deleted: bool


class ReactionCount(Shape):
    """Who put an emoji, in the order of time."""

    emoji: str
    user_ids: list[UUID]


class Preview(Shape):
    """What stands behind the first link of a message."""

    url: str
    title: str
    description: str = ""
    site_name: str = ""


class SystemNote(Shape):
    """What a system message says, for the client to put into words."""

    action: Literal[
        "created",
        "renamed",
        "avatar_changed",
        "added",
        "joined",
        "removed",
        "left",
        "promoted",
        "demoted",
        "call_missed",
    ]
    actor: Person | None = None
    people: list[Person] = []
    name: str = ""


class MessageShape(Shape):
    """A message as all members see it."""

    id: UUID
    conversation_id: UUID
    seq: int
    sender: Person | None
    """None: the system, or somebody who deleted their account."""
    client_id: str | None
    message_type: Literal["text", "image", "video", "audio", "file", "system"]
    content: str
    media: Media | None = None
    reply_to: ReplyTo | None = None
    forwarded_from: Person | None = None
    mentions: list[UUID] = []
    reactions: list[ReactionCount] = []
    link_preview: Preview | None = None
    system: SystemNote | None = None
    is_edited: bool = False
    is_forwarded: bool = False
    is_deleted: bool = False
    is_pinned: bool = False
    edited_at: datetime | None = None
    created_at: datetime


class ParticipantShape(Shape):
    """A member as all members see them."""

    user: Person
    role: Literal["admin", "member"]
    read_seq: int
    last_read_at: datetime | None
    joined_at: datetime


class Draft(Shape):
    """What somebody has begun to write."""

    content: str
    reply_to_id: UUID | None = None
    updated_at: datetime


class ConversationShape(Shape):
    """A conversation as one of its members sees it."""

    id: UUID
    type: Literal["direct", "group"]
    name: str
    """Of a group; of a direct one, the other person's."""
    avatar_url: str
    created_by: UUID | None
    is_ai_agent: bool
    created_at: datetime
    updated_at: datetime
    participants: list[ParticipantShape]
    """At most the first 50; the rest by ``GET …/participants``."""
    participant_count: int
    role: Literal["admin", "member"]
    last_seq: int
    read_seq: int
    cleared_seq: int
    unread_count: int
    mention_count: int
    """Unread messages that name me."""
    last_message: MessageShape | None
    pinned_message_ids: list[UUID]
    is_pinned: bool
    is_muted: bool
    is_archived: bool
    is_blocked: bool
    """Direct only: one of the two has blocked the other."""
    draft: Draft | None


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
    "is_archived": False,
    "is_blocked": False,
    "draft": None,
}


class MessageNew(Event, MessageShape):
    """Somebody said something."""

    type: ClassVar[str] = "message.new"
    example: ClassVar[dict[str, Any]] = _SAID


class MessageUpdated(Event, MessageShape):
    """A message as it is now: edited, pinned or unpinned, or its link preview arrived."""

    type: ClassVar[str] = "message.updated"
    example: ClassVar[dict[str, Any]] = _SAID | {"content": "Tea at six?", "is_edited": True, "edited_at": _TIME}


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


class StoryShape(Shape):
    """A story as others see it."""

    id: UUID
    user: Person
    media: Media | None
    caption: str
    created_at: datetime
    expires_at: datetime


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
