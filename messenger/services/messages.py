"""Messages: what people and agents do with them. What the system says is in :mod:`messenger.services.notes`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack
from uuid import UUID

from accounts.models import User
from core.errors import Forbidden
from core.errors import InvalidInput
from core.errors import NotFound
from messenger import limits
from messenger import text
from messenger.models import Message
from messenger.services.changes import delete
from messenger.services.changes import edit
from messenger.services.locking import visible
from messenger.services.sending import all_or_none
from messenger.services.sending import draft
from messenger.services.sending import group_commit
from messenger.services.sending.draft import MessageInput
from messenger.services.sending.draft import Sent

__all__ = ["Sent", "delete", "edit", "forward", "send", "send_async"]


def send(actor: User, **given: Unpack[MessageInput]) -> Sent:
    """Say something in a conversation, with a file of one's own or without; the own read position moves with it.

    A repeated ``client_id`` returns the first message and writes nothing; with other content it raises
    IdempotencyMismatch. Raises NotFound (no member; no such file; no such message to answer), Blocked, InvalidInput.
    """
    return group_commit.write(draft.check_input(actor, **given))


async def send_async(actor: User, **given: Unpack[MessageInput]) -> Sent:
    """:func:`send` from an event loop."""
    return await group_commit.write_async(draft.check_input(actor, **given))


def forward(
    actor: User, *, message_id: UUID, conversation_ids: Sequence[UUID], client_id: str | None = None
) -> list[Sent]:
    """Say in other conversations what was said here, in all of them or in none; a file is shared, not copied.

    With ``client_id`` each message gets one of its own, made from it and the conversation; repeats are as in
    :func:`send`. Raises NotFound, Forbidden (a system message), Blocked, InvalidInput.
    """
    targets = list(dict.fromkeys(conversation_ids))
    if not 1 <= len(targets) <= limits.FORWARDED:
        raise InvalidInput(details={"conversation_ids": [f"Name 1 to {limits.FORWARDED} conversations."]})
    source = visible(actor, message_id)
    if source.is_deleted:
        raise NotFound
    if source.message_type == Message.Type.SYSTEM:
        raise Forbidden
    checked = text.checked_client_id(client_id)
    return all_or_none.write([draft.forwarded(actor, source, target, checked) for target in targets])
