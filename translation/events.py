"""What translation tells its clients, each on the user's own stream. A poll of the document says the same."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from typing import ClassVar
from uuid import UUID

from core.realtime.events import Event
from translation.shapes import ChunkBrief
from translation.shapes import FaultShape
from translation.shapes import Kind
from translation.shapes import Stage
from translation.shapes import Status

_TRANSLATION = "01990000-0000-7000-8000-0000000000d0"
_FILE = "01990000-0000-7000-8000-0000000000d1"


class TranslationUpdated(Event):
    """A translation has come to another stage."""

    type: ClassVar[str] = "translation.updated"
    example: ClassVar[dict[str, Any]] = {
        "id": _TRANSLATION,
        "kind": "document",
        "status": "completed",
        "stage": "done",
        "progress": 100,
        "chunk_done": 12,
        "chunk_count": 12,
        "error": None,
        "result_file_id": _FILE,
        "expires_at": "2026-12-29T12:00:00Z",
    }

    id: UUID
    kind: Kind
    status: Status
    stage: Stage
    progress: int
    """Percent."""
    chunk_done: int
    chunk_count: int
    error: FaultShape | None
    result_file_id: UUID | None
    expires_at: datetime | None
    """When its files are deleted."""


class TranslationProgressed(Event):
    """How far a part of it is; at most one a second."""

    type: ClassVar[str] = "translation.progressed"
    durable: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = {
        "id": _TRANSLATION,
        "progress": 40,
        "chunk": {"number": 3, "state": "sent", "progress": 60},
    }

    id: UUID
    progress: int
    """Percent, of the whole."""
    chunk: ChunkBrief


class TranslationDeleted(Event):
    """A translation was deleted, on whichever device."""

    type: ClassVar[str] = "translation.deleted"
    example: ClassVar[dict[str, Any]] = {"id": _TRANSLATION}

    id: UUID
