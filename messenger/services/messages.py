"""Messages: send, forward, edit, delete, and write what the system says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import NotRequired
from typing import TypedDict
from typing import Unpack
from uuid import UUID
from uuid import uuid5

from django.utils import timezone

from accounts.models import User
from core.errors import Forbidden
from core.errors import InvalidInput
from core.errors import NotFound
from core.ids import uuid7
from core.realtime import streams
from messenger import writing
from messenger.access import conversation_stream
from messenger.events import MessageShape
from messenger.events import SystemNote
from messenger.models import Conversation
from messenger.models import Message
from messenger.presentation import messages as presentation
from messenger.presentation.messages import MessageRow
from messenger.presentation.people import person
from messenger.services import batching
from messenger.services import sending
from messenger.services.changes import delete
from messenger.services.changes import edit
from messenger.services.held import visible
from messenger.services.sending import Draft
from messenger.services.sending import Sent

__all__ = ["Sent", "delete", "edit", "forward", "send", "send_async", "write_system_message"]

MOST_FORWARDED = 20
"""Conversations at once."""

_TYPES = frozenset(Message.Type.values) - {Message.Type.SYSTEM}


class Said(TypedDict):
    """What somebody says."""

    conversation_id: UUID
    content: str
    client_id: NotRequired[str | None]
    message_type: NotRequired[str | None]
    media_id: NotRequired[UUID | None]
    reply_to_id: NotRequired[UUID | None]


def send(actor: User, **said: Unpack[Said]) -> Sent:
    """Say something in a conversation, with a file of one's own or without; the own read position moves with it.

    A repeated ``client_id`` returns the first message and writes nothing; with other content it raises
    IdempotencyMismatch. Raises NotFound (no member; no such file; no such message to answer), Blocked, InvalidInput.
    """
    return batching.send(_draft(actor, **said))


async def send_async(actor: User, **said: Unpack[Said]) -> Sent:
    """:func:`send` from an event loop."""
    return await batching.send_async(_draft(actor, **said))


def _draft(
    actor: User,
    *,
    conversation_id: UUID,
    content: str,
    client_id: str | None = None,
    message_type: str | None = None,
    media_id: UUID | None = None,
    reply_to_id: UUID | None = None,
) -> Draft:
    if message_type is not None and message_type not in _TYPES:
        raise InvalidInput(details={"message_type": [f"Use one of {', '.join(sorted(_TYPES))}."]})
    if not content.strip() and media_id is None:
        raise InvalidInput(details={"content": ["Write something, or add a file."]})
    if media_id is None:
        message_type = message_type or Message.Type.TEXT.value
    return Draft(
        conversation_id=conversation_id,
        sender_id=actor.pk,
        content=writing.checked(content),
        client_id=writing.checked_client_id(client_id),
        fingerprint=_fingerprint(conversation_id, content, message_type, media_id, reply_to_id),
        message_type=message_type,
        media_id=media_id,
        reply_to_id=reply_to_id,
        names=writing.names(content),
        link=writing.first_link(content),
    )


def forward(
    actor: User, *, message_id: UUID, conversation_ids: Sequence[UUID], client_id: str | None = None
) -> list[Sent]:
    """Say in other conversations what was said here, in all of them or in none; a file is shared, not copied.

    With ``client_id`` each message gets one of its own, made from it and the conversation; repeats are as in
    :func:`send`. Raises NotFound, Forbidden (a system message), Blocked, InvalidInput.
    """
    targets = list(dict.fromkeys(conversation_ids))
    if not 1 <= len(targets) <= MOST_FORWARDED:
        raise InvalidInput(details={"conversation_ids": [f"Name 1 to {MOST_FORWARDED} conversations."]})
    source = visible(actor, message_id)
    if source.is_deleted:
        raise NotFound
    if source.message_type == Message.Type.SYSTEM:
        raise Forbidden
    checked = writing.checked_client_id(client_id)
    return sending.deliver([_forwarded(actor, source, target, checked) for target in targets])


def _forwarded(actor: User, source: Message, conversation_id: UUID, client_id: str | None) -> Draft:
    return Draft(
        conversation_id=conversation_id,
        sender_id=actor.pk,
        content=source.content,
        client_id=str(uuid5(conversation_id, client_id)) if client_id else None,
        fingerprint=_fingerprint("forward", conversation_id, source.pk),
        message_type=source.message_type,
        media_id=source.media_id,
        forwarded_from_id=source.forwarded_from_id or source.sender_id,
        is_forwarded=True,
        link=writing.first_link(source.content),
    )


def write_system_message(conversation: Conversation, *, note: SystemNote, actor: User | None) -> MessageShape:
    """Say in a conversation what happened in it; nobody sent it, and it does not count as unread.

    Must be called in the transaction of what it tells of. ``actor`` stands for ``note.actor`` when that is missing.
    """
    if note.actor is None and actor is not None:
        note = note.model_copy(update={"actor": person(actor)})
    seq = streams.reserve(conversation_stream(conversation.pk))
    row = _system_row(conversation.pk, seq, note)
    sending.store(row)
    named = {one.id: one for one in [*([note.actor] if note.actor else []), *note.people]}
    return sending.tell_new(row, named)


def _system_row(conversation_id: UUID, seq: int, note: SystemNote) -> MessageRow:
    return MessageRow(
        id=uuid7(),
        conversation_id=conversation_id,
        seq=seq,
        sender_id=None,
        client_id=None,
        message_type=Message.Type.SYSTEM.value,
        content="",
        media_id=None,
        reply_to_id=None,
        forwarded_from_id=None,
        mentions=[],
        system=presentation.note_as_stored(note),
        link_preview=None,
        is_edited=False,
        is_forwarded=False,
        is_deleted=False,
        edited_at=None,
        pinned_at=None,
        created_at=timezone.now(),
    )


def _fingerprint(*parts: object) -> str:
    """Of a request, so that a repeat is told from a mix-up of ids."""
    return hashlib.sha256(json.dumps([str(part) for part in parts]).encode()).hexdigest()
