"""What the messenger offers to models that call tools: finding and reading messages, with the rights of who asks.

In a group what is answered is read by everybody there, so nothing of any other conversation is found from within one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from django.db.models import QuerySet
from pydantic import BaseModel
from pydantic import Field

from accounts.models import User
from accounts.models import display_name
from core import text
from core.errors import NotFound
from core.llm.tools import ToolContext
from core.llm.tools import tool
from messenger import search
from messenger.models import Conversation
from messenger.models import Message

_MOST = 30
_EXCERPT = 500
"""Characters of one message: a model reads many of them."""


class SearchParams(BaseModel):
    """Words to look for."""

    words: Annotated[str, Field(min_length=1, max_length=search.MAX_CHARS)]
    limit: Annotated[int, Field(ge=1, le=_MOST)] = 10


class ReadParams(BaseModel):
    """Which conversation; without one the conversation in which it is asked."""

    conversation_id: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=_MOST)] = 20


@tool("search_messages", SearchParams, effect="read", reads="private")
def search_messages(context: ToolContext, params: SearchParams) -> str:
    """Find messages that contain all of these words, newest first, in the conversations of the person who asks."""
    actor, only = _asker(context), _group(context)
    found = search.find(actor, search.Wanted(params.words, conversation_id=only))
    return _told(found.order_by("-id")[: params.limit]) or "No message has these words."


@tool("read_conversation", ReadParams, effect="read", reads="private")
def read_conversation(context: ToolContext, params: ReadParams) -> str:
    """Read the last messages of a conversation of the person who asks, oldest first."""
    actor, only = _asker(context), _group(context)
    wanted = only or params.conversation_id or context.conversation_id
    if only and params.conversation_id not in (None, only):
        raise NotFound
    if wanted is None or not Conversation.objects.visible_to(actor).filter(pk=wanted).exists():
        raise NotFound
    newest = Message.objects.visible_to(actor).filter(conversation_id=wanted, is_deleted=False).order_by("-seq")
    return _told(newest[: params.limit], reverse=True) or "Nothing was said here."


def _asker(context: ToolContext) -> User:
    found = User.objects.filter(pk=context.user_id, is_active=True).first()
    if found is None:
        raise NotFound
    return found


def _group(context: ToolContext) -> UUID | None:
    """The group in which it is asked; None between two, or nowhere."""
    where = context.conversation_id
    is_group = where and Conversation.objects.filter(pk=where, type=Conversation.Type.GROUP).exists()
    return where if is_group else None


def _told(rows: QuerySet[Message], *, reverse: bool = False) -> str:
    found: Iterable[Message] = rows.select_related("sender", "conversation")
    lines = [_line(row) for row in found if row.content]
    return "\n".join(reversed(lines) if reverse else lines)


def _line(row: Message) -> str:
    sender = row.sender
    name = display_name(sender.display_name, sender.username, sender.pk) if sender else "Somebody"
    where = f" in “{row.conversation.name}”" if row.conversation.name else ""
    return f"[{row.created_at:%Y-%m-%d %H:%M}] {name}{where}: {text.cut(row.content, _EXCERPT)}"
