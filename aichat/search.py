"""Where in chats the words stand that were looked for."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import F
from django.db.models import Window
from django.db.models.functions import RowNumber

from aichat import shapes
from aichat.models import Chat
from aichat.models import ChatMessage
from core import searching


def hits(chats: Sequence[Chat], words: str) -> dict[UUID, shapes.ChatHit]:
    """Of each chat the places in its title, and its newest message that has all the words; one query."""
    numbered = (
        ChatMessage.objects.filter(searching.says("search_text", words), chat__in=chats)
        .annotate(number=Window(RowNumber(), partition_by=F("chat"), order_by=F("id").desc()))
        .filter(number=1)
    )
    found = {row.chat_id: row for row in numbered.only("id", "chat_id", "content")}
    return {chat.pk: _hit(chat, found.get(chat.pk), words) for chat in chats}


def _hit(chat: Chat, message: ChatMessage | None, words: str) -> shapes.ChatHit:
    snippet, marks = searching.snippet(message.content, words) if message else ("", [])
    return shapes.ChatHit(
        message_id=message.pk if message else None,
        snippet=snippet,
        highlights=[(start, end) for start, end in marks],
        title_highlights=[(start, end) for start, end in searching.marks(chat.title, words)],
    )
