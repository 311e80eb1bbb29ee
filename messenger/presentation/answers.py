"""What REST and the socket answer with about messages, beside the shapes of the events."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from core.realtime.events import Shape
from messenger.events import MessageShape
from messenger.events import Person


class SentMessage(MessageShape):
    """A message that stands."""

    duplicate: bool
    """It was sent before, with the same ``client_id``."""


class _Page(Shape):
    next: str | None
    """Path and query of the next page."""
    previous: str | None


class MessagePage(_Page):
    """Messages, newest first."""

    results: list[MessageShape]


class HistoryPage(_Page):
    """Messages in the order they were said; ``next`` leads to newer, ``previous`` to older ones."""

    results: list[MessageShape]
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


class ReceiptPage(_Page):
    """In the order they joined."""

    results: list[Receipt]


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


class Hit(Shape):
    """A message that was found."""

    message: MessageShape
    conversation: FoundIn
    highlights: list[tuple[int, int]]
    """``[start, end)`` in the content, in UTF-16 units as JavaScript counts them."""


class HitPage(_Page):
    """Newest first."""

    results: list[Hit]


class MediaLink(Shape):
    """Where the bytes of a file are, for a while."""

    id: UUID
    url: str
    thumbnail_url: str | None
    expires_at: datetime


class MediaLinkList(_Page):
    """Without those that are not there, or not for this user."""

    results: list[MediaLink]
