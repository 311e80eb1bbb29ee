"""What was told: the events as they stand in the streams."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from accounts.models import User
from core.models import StreamEvent
from messenger.models import Conversation


def events(of: Conversation | User | UUID | str, *, after: int = 0) -> list[tuple[str, dict[str, Any]]]:
    """Type and payload of everything in a stream, in order."""
    return [(row.type, json.loads(row.payload)) for row in _rows(of, after)]


def types(of: Conversation | User | UUID | str, *, after: int = 0) -> list[str]:
    """Only the types."""
    return [row.type for row in _rows(of, after)]


def audiences(of: Conversation | User | UUID | str) -> list[dict[str, Any] | None]:
    """How each event changes who listens."""
    return [row.audience for row in _rows(of, 0)]


def notes(of: Conversation | UUID | str) -> list[str]:
    """What the system said in a conversation, by action."""
    return [payload["system"]["action"] for name, payload in events(of) if name == "message.new" and payload["system"]]


def _rows(of: Conversation | User | UUID | str, after: int) -> list[StreamEvent]:
    key = of.pk if isinstance(of, (Conversation, User)) else of
    return list(StreamEvent.objects.filter(stream_id=key, seq__gt=after).order_by("seq"))
