"""What the chat tells its owner's other tabs and devices, in the owner's own stream.

Only that something happened, never what was said: an event is kept for a month, and what was deleted or was temporary
must not be found in it. Who shows the chat reads it by REST.
"""

from __future__ import annotations

from typing import Any
from typing import ClassVar
from typing import Literal
from uuid import UUID

from core.realtime.events import Event

_CHAT = "01990000-0000-7000-8000-0000000000c1"
_ANSWER = "01990000-0000-7000-8000-0000000000a1"


class ChatCreated(Event):
    """You have begun a chat."""

    type: ClassVar[str] = "chat.created"
    example: ClassVar[dict[str, Any]] = {"chat_id": _CHAT}

    chat_id: UUID


class ChatUpdated(Event):
    """A chat of yours has another title, place, setting or shown branch."""

    type: ClassVar[str] = "chat.updated"
    example: ClassVar[dict[str, Any]] = {"chat_id": _CHAT}

    chat_id: UUID


class ChatDeleted(Event):
    """A chat of yours is gone."""

    type: ClassVar[str] = "chat.deleted"
    example: ClassVar[dict[str, Any]] = {"chat_id": _CHAT}

    chat_id: UUID


class ChatsImported(Event):
    """Chats that you brought from elsewhere are here."""

    type: ClassVar[str] = "chats.imported"
    example: ClassVar[dict[str, Any]] = {"count": 128}

    count: int


class AnswerStarted(Event):
    """An answer is being written in a chat of yours, to a new question or an old one; its stream can be followed."""

    type: ClassVar[str] = "answer.started"
    example: ClassVar[dict[str, Any]] = {"chat_id": _CHAT, "message_id": _ANSWER}

    chat_id: UUID
    message_id: UUID


class AnswerEnded(Event):
    """That answer is not being written any more."""

    type: ClassVar[str] = "answer.ended"
    example: ClassVar[dict[str, Any]] = {"chat_id": _CHAT, "message_id": _ANSWER, "status": "complete"}

    chat_id: UUID
    message_id: UUID
    status: Literal["complete", "incomplete", "stopped", "failed"]
