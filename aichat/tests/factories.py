"""Rows the tests begin with."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from aichat.models import Chat
from aichat.models import ChatMessage
from core.models import StoredFile
from core.text import folded


def make_chat(owner: User, **fields: Any) -> Chat:
    title = fields.pop("title", "")
    return Chat.objects.create(owner=owner, title=title, search_title=folded(title), **{"model": "demo"} | fields)


def make_message(chat: Chat, role: str, content: str, parent: ChatMessage | None = None, **fields: Any) -> ChatMessage:
    """A finished message that becomes the chat's active leaf."""
    extra = {"attempt": 1, "model": "demo", "provider": "demo"} if role == "assistant" else {}
    row = ChatMessage.objects.create(
        chat=chat, role=role, content=content, search_text=folded(content), parent=parent, **extra | fields
    )
    chat.active_leaf = row
    chat.save()
    return row


def make_talk(chat: Chat, turns: int, words: str = "word") -> list[ChatMessage]:
    """A branch of ``turns`` questions and answers, oldest first."""
    rows: list[ChatMessage] = []
    for turn in range(turns):
        for role, text in (("user", f"question {turn} {words}"), ("assistant", f"answer {turn} {words}")):
            rows.append(make_message(chat, role, text, rows[-1] if rows else None))
    return rows


def make_file(owner: User, name: str) -> StoredFile:
    """A text file of the owner's, without its bytes."""
    return StoredFile.objects.create(
        owner=owner, name=name, key=name, mime_type="text/plain", kind="text", size=1, sha256="0" * 64
    )
