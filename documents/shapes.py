"""What REST and the socket show of documents; events are made of the same shapes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from typing import Literal
from uuid import UUID

from core.shapes import Page
from core.shapes import Shape

Kind = Literal["thesis", "essay", "article", "report"]
Language = Literal["en", "de", "fr", "es", "it", "cs", "uk", "pl"]
Status = Literal["draft", "outline_generated", "generating", "paused", "completed", "failed"]
SectionStatus = Literal["pending", "researching", "writing", "checking", "styling", "completed", "failed"]
RunKind = Literal["full", "section", "outline"]
RunStatus = Literal["queued", "running", "paused", "completed", "failed", "cancelled"]
PausedFor = Literal["", "tokens", "provider", "payment", "owner"]


class DocumentFault(Shape):
    """Why something failed."""

    code: str
    message: str


class RequirementsShape(Shape):
    """What was read of the file of requirements; it stands in every prompt."""

    characters: int
    preview: str
    """The first 500 characters."""
    truncated: bool
    """The file is longer than what is kept of it."""
    digest: str


class SectionBrief(Shape):
    """An entry of the outline."""

    id: UUID
    number: int
    """From 1."""
    level: int
    title: str
    goal: str
    target_words: int
    needs_sources: bool
    status: SectionStatus
    words: int
    pages: float
    error: DocumentFault | None
    version: int
    """Counts changes of its text."""


class SectionShape(SectionBrief):
    """A section with its text. Blocks are paragraphs, headings, lists and tables; citations are marks in sentences."""

    content: list[dict[str, Any]]
    styled: list[dict[str, Any]] | None
    """After the style pass; null before it."""
    summary: str


class OutlineShape(Shape):
    """The plan of a document."""

    version: int
    """Named with each change; 0: there is none yet."""
    sections: list[SectionBrief]


class DocumentRunShape(Shape):
    """One order to write. ``job_id`` is what `/api/jobs/…` knows it by."""

    job_id: UUID | None
    document_id: UUID
    kind: RunKind
    status: RunStatus
    stage: str
    progress: int
    """Percent."""
    section: int | None
    """The number of the section at work."""
    paused_for: PausedFor
    resumes_at: datetime | None
    """When it goes on by itself."""
    tokens: int
    cost: str
    """Money is text."""
    error: DocumentFault | None
    check_url: str


class DocumentBrief(Shape):
    """A document in a list."""

    id: UUID
    title: str
    kind: Kind
    language: Language
    target_pages: int
    status: Status
    stage: str
    words: int
    pages: float
    is_demo: bool
    created_at: datetime
    updated_at: datetime


class DocumentPage(Page[DocumentBrief]):
    """Documents, newest first."""


class DocumentDetail(DocumentBrief):
    """A document, as far as it is."""

    topic: str
    model: str
    """Empty: the first of those that are set up."""
    citation_style: str
    """Empty: the usual one of the language."""
    additional_requirements: str
    requirements: RequirementsShape | None
    outline: OutlineShape
    run: DocumentRunShape | None
    """The last one."""
    tokens_used: int
    completed_at: datetime | None


class LampShape(Shape):
    """What was found out about a citation, how, and when."""

    lamp: Literal["green", "amber", "red", "grey"]
    reasons: list[str]
    method: str
    evidence: str
    """The words of the source that decided it."""
    detail: str
    at: datetime | None


class DocumentSourceShape(Shape):
    """A work that a document may cite."""

    id: UUID
    key: str
    """"S3", as marks in the text name it."""
    provider: str
    doi: str
    csl: dict[str, Any]
    """CSL-JSON."""
    abstract: str
    passages: list[dict[str, Any]]
    """What may be quoted of it."""
    is_user_added: bool
    is_excluded: bool
    is_demo: bool
    retraction: str
    """The gravest notice about it; empty: none was found."""
    lamps: dict[str, LampShape]
    checked_at: datetime | None


class DocumentSourcePage(Page[DocumentSourceShape]):
    """Sources of a document, in the order in which they came."""


class CitationShape(Shape):
    """A citation: what a sentence takes from which words of a source, and its four lamps."""

    id: UUID
    section: int
    """Its number."""
    number: int
    source: str
    """The key."""
    sentence: str
    claim: str
    quote: str
    locator: str
    lamps: dict[str, LampShape]
    """By `exists`, `metadata`, `retraction`, `support`."""
    override_reason: str
    overridden_at: datetime | None
    confirmed_at: datetime | None


class CitationPage(Page[CitationShape]):
    """Citations of a document, in the order of reading."""


class ExportReportShape(Shape):
    """What a file has. `pages` is null for a Word file: the program that opens it makes them."""

    pages: int | None
    words: int
    headings: int
    tables: int
    notes: int
    references: int
    is_tagged: bool
    standard: str
    """"ua-1" where a PDF keeps to PDF/UA-1."""


class DocumentExportShape(Shape):
    """A file of a document."""

    id: UUID
    format: Literal["docx", "pdf"]
    download_url: str
    file_size: int
    expires_at: datetime | None
    report: ExportReportShape


class DocumentQuoteLineShape(Shape):
    """One line of what it costs; ``price`` is a decimal of the currency."""

    unit: str
    count: int
    billed: int
    price: str


class DocumentQuoteShape(Shape):
    """What it costs to write what is not written, before anything begins. ``amount`` is in cents; 0: only tokens."""

    digest: str
    pages: int
    lines: list[DocumentQuoteLineShape]
    amount: int
    currency: str
    tokens: int
    """An estimate."""
    tokens_left: int | None
    """null: without limit."""
    valid_until: datetime


class WriterShape(Shape):
    """A model that may write documents."""

    id: str
    name: str
    provider: str
    min_tier: str
    available: bool
    """Whether the plan of who asks has it."""
    default: bool
    is_demo: bool
    context_window: int
    max_output_tokens: int


class WritersShape(Shape):
    """In the order in which they are tried."""

    models: list[WriterShape]


class DocumentUsageShape(Shape):
    """What a person's documents have used."""

    user_id: UUID
    documents: int
    pages: float
    words: int
    calls: int
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    tokens_left: int | None
    """Of the running window; null: without limit."""
    resets_at: datetime
