"""A chat as a file, written piece by piece so that a long one needs no memory."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from django.utils import timezone

from aichat import branches
from aichat import presentation
from aichat.costs import Costs
from aichat.models import Chat
from aichat.models import ChatMessage
from core.db_threads import in_db_thread
from core.models import StoredFile

_PAGE = 100
_SPEAKERS = {"user": "You", "assistant": "Assistant", "system": "System", "tool": "Tool"}


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a chat."""

    extension: str
    content_type: str
    write: Callable[[Chat, Costs], AsyncIterator[bytes]]


def file_name(chat: Chat, extension: str) -> str:
    """The title as a file name that no system takes for a path."""
    name = re.sub(r"[^\w\-]+", "-", chat.title).strip("-_")[:80]
    return f"{name or 'chat'}.{extension}"


async def _markdown(chat: Chat, _costs: Costs) -> AsyncIterator[bytes]:
    title = " ".join(chat.title.split()) or "Chat"
    yield f"# {title}\n\n_Exported {timezone.now():%Y-%m-%d %H:%M} UTC_\n".encode()
    order = await in_db_thread(_branch_ids, chat)
    for start in range(0, len(order), _PAGE):
        rows, files = await in_db_thread(_rows, order[start : start + _PAGE])
        for row in rows:
            yield _section(row, files.get(row.pk, [])).encode()


def _section(row: ChatMessage, files: list[StoredFile]) -> str:
    speaker = _SPEAKERS[row.role] + (f" ({row.model})" if row.model else "")
    attached = "".join(f"\n- {file.name}" for file in files)
    ended = "" if row.status == ChatMessage.Status.COMPLETE else f"\n\n_[{row.status}]_"
    return f"\n## {speaker}\n\n{row.content}{ended}\n" + (f"\nAttached:\n{attached}\n" if attached else "")


async def _json(chat: Chat, costs: Costs) -> AsyncIterator[bytes]:
    head = msgspec.json.encode({"chat": presentation.chat(chat).model_dump(), "exported_at": timezone.now()})
    yield head[:-1] + b',"messages":['
    order = await in_db_thread(_all_ids, chat)
    for start in range(0, len(order), _PAGE):
        bodies = await in_db_thread(_bodies, order[start : start + _PAGE], costs)
        yield (b"," if start else b"") + b",".join(msgspec.json.encode(body) for body in bodies)
    yield b"]}\n"


def _bodies(ids: list[UUID], costs: Costs) -> list[dict[str, Any]]:
    rows, files = _rows(ids)
    return [_body(row, files.get(row.pk, []), costs) for row in rows]


def _body(row: ChatMessage, files: list[StoredFile], costs: Costs) -> dict[str, Any]:
    """A message without what only the live API can give: siblings follow from ``parent_id``, links would expire."""
    body = presentation.message(row, costs=costs)
    del body["sibling_ids"], body["client_id"], body["unseen"]
    return body | {"attachments": [{"name": file.name, "mime_type": file.mime_type} for file in files]}


def _branch_ids(chat: Chat) -> list[UUID]:
    return list(reversed(branches.walk_up_ids(chat.owner_id, chat_id=chat.pk)))


def _all_ids(chat: Chat) -> list[UUID]:
    return list(chat.messages.order_by("id").values_list("pk", flat=True))


def _rows(ids: list[UUID]) -> tuple[Iterator[ChatMessage], dict[UUID, list[StoredFile]]]:
    found = ChatMessage.objects.in_bulk(ids)
    return (found[message_id] for message_id in ids if message_id in found), branches.attachments(ids)


FORMS = {
    "markdown": Form("md", "text/markdown; charset=utf-8", _markdown),
    "json": Form("json", "application/json", _json),
}
