"""Messages that are kept in sight."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.errors import Forbidden
from messenger.errors import TooManyPins
from messenger.models import Message
from messenger.presentation.messages import shapes_of
from messenger.services.locking import check_not_blocked
from messenger.services.locking import lock_standing
from messenger.services.locking import publish_updated
from messenger.shapes import MessageShape

MOST = 100
"""In one conversation."""


def pin(actor: User, *, message_id: UUID) -> MessageShape:
    """Keep a message in sight: any member of a direct conversation, the admins of a group.

    Raises NotFound, Forbidden, Blocked, TooManyPins.
    """
    return _set(actor, message_id, timezone.now())


def unpin(actor: User, *, message_id: UUID) -> MessageShape:
    """The opposite of :func:`pin`. Raises NotFound, Forbidden, Blocked."""
    return _set(actor, message_id, None)


def _set(actor: User, message_id: UUID, pinned_at: datetime | None) -> MessageShape:
    with transaction.atomic():
        locked = lock_standing(actor, message_id)
        message = locked.message
        if not locked.may_manage:
            raise Forbidden
        check_not_blocked(locked.member)
        if (message.pinned_at is None) == (pinned_at is None):
            return shapes_of([message.pk])[message.pk]
        pinned = Message.objects.filter(conversation_id=message.conversation_id, pinned_at__isnull=False)
        if pinned_at and pinned.count() >= MOST:
            raise TooManyPins
        by = actor if pinned_at else None
        Message.objects.filter(pk=message.pk).update(pinned_at=pinned_at, pinned_by=by)
        return publish_updated(message)
