"""What staff may do with other people's chats."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.models import User
from accounts.services import content_access
from aichat.models import ChatMessage

PERMISSION = "aichat.read_content"


def read_content(
    actor: User, *, message_ids: Sequence[UUID], reason: str, client: ClientInfo = NOBODY
) -> list[ChatMessage]:
    """Private messages, on the record. Raises Forbidden without the permission, InvalidInput without a reason."""
    rows = ChatMessage.objects.filter(pk__in=message_ids).order_by("id")
    return content_access.read(actor, rows, permission=PERMISSION, reason=reason, client=client)
