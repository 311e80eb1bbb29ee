"""What REST and the socket answer with, beside the shapes of the events."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from core.shapes import Page
from core.shapes import Shape
from messenger.models.conversations import Notify
from messenger.shapes import ConversationShape
from messenger.shapes import MessageShape
from messenger.shapes import ParticipantShape
from messenger.shapes import Person


class SentMessage(MessageShape):
    """A message that stands."""

    duplicate: bool
    """It was sent before, with the same ``client_id``."""


class MessageShapePage(Page[MessageShape]):
    """Messages, newest first."""


class HistoryPage(Page[MessageShape]):
    """Messages in the order they were said; ``next`` leads to newer, ``previous`` to older ones."""

    has_before: bool
    has_after: bool


class Place(Shape):
    """A position in a conversation; None when there is nothing."""

    seq: int | None


class Forwarded(Shape):
    """A message in each of the conversations, in the order they were named."""

    results: list[SentMessage]


class Receipt(Shape):
    """Who has read a message."""

    user: Person
    read_at: datetime | None


class ReceiptPage(Page[Receipt]):
    """In the order they joined."""


class ReadPosition(Shape):
    """How far one has read, and how much is left."""

    read_seq: int
    unread_count: int


class UnreadTotal(Shape):
    """Unread messages, and in how many conversations."""

    unread_count: int
    conversations: int


class FoundIn(Shape):
    """A conversation by name; a direct one has the other person's."""

    id: UUID
    name: str
    type: Literal["direct", "group"]
    is_saved: bool


class Hit(Shape):
    """A message that was found."""

    message: MessageShape
    conversation: FoundIn
    highlights: list[tuple[int, int]]
    """``[start, end)`` in the content, in UTF-16 units as JavaScript counts them."""


class HitPage(Page[Hit]):
    """Newest first."""


class MediaLink(Shape):
    """Where the bytes of a file are, for a while."""

    id: UUID
    url: str
    thumbnail_url: str | None
    expires_at: datetime


class MediaLinkList(Page[MediaLink]):
    """Without those that are not there, or not for this user."""


class ConversationPage(Page[ConversationShape]):
    """Newest first."""


class ParticipantPage(Page[ParticipantShape]):
    """In the order they came."""


class ParticipantsAdded(Shape):
    """Who is new, and how many there are now."""

    participants: list[ParticipantShape]
    participant_count: int


class ConversationSettings(Shape):
    """What a member set for themselves."""

    is_pinned: bool
    is_muted: bool
    notify: Notify
    is_archived: bool


class InviteShape(Shape):
    """A link that lets people join."""

    id: UUID
    token: str
    url: str
    uses: int
    max_uses: int | None
    expires_at: datetime | None
    created_at: datetime
    created_by: Person


class InvitePage(Page[InviteShape]):
    """Newest first; withdrawn ones are left out."""


class InvitedConversation(Shape):
    """What a link tells of its group."""

    name: str
    avatar_url: str
    participant_count: int


class InviteLook(Shape):
    """A group one may join, and the name of whoever made the link."""

    conversation: InvitedConversation
    is_member: bool
    invited_by: str


class Presence(Shape):
    """Whether somebody is here."""

    user_id: UUID
    is_online: bool
    last_seen: datetime | None
    """None: never, not known any more, or not to be seen."""


class PresencePage(Page[Presence]):
    """Only people whose presence one may see."""


class Contact(Shape):
    """Somebody one shares a conversation with."""

    user: Person
    is_online: bool
    last_seen: datetime | None


class ContactPage(Page[Contact]):
    """Most recent first."""


class PersonPage(Page[Person]):
    """People found."""


class BlockShape(Shape):
    """Somebody one has blocked."""

    user: Person
    created_at: datetime


class BlockPage(Page[BlockShape]):
    """Newest first."""
