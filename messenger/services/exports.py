"""A conversation as a file, written piece by piece so that a long one needs no memory."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from django.utils import timezone

from accounts.models import User
from core.db_threads import in_db_thread
from messenger.models import Message
from messenger.presentation import messages

_PAGE = 200
"""Messages read at once."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is written, and for whom."""

    reader: User
    conversation: dict[str, Any]
    """As a ``ConversationShape`` shows it to them."""


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a conversation."""

    content_type: str
    write: Callable[[Source], AsyncIterator[bytes]]


def file_name(conversation_name: str, extension: str) -> str:
    """The name as a file name that no system takes for a path."""
    name = re.sub(r"[^\w\-]+", "-", conversation_name).strip("-_")[:80]
    return f"{name or 'conversation'}.{extension}"


async def _json(source: Source) -> AsyncIterator[bytes]:
    shown = ("id", "type", "name", "created_at", "participants", "participant_count")
    about = {name: source.conversation[name] for name in shown}
    head = msgspec.json.encode({"conversation": about, "exported_at": timezone.now()})
    yield head[:-1] + b',"messages":['
    separator = b""
    async for page in _pages(source):
        yield separator + b",".join(msgspec.json.encode(message) for message in page)
        separator = b","
    yield b"]}\n"


async def _text(source: Source) -> AsyncIterator[bytes]:
    yield f"{source.conversation['name']}\nExported {timezone.now():%Y-%m-%d %H:%M} UTC\n\n".encode()
    async for page in _pages(source):
        yield "".join(_line(message) for message in page).encode()


def _line(message: dict[str, Any]) -> str:
    """``[2026-01-31 12:00] alice: Tea at five?``; what belongs to the same message is indented below it."""
    sender = message["sender"]["name"] if message["sender"] else "-"
    said = " ".join(part for part in _said(message) if part).replace("\n", "\n    ")
    return f"[{message['created_at']:%Y-%m-%d %H:%M}] {sender}: {said}\n"


def _said(message: dict[str, Any]) -> Iterator[str]:
    if message["is_deleted"]:
        yield "(deleted)"
    if note := message["system"]:
        who = note["actor"]["name"] if note["actor"] else ""
        yield " ".join(filter(None, ["*", who, note["action"], ", ".join(one["name"] for one in note["people"])]))
    yield message["content"]
    if message["media"]:
        yield f"({message['media']['name']})"


async def _pages(source: Source) -> AsyncIterator[list[dict[str, Any]]]:
    """The messages in their order. Who is no longer a member gets no further page."""
    after = 0
    while page := await in_db_thread(_page, source, after):
        yield page
        after = page[-1]["seq"]


def _page(source: Source, after: int) -> list[dict[str, Any]]:
    rows = Message.objects.visible_to(source.reader).filter(conversation=source.conversation["id"], seq__gt=after)
    ids = list(rows.order_by("seq").values_list("pk", flat=True)[:_PAGE])
    found = messages.shown(ids)
    return [found[key] for key in ids if key in found]


FORMS = {
    "json": Form("application/json", _json),
    "txt": Form("text/plain; charset=utf-8", _text),
}
