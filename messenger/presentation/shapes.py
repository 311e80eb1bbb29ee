"""What REST answers with beside the shapes of the events."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.realtime.events import Shape
from messenger.events import ConversationShape
from messenger.events import ParticipantShape
from messenger.events import Person


class _Page(Shape):
    next: str | None
    """Path and query of the next page."""
    previous: str | None


class ConversationPage(_Page):
    """Newest first."""

    results: list[ConversationShape]


class ParticipantPage(_Page):
    """In the order they came."""

    results: list[ParticipantShape]


class ParticipantsAdded(Shape):
    """Who is new, and how many there are now."""

    participants: list[ParticipantShape]
    participant_count: int


class ConversationSettings(Shape):
    """What a member set for themselves."""

    is_pinned: bool
    is_muted: bool
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


class InvitePage(_Page):
    """Newest first; withdrawn ones are left out."""

    results: list[InviteShape]


class InvitedConversation(Shape):
    """What a link tells of its group."""

    name: str
    avatar_url: str
    participant_count: int


class InviteLook(Shape):
    """A group one may join."""

    conversation: InvitedConversation
    is_member: bool


class Presence(Shape):
    """Whether somebody is here."""

    user_id: UUID
    is_online: bool
    last_seen: datetime | None
    """None: never, not known any more, or not to be seen."""


class PresencePage(_Page):
    """Only people whose presence one may see."""

    results: list[Presence]


class Contact(Shape):
    """Somebody one shares a conversation with."""

    user: Person
    is_online: bool
    last_seen: datetime | None


class ContactPage(_Page):
    """Most recent first."""

    results: list[Contact]


class PersonPage(_Page):
    """People found."""

    results: list[Person]


class BlockShape(Shape):
    """Somebody one has blocked."""

    user: Person
    created_at: datetime


class BlockPage(_Page):
    """Newest first."""

    results: list[BlockShape]
