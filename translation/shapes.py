"""What REST and the socket show of translations of documents."""

from __future__ import annotations

from typing import Literal

from core.shapes import Shape

Kind = Literal["text", "document"]
Status = Literal["pending", "processing", "completed", "failed", "cancelled"]
Stage = Literal[
    "",
    "inspecting",
    "ready",
    "paying",
    "queued",
    "working",
    "waiting_tokens",
    "waiting_service",
    "merging",
    "done",
    "failed",
    "cancelled",
]
ChunkState = Literal["waiting", "uploading", "sent", "fetching", "working", "done", "failed", "cancelled"]


class FaultShape(Shape):
    """Why something failed."""

    code: str
    message: str


class ChunkBrief(Shape):
    """A part of a document, as it goes on."""

    number: int
    state: ChunkState
    progress: int
    """Percent."""
