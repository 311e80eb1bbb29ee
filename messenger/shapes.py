"""What REST and the socket show of messages, conversations and stories; events are made of the same shapes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from typing import Literal
from uuid import UUID

from pydantic import Field

from core.shapes import Shape
from core.shapes import Verbatim
from messenger import emoji
from messenger import text

Content = Annotated[Verbatim, Field(max_length=text.MAX_CHARS)]
"""What somebody says, as they wrote it."""

ClientId = Annotated[str, Field(max_length=text.MAX_CLIENT_ID)]
"""The client's own name for what it sends, by which a repeat is known."""

Emoji = Annotated[Verbatim, Field(min_length=1, max_length=emoji.MAX_CHARS)]

SayableType = Literal["text", "image", "video", "audio", "file"]
"""The types of what people say; the system has one of its own."""


class Person(Shape):
    """What everybody may know of a user."""

    id: UUID
    username: str | None
    name: str
    """What to show: as they call themselves, else the user name, else "User" and a part of the id. Not unique."""
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


NoteAction = Literal[
    "created",
    "renamed",
    "avatar_changed",
    "added",
    "joined",
    "removed",
    "left",
    "promoted",
    "demoted",
    "call_started",
    "call_ended",
    "call_missed",
    "agents_stopped",
    "agents_resumed",
    "agents_wait",
]


class SystemNote(Shape):
    """What a system message says, for the client to put into words."""

    action: NoteAction
    actor: Person | None = None
    people: list[Person] = []
    name: str = ""
    call_type: Literal["audio", "video"] | None = None
    """Of a call."""
    seconds: int | None = Field(default=None, ge=0)
    """How long a call that ended had lasted."""


class AgentRun(Shape):
    """What an agent's message says of the run that wrote it."""

    run_id: UUID
    state: Literal["writing", "complete", "stopped", "limited", "failed"]
    reason: str | None = None
    """Of an end that is not ``complete``, in one word."""
    paid_by: Person | None = None
    tokens: int | None = None
    """Known at the end."""
    calls: int | None = None
    """Calls of functions, known at the end."""
    hop: int = 0
    """How many agents stand between this message and the person who began it."""
    attempt: int = 1
    """Which try at the text this is; a ``message.delta`` belongs to the text of its own attempt."""


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
    """Members it names; the conversation's own id stands for all of them (``@all`` by an admin of a group)."""
    reactions: list[ReactionCount] = []
    link_preview: Preview | None = None
    system: SystemNote | None = None
    agent: AgentRun | None = None
    album_id: UUID | None = None
    """The same in pictures and films that were sent together; each is a message of its own."""
    story_id: UUID | None = None
    """The story it answers, told by one of the two of a direct conversation; it may be over."""
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
    notify: Literal["all", "mentions", "none"]
    """What my devices are told of."""
    is_archived: bool
    is_saved: bool
    """One's own saved messages: a direct conversation with oneself."""
    is_blocked: bool
    """Direct only: one of the two has blocked the other."""
    draft: Draft | None


class StoryShape(Shape):
    """A story as others see it."""

    id: UUID
    user: Person
    media: Media | None
    caption: str
    created_at: datetime
    expires_at: datetime
