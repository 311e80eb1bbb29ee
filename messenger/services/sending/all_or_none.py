"""Messages that are written in one transaction, all of them or none: files, answers and forwards, one call each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db import transaction
from django.utils import timezone

from core.errors import Conflict
from core.errors import IdempotencyMismatch
from core.errors import NotFound
from core.realtime import streams
from core.realtime.names import user_stream
from messenger.models import Message
from messenger.models import Participant
from messenger.presentation.messages import shapes_of
from messenger.services import notify
from messenger.services import previews
from messenger.services.sending import admission
from messenger.services.sending import references
from messenger.services.sending import rows
from messenger.services.sending.draft import MessageDraft
from messenger.services.sending.draft import Sent
from messenger.shapes import MessageShape

NOT_FOR_OUTSIDERS: dict[str, Any] = {"reply_to": None, "reactions": [], "link_preview": None, "is_pinned": False}
"""What others do to a message: its writer learns of it for as long as they are a member."""


def write(drafts: Sequence[MessageDraft]) -> list[Sent]:
    """Write all drafts in one transaction; what was written before is returned as it is now, as a duplicate.

    Raises NotFound (no member; no such file or message), Blocked, IdempotencyMismatch, InvalidInput (the type does not
    fit the file); then none was written.
    """
    try:
        with transaction.atomic():
            return [Sent(message) for message in _write(drafts)]
    except NotFound as error:
        try:
            return _write_rest(drafts, error)
        except IdempotencyMismatch:
            raise error from None
    except (admission.Repeated, IntegrityError) as error:
        return _write_rest(drafts, error)


def _write(drafts: Sequence[MessageDraft]) -> list[MessageShape]:
    heads, admissions = admission.lock_and_admit(drafts, wait=True)
    writers = [admission.check(one) for one in admissions]
    now = timezone.now()
    new = []
    for draft, writer in zip(drafts, writers, strict=True):
        heads[draft.conversation_id] += 1
        place, shows = heads[draft.conversation_id], references.read(draft)
        named = references.payer(draft)
        new.append(rows.new_message(draft, seq=place, writer=writer, now=now, shows=shows, named=named))
    shapes = rows.write(new)
    for draft, shape in zip(drafts, shapes, strict=True):
        if draft.link:
            previews.request(shape.id, draft.link)
    hidden = [draft.conversation_id for draft, writer in zip(drafts, writers, strict=True) if writer.was_hidden]
    if hidden:
        _show_again(hidden)
    return shapes


def _show_again(conversation_ids: Sequence[UUID]) -> None:
    """Who had removed one of the conversations from their list has it again, with what was just said.

    Comes after all conversations' streams were locked, and locks those of the users in the order of their ids.
    """
    hidden = list(Participant.objects.filter(conversation_id__in=conversation_ids, is_hidden=True))
    Participant.objects.filter(pk__in=[row.pk for row in hidden]).update(is_hidden=False)
    streams.lock_heads([user_stream(row.user_id) for row in hidden], wait=True)()
    for conversation_id in dict.fromkeys(conversation_ids):
        notify.publish_created([row for row in hidden if row.conversation_id == conversation_id])


def _write_rest(drafts: Sequence[MessageDraft], error: Exception) -> list[Sent]:
    """Write the drafts without those that were written before: whose ok got lost may be a member no more."""
    known = [_find_first(draft) for draft in drafts]
    rest = [draft for draft, first in zip(drafts, known, strict=True) if first is None]
    if len(rest) == len(drafts):
        if isinstance(error, NotFound):
            raise error
        raise Conflict from error  # a file or a message it names went away in the same moment
    fresh = iter(write(rest)) if rest else iter(())
    return [Sent(first, duplicate=True) if first else next(fresh) for first in known]


def _find_first(draft: MessageDraft) -> MessageShape | None:
    """What the draft's ``client_id`` wrote before. Raises IdempotencyMismatch when that was something else."""
    if draft.client_id is None:
        return None
    known = Message.objects.filter(sender_id=draft.sender_id, client_id=draft.client_id)
    first = known.values_list("id", "fingerprint", "conversation_id").first()
    if first is None:
        return None
    message_id, fingerprint, conversation_id = first
    if fingerprint != draft.fingerprint:
        raise IdempotencyMismatch
    shape = shapes_of([message_id])[message_id]
    if Participant.objects.active().filter(conversation=conversation_id, user=draft.sender_id).exists():
        return shape
    return shape.model_copy(update=NOT_FOR_OUTSIDERS)
