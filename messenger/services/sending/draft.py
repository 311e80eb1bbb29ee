"""A message that is about to be written, checked as far as that goes without a database."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from typing import NotRequired
from typing import TypedDict
from typing import Unpack
from uuid import UUID
from uuid import uuid5

from accounts.models import User
from core.errors import InvalidInput
from core.text import is_visible
from messenger import text
from messenger.models import Message
from messenger.shapes import MessageShape

_TYPES = frozenset(Message.Type.values) - {Message.Type.SYSTEM}


class MessageInput(TypedDict):
    """What somebody wants to say."""

    conversation_id: UUID
    content: str
    client_id: NotRequired[str | None]
    message_type: NotRequired[str | None]
    media_id: NotRequired[UUID | None]
    reply_to_id: NotRequired[UUID | None]
    album_id: NotRequired[UUID | None]
    story_id: NotRequired[UUID | None]


@dataclass(frozen=True, slots=True)
class MessageDraft:
    """A checked message without the things that only the database knows."""

    conversation_id: UUID
    sender_id: UUID
    content: str
    fingerprint: str
    """Of the request, so that a repeat of a ``client_id`` is told from a mix-up."""
    client_id: str | None = None
    message_type: str | None = None
    """None: what its file says, or text."""
    media_id: UUID | None = None
    reply_to_id: UUID | None = None
    album_id: UUID | None = None
    """Shared with the other files that were sent together with its own."""
    story_id: UUID | None = None
    """The story it answers; of the other one of a direct conversation."""
    forwarded_from_id: UUID | None = None
    is_forwarded: bool = False
    names: frozenset[str] = field(default_factory=frozenset)
    """Of members it may mention, in lower case."""
    link: str | None = None
    """The first one in it, for a preview."""
    agent: dict[str, Any] | None = None
    """What ``Message.agent`` is to say, of a message that begins to grow."""

    @property
    def is_plain(self) -> bool:
        """Nothing but a text: it refers to no file, message or person, and has no link to be looked at."""
        is_text = self.message_type in {None, Message.Type.TEXT.value}
        refers = (
            self.media_id
            or self.reply_to_id
            or self.story_id
            or self.is_forwarded
            or self.names
            or self.link
            or self.agent
        )
        return is_text and not refers


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that stands; ``duplicate``: it stood there before."""

    message: MessageShape
    duplicate: bool = False


def check_input(actor: User, **given: Unpack[MessageInput]) -> MessageDraft:
    """What the actor wants to say, as a draft. Raises InvalidInput."""
    conversation_id, content = given["conversation_id"], given["content"]
    message_type, media_id, reply_to_id = given.get("message_type"), given.get("media_id"), given.get("reply_to_id")
    if message_type is not None and message_type not in _TYPES:
        raise InvalidInput(details={"message_type": [f"Use one of {', '.join(sorted(_TYPES))}."]})
    if not is_visible(content) and media_id is None:
        raise InvalidInput(details={"content": ["Write something, or add a file."]})
    album_id, story_id = given.get("album_id"), given.get("story_id")
    if album_id is not None and media_id is None:
        raise InvalidInput(details={"album_id": ["Only files stand in albums."]})
    if media_id is None:
        message_type = message_type or Message.Type.TEXT.value
    asked = [conversation_id, content, message_type, media_id, reply_to_id]
    if album_id or story_id:  # else as of every release: a repeat must be known whenever its first was sent
        asked += [album_id, story_id]
    return MessageDraft(
        conversation_id=conversation_id,
        sender_id=actor.pk,
        content=text.checked(content),
        client_id=text.checked_client_id(given.get("client_id")),
        fingerprint=_fingerprint(*asked),
        message_type=message_type,
        media_id=media_id,
        reply_to_id=reply_to_id,
        album_id=album_id,
        story_id=story_id,
        names=text.names(content),
        link=text.first_link(content),
    )


def forwarded(actor: User, source: Message, conversation_id: UUID, client_id: str | None) -> MessageDraft:
    """``source`` once more, in another conversation, under a ``client_id`` made of the given one and of that."""
    return MessageDraft(
        conversation_id=conversation_id,
        sender_id=actor.pk,
        content=source.content,
        client_id=str(uuid5(conversation_id, client_id)) if client_id else None,
        fingerprint=_fingerprint("forward", conversation_id, source.pk),
        message_type=source.message_type,
        media_id=source.media_id,
        forwarded_from_id=source.forwarded_from_id or source.sender_id,
        is_forwarded=True,
        link=text.first_link(source.content),
    )


def begun(
    agent: User,
    conversation_id: UUID,
    content: str,
    *,
    client_id: str,
    facts: dict[str, Any],
    reply_to_id: UUID | None,
) -> MessageDraft:
    """The first words of a message that grows (services/speaking.py). They mention nobody, and no link is looked at."""
    return MessageDraft(
        conversation_id=conversation_id,
        sender_id=agent.pk,
        content=content,
        client_id=text.checked_client_id(client_id),
        fingerprint=_fingerprint("begun", conversation_id, facts["run_id"], reply_to_id),
        reply_to_id=reply_to_id,
        agent=facts,
    )


def _fingerprint(*parts: object) -> str:
    return hashlib.sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()
