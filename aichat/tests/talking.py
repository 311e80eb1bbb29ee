"""Talking to the chat through the real ASGI application, and reading its events."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from collections.abc import AsyncIterator
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.test import AsyncClient

from accounts.models import User
from aichat import shapes
from aichat.models import Chat
from aichat.models import ChatMessage
from aichat.services import chats
from conftest import bearer
from core.shapes import Shape


@dataclass(frozen=True)
class Event:
    """One server-sent event; ``event`` is ``message`` when it has no name."""

    event: str
    id: str
    data: dict[str, Any]

    @property
    def position(self) -> int:
        return int(self.id.partition(".")[0])

    @property
    def is_last(self) -> bool:
        return self.id.endswith(".done")


def parse(raw: str) -> Event | None:
    """An event of its lines, None for a comment; one that is not in its shape fails."""
    fields = dict(line.split(": ", 1) for line in raw.splitlines() if not line.startswith(":"))
    if not fields:
        return None
    event = Event(fields.get("event", "message"), fields.get("id", ""), json.loads(fields["data"]))
    _shape(event).model_validate(event.data)
    return event


def _shape(event: Event) -> type[Shape]:
    named: dict[str, type[Shape]] = {
        "start": shapes.StartEvent,
        "error": shapes.ErrorEvent,
        "thinking": shapes.ThinkingEvent,
    }
    return named.get(event.event) or (shapes.DoneEvent if event.is_last else shapes.DeltaEvent)


async def events_of(content: AsyncIterator[bytes]) -> AsyncGenerator[Event]:
    """The events of a body as they arrive."""
    buffer = ""
    async for chunk in content:
        buffer += chunk.decode()
        while "\n\n" in buffer:
            raw, buffer = buffer.split("\n\n", 1)
            if (event := parse(raw)) is not None:
                yield event


def text_of(events: Iterable[Event]) -> str:
    """The text the deltas of some events make."""
    return "".join(event.data.get("delta", "") for event in events if event.event == "message")


class Talk:
    """A signed-in user in an event loop."""

    def __init__(self, user: User, headers: dict[str, str]) -> None:
        self.user = user
        self.client = AsyncClient()
        self.headers = headers

    @classmethod
    async def of(cls, user: User) -> Talk:
        return cls(user, await sync_to_async(bearer)(user))

    async def chat(self, **fields: Any) -> Chat:
        return await sync_to_async(chats.create_chat)(self.user, **fields)

    async def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return await self.client.post(path, body or {}, content_type="application/json", headers=self.headers)

    async def get(self, path: str, **headers: str) -> Any:
        return await self.client.get(path, headers=self.headers | headers)

    async def open(self, chat: Chat, content: str, **body: Any) -> AsyncGenerator[Event]:
        """Ask, and return the running stream."""
        response = await self.post(f"/api/chats/{chat.pk}/messages", {"content": content} | body)
        assert response.status_code == 200, await _body(response)
        return events_of(aiter(response.streaming_content))

    async def ask(self, chat: Chat, content: str, **body: Any) -> list[Event]:
        """Ask, and read to the end."""
        return [event async for event in await self.open(chat, content, **body)]

    async def act(self, message: ChatMessage | UUID, verb: str, body: dict[str, Any] | None = None) -> list[Event]:
        """``regenerate`` or ``continue``, read to the end."""
        response = await self.post(await _path(message, verb), body)
        assert response.status_code == 200, await _body(response)
        return [event async for event in events_of(aiter(response.streaming_content))]

    async def resume(self, message: ChatMessage | UUID, last_id: str = "") -> list[Event]:
        headers = {"Last-Event-ID": last_id} if last_id else {}
        response = await self.get(await _path(message, "stream"), **headers)
        assert response.status_code == 200, await _body(response)
        return [event async for event in events_of(aiter(response.streaming_content))]


async def _path(message: ChatMessage | UUID, verb: str) -> str:
    row = message if isinstance(message, ChatMessage) else await ChatMessage.objects.aget(pk=message)
    return f"/api/chats/{row.chat_id}/messages/{row.pk}/{verb}"


async def _body(response: Any) -> str:
    if response.streaming:
        return "".join([chunk.decode() async for chunk in response.streaming_content])
    return str(response.content)
