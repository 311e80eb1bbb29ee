"""What REST and the socket show of translations of documents."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from core.shapes import Page
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


Path = Literal["", "native", "in_place"]


class OfferShape(Shape):
    """One way to have a document translated. Money is text."""

    service: str
    label: str
    plan: str
    path: Path
    is_demo: bool
    characters: int
    billed_chars: int
    minimum_chars: int
    """The service bills so many for each file at least; 0: what there is."""
    chunk_count: int
    """Units of 1,800 characters."""
    price_per_1800_chars: str
    cost: str
    currency: str
    tokens: int
    parts: int
    keeps_data: str
    digest: str
    finishes_at: datetime | None
    """When the tokens for all of it will have come, where those that are left are not enough."""


class LineShape(Shape):
    """A line of a quote."""

    unit: str
    count: int
    billed: int
    price: str


class QuoteShape(Shape):
    """What it costs, before anything begins."""

    lines: list[LineShape]
    cost: str
    currency: str
    tokens: int
    tokens_left: int | None
    """null: without limit."""
    finishes_at: datetime | None
    """When the tokens for all of it will have come, where those that are left are not enough."""
    digest: str
    valid_until: datetime
    others: list[OfferShape]
    """All the ways, the one it is about first."""
    warnings: list[str]


class ChunkShape(Shape):
    """A part of a document."""

    number: int
    pages: list[int] | None
    """The first and the last one, from 1; null where there are none."""
    state: ChunkState
    progress: int
    error: FaultShape | None


class SampleShape(Shape):
    """One paragraph of the free sample."""

    source: str
    target: str


class PreviewShape(Shape):
    """The free sample of the beginning, set in our layout."""

    service: str
    is_demo: bool
    segments: list[SampleShape]


class FilesShape(Shape):
    """What can be fetched, and until when."""

    result: UUID | None
    bilingual: UUID | None
    expire_at: datetime | None


class QualityShape(Shape):
    """How many segments a person should look at."""

    segments: int
    flagged: int
    failed: int
    flags: dict[str, int]


class DocumentShape(Shape):
    """A document, as far as it is. Money is text."""

    id: UUID
    kind: Kind
    status: Status
    stage: Stage
    progress: int
    name: str
    format: str
    source_lang: str
    detected_lang: str
    detected_sure: bool | None
    target_lang: str
    service: str
    plan: str
    path: Path
    is_demo: bool
    pages: int | None
    """null where there are none, and before it was read."""
    char_count: int
    billed_chars: int
    chunk_count: int
    part_count: int
    part_done: int
    cost: str
    currency: str
    tokens_estimated: int
    tokens_charged: int
    order_id: UUID | None
    error: FaultShape | None
    quote: QuoteShape | None
    chunks: list[ChunkShape]
    quality: QualityShape | None
    preview: PreviewShape | None
    files: FilesShape
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


class SegmentShape(Shape):
    """A segment for review. Markers such as `⟦1⟧` stand for what looks different."""

    number: int
    kind: str
    source: str
    target: str
    state: Literal["new", "done", "flagged", "failed"]
    flags: list[str]
    is_edited: bool


class SegmentPage(Page[SegmentShape]):
    """Segments in the order of the document."""
