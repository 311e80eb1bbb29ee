"""Editing and deleting."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.errors import Forbidden
from core.errors import InvalidInput
from core.models import StoredFile
from core.realtime import streams
from core.text import folded
from core.text import is_visible
from messenger import limits
from messenger import signals
from messenger import text
from messenger.access import conversation_stream
from messenger.errors import EditWindowOver
from messenger.events import MessageDeleted
from messenger.models import Conversation
from messenger.models import Message
from messenger.models import Reaction
from messenger.models import Story
from messenger.presentation.messages import shapes_of
from messenger.services import notifying
from messenger.services import previews
from messenger.services.locking import LockedMessage
from messenger.services.locking import check_not_blocked
from messenger.services.locking import lock
from messenger.services.locking import lock_standing
from messenger.services.locking import publish_updated
from messenger.services.locking import rewrite_log
from messenger.services.sending.references import mentioned
from messenger.shapes import MessageShape


def edit(actor: User, *, message_id: UUID, content: str) -> MessageShape:
    """Write one's own message anew, within 48 hours; the same text once more changes nothing.

    Raises NotFound, Forbidden (somebody else's, forwarded), EditWindowOver, Blocked, InvalidInput.
    """
    text.checked(content)
    with transaction.atomic():
        locked = lock_standing(actor, message_id)
        message = locked.message
        _check_may_edit(actor, locked)
        if not is_visible(content) and message.media_id is None:
            raise InvalidInput(details={"content": ["Write something, or delete the message."]})
        if content == message.content:
            return shapes_of([message.pk])[message.pk]
        return _write_anew(message, content)


def _check_may_edit(actor: User, locked: LockedMessage) -> None:
    if locked.message.sender_id != actor.pk or locked.message.is_forwarded:
        raise Forbidden
    if timezone.now() - locked.message.created_at > limits.EDIT_WINDOW:
        raise EditWindowOver
    check_not_blocked(locked.member)


def _write_anew(message: Message, content: str) -> MessageShape:
    link, had = text.first_link(content), text.first_link(message.content)
    Message.objects.filter(pk=message.pk).update(
        content=content,
        search_text=folded(content),
        mentions=mentioned(message.conversation_id, text.names(content), by=message.sender_id),
        link_preview=message.link_preview if link == had else None,
        is_edited=True,
        edited_at=timezone.now(),
    )
    if link and link != had:
        previews.request(message.pk, link)
    rewrite_log(message)
    return publish_updated(message)


def delete(actor: User, *, message_id: UUID) -> None:
    """Take a message back for everybody: text, file, reactions, preview and pin go, a stone remains in its place.

    The sender may, and admins of the group. Once more changes nothing. Raises NotFound, Forbidden.
    """
    with transaction.atomic():
        locked = lock(actor, message_id)
        message = locked.message
        is_admin = locked.member.conversation.type == Conversation.Type.GROUP and locked.may_manage
        if message.message_type == Message.Type.SYSTEM or (message.sender_id != actor.pk and not is_admin):
            raise Forbidden
        if not message.is_deleted:
            _take_back(message, actor)
            if locked.member.conversation.agent_count:
                signals.send_messages_taken_back(message.conversation_id, [message.pk])


def _take_back(message: Message, actor: User) -> None:
    Message.objects.filter(pk=message.pk).take_back()
    Reaction.objects.filter(message_id=message.pk).delete()
    if message.media_id:
        delete_unused_file(message.media_id)
    rewrite_log(message)
    notifying.forget_taken_back([message])
    event = MessageDeleted(
        conversation_id=message.conversation_id,
        message_id=message.pk,
        message_seq=message.seq,
        deleted_by=actor.pk,
    )
    streams.append(conversation_stream(message.conversation_id), event)


def delete_unused_file(file_id: UUID) -> None:
    """Delete a file that was sent once no message and no story shows it; in the caller's transaction.

    Its row is locked first, as by whoever sends it in this moment.
    """
    files = StoredFile.objects.filter(pk=file_id, purpose=StoredFile.Purpose.MESSAGE)
    file = files.select_for_update().first()
    if file is None or Message.objects.filter(media_id=file_id).exists() or Story.objects.filter(media_id=file_id):
        return
    file.delete()
