"""Chats and messages as the API shows them: plain dictionaries, as the message list is the hottest read of the app.

The shapes are declared once more in :mod:`aichat.api.serializers`, for the schema; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from aichat import branches
from aichat.models import Chat
from aichat.models import ChatMessage
from core.files.serializers import FileSerializer
from core.models import StoredFile


def chat(row: Chat) -> dict[str, Any]:
    """A chat."""
    return {
        "id": row.pk,
        "title": row.title,
        "model": row.model,
        "system_prompt": row.system_prompt,
        "temperature": row.temperature,
        "pinned": row.pinned,
        "archived": row.archived,
        "temporary": row.temporary,
        "active_message_id": row.active_leaf_id,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def message(
    row: ChatMessage | branches.Shown,
    *,
    files: Sequence[StoredFile] = (),
    siblings: Sequence[UUID] = (),
    content: str | None = None,
) -> dict[str, Any]:
    """A message; ``content`` replaces the stored text (a stream begins before it)."""
    return {
        "id": row.id,
        "chat_id": row.chat_id,
        "parent_id": row.parent_id,
        "role": row.role,
        "content": row.content if content is None else content,
        "status": row.status,
        "model": row.model,
        "finish_reason": row.finish_reason or None,
        "prompt_tokens": row.prompt_tokens,
        "completion_tokens": row.completion_tokens,
        "total_tokens": row.prompt_tokens + row.completion_tokens,
        "estimated": row.estimated,
        "error": row.error,
        "attachments": FileSerializer(files, many=True).data if files else [],
        "sibling_ids": list(siblings) or [row.id],
        "client_id": row.client_id,
        "created_at": row.created_at,
    }


def page(rows: Sequence[branches.Shown]) -> list[dict[str, Any]]:
    """Messages of one chat with their files and siblings; a query for each of these, only when there are any."""
    attached = [row.id for row in rows if row.has_files]
    parents = {row.parent_id for row in rows if row.has_siblings}
    files = branches.attachments(attached) if attached else {}
    families = branches.siblings(rows[0].chat_id, parents) if parents else {}
    return [message(row, files=files.get(row.id, ()), siblings=families.get(row.parent_id, ())) for row in rows]


def single(row: ChatMessage) -> dict[str, Any]:
    """One message with its files and siblings."""
    files = branches.attachments([row.pk])
    families = branches.siblings(row.chat_id, [row.parent_id])
    return message(row, files=files.get(row.pk, ()), siblings=families[row.parent_id])


def exchange(
    asked: ChatMessage | None,
    answer: ChatMessage,
    *,
    files: Sequence[StoredFile],
    siblings: Mapping[UUID | None, list[UUID]],
    left_out: int,
    position: int,
) -> dict[str, Any]:
    """The first event of a stream; the answer's text is what stands before ``position``."""
    return {
        "user_message": asked and message(asked, files=files, siblings=siblings.get(asked.parent_id, ())),
        "message": message(answer, siblings=siblings.get(answer.parent_id, ()), content=answer.content[:position]),
        "notice": {"code": "context_trimmed", "left_out": left_out} if left_out else None,
    }
