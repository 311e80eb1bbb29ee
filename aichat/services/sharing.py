"""Links by which anybody reads a chat as it was when the link was made.

A link names the messages that it shows and how long each was, so nothing that is written later can be read by it.
Of the link itself only a hash is kept: who finds the database has no links.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import User
from accounts.models import display_name
from aichat import branches
from aichat import shapes
from aichat.errors import AnswerRunning
from aichat.errors import NothingToShare
from aichat.errors import TooManyShares
from aichat.models import ChatMessage
from aichat.models import ChatShare
from aichat.services.chats import own_chat
from core.errors import NotFound

MOST = 100
"""Links of one person."""
PAGE = 50

_Role = ChatMessage.Role


@dataclass(frozen=True, slots=True)
class Made:
    """A new link; ``url`` is known only now."""

    share: ChatShare
    url: str


def create(actor: User, *, chat_id: UUID, shows_name: bool = False) -> Made:
    """A link to the shown branch as it is now. Raises NotFound, AnswerRunning, NothingToShare, TooManyShares."""
    chat = own_chat(actor, chat_id)
    branch = branches.walk_up_lengths(actor.pk, chat_id=chat_id)
    if branch and branch[0].status in ChatMessage.RUNNING:
        raise AnswerRunning(message_id=str(branch[0].id))
    said = [[str(row.id), row.length] for row in reversed(branch) if _is_said(row)]
    if not said:
        raise NothingToShare
    if ChatShare.objects.visible_to(actor).count() >= MOST:
        raise TooManyShares
    token = secrets.token_urlsafe(24)
    share = ChatShare.objects.create(
        chat=chat, token_hash=_hash(token), title=chat.title, shows_name=shows_name, messages=said
    )
    return Made(share, f"{settings.PUBLIC_URL}/app/shared/{token}")


def listed(actor: User, *, chat_id: UUID | None = None) -> QuerySet[ChatShare]:
    """One's links, newest first; ``chat_id``: those of one chat. Raises NotFound for somebody else's chat."""
    rows = ChatShare.objects.visible_to(actor).order_by("-pk")
    return rows if chat_id is None else rows.filter(chat=own_chat(actor, chat_id))


def revoke(actor: User, *, share_id: UUID) -> None:
    """Nobody reads the chat by this link any more. Raises NotFound."""
    if not ChatShare.objects.visible_to(actor).filter(pk=share_id).delete()[0]:
        raise NotFound


def read(token: str, *, start: int = 0) -> shapes.SharedChat:
    """What whoever has the link reads: ``PAGE`` messages from ``start`` on. Raises NotFound."""
    found = ChatShare.objects.filter(token_hash=_hash(token), chat__owner__is_active=True)
    share = found.select_related("chat__owner").first()
    if share is None:
        raise NotFound
    end = start + PAGE
    owner = share.chat.owner
    return shapes.SharedChat(
        title=share.title,
        name=display_name(owner.display_name, owner.username, owner.pk) if share.shows_name else None,
        created_at=share.created_at,
        messages=_messages(share, start, end),
        next=f"/api/shared-chats/{token}?start={end}" if end < len(share.messages) else None,
    )


def _messages(share: ChatShare, start: int, end: int) -> list[shapes.SharedMessage]:
    lengths = {UUID(message_id): length for message_id, length in share.messages[start:end]}
    rows = share.chat.messages.in_bulk(lengths)
    files = branches.attachments(list(rows))
    return [
        shapes.SharedMessage.model_validate(
            {
                "id": row.pk,
                "role": row.role,
                "content": row.content[:length],
                "model": row.model,
                "files": len(files.get(message_id, ())),
            }
        )
        for message_id, length in lengths.items()
        if (row := rows.get(message_id)) is not None
    ]


def _is_said(row: branches.Said) -> bool:
    return row.length > 0 and not row.withheld and row.role in (_Role.USER, _Role.ASSISTANT)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
