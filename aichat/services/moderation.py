"""What staff may do with other people's chats."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from accounts.clients import NOBODY
from accounts.clients import Client
from accounts.models import User
from accounts.services import audit
from aichat.models import ChatMessage
from core.errors import Forbidden
from core.errors import InvalidInput

PERMISSION = "aichat.read_content"


def read_content(
    actor: User, *, message_ids: Sequence[UUID], reason: str, client: Client = NOBODY
) -> list[ChatMessage]:
    """Private messages, each reading of which is in the audit log before it is shown.

    Raises Forbidden without the permission, InvalidInput without a reason.
    """
    if not (actor.is_staff and actor.has_perm(PERMISSION)):
        raise Forbidden
    if not reason.strip():
        raise InvalidInput(details={"reason": ["Say why."]})
    with transaction.atomic():
        rows = list(ChatMessage.objects.filter(pk__in=message_ids).order_by("id"))
        for row in rows:
            audit.record("chatmessage.read", actor=actor, client=client, on=row, reason=reason)
    return rows
