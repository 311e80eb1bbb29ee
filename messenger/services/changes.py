"""Editing and deleting."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.errors import Forbidden
from core.errors import InvalidInput
from core.models import StoredFile
from core.realtime import streams
from messenger import writing
from messenger.access import conversation_stream
from messenger.errors import EditWindowOver
from messenger.events import MessageDeleted
from messenger.events import MessageShape
from messenger.models import Conversation
from messenger.models import Message
from messenger.models import Reaction
from messenger.models import Story
from messenger.presentation.messages import shapes_of
from messenger.services import previews
from messenger.services.held import Held
from messenger.services.held import hold
from messenger.services.held import hold_standing
from messenger.services.held import refuse_blocked
from messenger.services.held import rewrite_log
from messenger.services.held import tell_updated
from messenger.services.sending import mentioned

EDIT_WINDOW = timedelta(hours=48)


def edit(actor: User, *, message_id: UUID, content: str) -> MessageShape:
    """Write one's own message anew, within 48 hours; the same text once more changes nothing.

    Raises NotFound, Forbidden (somebody else's, forwarded), EditWindowOver, Blocked, InvalidInput.
    """
    writing.checked(content)
    with transaction.atomic():
        held = hold_standing(actor, message_id)
        message = held.message
        _may_edit(actor, held)
        if not content.strip() and message.media_id is None:
            raise InvalidInput(details={"content": ["Write something, or delete the message."]})
        if content == message.content:
            return shapes_of([message.pk])[message.pk]
        return _write_anew(message, content)


def _may_edit(actor: User, held: Held) -> None:
    if held.message.sender_id != actor.pk or held.message.is_forwarded:
        raise Forbidden
    if timezone.now() - held.message.created_at > EDIT_WINDOW:
        raise EditWindowOver
    refuse_blocked(held.member)


def _write_anew(message: Message, content: str) -> MessageShape:
    link, had = writing.first_link(content), writing.first_link(message.content)
    Message.objects.filter(pk=message.pk).update(
        content=content,
        search_text=writing.folded(content),
        mentions=mentioned(message.conversation_id, writing.names(content)),
        link_preview=message.link_preview if link == had else None,
        is_edited=True,
        edited_at=timezone.now(),
    )
    if link and link != had:
        previews.request(message.pk, link)
    rewrite_log(message)
    return tell_updated(message)


def delete(actor: User, *, message_id: UUID) -> None:
    """Take a message back for everybody: text, file, reactions, preview and pin go, a stone remains in its place.

    The sender may, and admins of the group. Once more changes nothing. Raises NotFound, Forbidden.
    """
    with transaction.atomic():
        held = hold(actor, message_id)
        message = held.message
        is_admin = held.member.conversation.type == Conversation.Type.GROUP and held.may_manage
        if message.message_type == Message.Type.SYSTEM or (message.sender_id != actor.pk and not is_admin):
            raise Forbidden
        if not message.is_deleted:
            _take_back(message, actor)


def _take_back(message: Message, actor: User) -> None:
    Message.objects.filter(pk=message.pk).update(
        content="",
        search_text="",
        media=None,
        mentions=[],
        link_preview=None,
        forwarded_from=None,
        pinned_at=None,
        pinned_by=None,
        is_deleted=True,
    )
    Reaction.objects.filter(message_id=message.pk).delete()
    if message.media_id:
        release_file(message.media_id)
    rewrite_log(message)
    event = MessageDeleted(
        conversation_id=message.conversation_id,
        message_id=message.pk,
        message_seq=message.seq,
        deleted_by=actor.pk,
    )
    streams.append(conversation_stream(message.conversation_id), event)


def release_file(file_id: UUID) -> None:
    """Delete a file that was sent once no message and no story shows it; in the caller's transaction.

    Its row is held first, as by whoever sends it in this moment.
    """
    files = StoredFile.objects.filter(pk=file_id, purpose=StoredFile.Purpose.MESSAGE)
    file = files.select_for_update().first()
    if file is None or Message.objects.filter(media_id=file_id).exists() or Story.objects.filter(media_id=file_id):
        return
    file.delete()
