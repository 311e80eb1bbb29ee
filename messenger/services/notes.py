"""What the system says in a conversation: who came, who left, what changed; who called; agents that stopped."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from core.realtime import streams
from messenger.access import conversation_stream
from messenger.models import Conversation
from messenger.models import Message
from messenger.presentation.messages import note_as_stored
from messenger.presentation.people import people
from messenger.presentation.people import person
from messenger.services.sending import rows
from messenger.services.sending.rows import NewMessage
from messenger.shapes import MessageShape
from messenger.shapes import NoteAction
from messenger.shapes import SystemNote


def write_note(
    conversation: Conversation,
    action: NoteAction,
    *,
    actor: User | None,
    about: Sequence[UUID] = (),
    name: str = "",
) -> None:
    """A system message: ``actor`` did ``action`` to the people ``about``. As :func:`write_system_message`."""
    named = people({*about, *([actor.pk] if actor else [])})
    note = SystemNote(
        action=action,
        actor=named.get(actor.pk) if actor else None,
        people=[named[one] for one in about if one in named],
        name=name,
    )
    write_system_message(conversation, note=note, actor=actor)


def write_system_message(conversation: Conversation, *, note: SystemNote, actor: User | None) -> MessageShape:
    """Say in a conversation what happened in it; nobody sent it, and it does not count as unread.

    Must be called in the transaction of what happened. ``actor`` stands for ``note.actor`` when that is missing.
    """
    if note.actor is None and actor is not None:
        note = note.model_copy(update={"actor": person(actor)})
    head = streams.lock_heads([conversation_stream(conversation.pk)], wait=True)()[conversation.pk]
    row = rows.new_row(
        conversation_id=conversation.pk,
        seq=head + 1,
        created_at=timezone.now(),
        message_type=Message.Type.SYSTEM.value,
        system=note_as_stored(note),
    )
    named = {one.id: one for one in [*([note.actor] if note.actor else []), *note.people]}
    return rows.write([NewMessage(row, named=named)])[0]
