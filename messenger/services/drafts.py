"""What people have begun to write: their other devices go on with it."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from uuid import UUID
from uuid import uuid5

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.errors import NotFound
from core.realtime import streams
from core.realtime.names import user_stream
from core.text import is_visible
from messenger import access
from messenger.events import ConversationUpdated
from messenger.models import Message
from messenger.models import Participant
from messenger.shapes import Draft


@transaction.atomic
def save(actor: User, *, conversation_id: UUID, content: str, reply_to_id: UUID | None = None) -> Draft:
    """Keep a draft; one without content is taken away. Raises NotFound, also for an unknown message to reply to."""
    mine = _lock(access.member_of(actor, conversation_id))
    if not is_visible(content):
        content, reply_to_id = "", None
    if reply_to_id and not _is_here(actor, conversation_id, reply_to_id):
        raise NotFound
    draft = Draft(content=content, reply_to_id=reply_to_id, updated_at=timezone.now())
    if (mine.draft, mine.draft_reply_to) != (content, reply_to_id):
        Participant.objects.filter(pk=mine.pk).update(
            draft=content, draft_reply_to=reply_to_id, draft_updated_at=draft.updated_at if content else None
        )
        event = ConversationUpdated(conversation_id=conversation_id, draft=draft)
        streams.append_each([(user_stream(actor.pk), event, None)], subject=_subject(mine.pk, draft.updated_at))
        redact_events(mine)
    return draft


def redact_events(mine: Participant) -> None:
    """No stored event shows the draft of ``mine`` any more: what nobody sent, nobody keeps."""
    if mine.draft_updated_at is None:
        return
    nothing = Draft(content="", reply_to_id=None, updated_at=mine.draft_updated_at)
    event = ConversationUpdated(conversation_id=mine.conversation_id, draft=nothing)
    streams.rewrite(_subject(mine.pk, mine.draft_updated_at), event)


def _lock(mine: Participant) -> Participant:
    """The membership as it is, locked: two devices at once write one after the other. Raises NotFound."""
    locked = Participant.objects.select_for_update(no_key=True).filter(pk=mine.pk).first()
    if locked is None:
        raise NotFound
    return locked


def _subject(membership: UUID, updated_at: datetime) -> UUID:
    """Of the event of this one draft, so that the next can find it."""
    return uuid5(membership, updated_at.astimezone(UTC).isoformat())


def _is_here(actor: User, conversation_id: UUID, message_id: UUID) -> bool:
    return Message.objects.visible_to(actor).filter(pk=message_id, conversation_id=conversation_id).exists()
