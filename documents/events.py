"""What documents tell their clients, each on the user's own stream. A poll of the job or the document says the same."""

from __future__ import annotations

from typing import Any
from typing import ClassVar
from uuid import UUID

from core.realtime.events import Event
from documents.shapes import DocumentFault
from documents.shapes import RunStatus
from documents.shapes import Status

_JOB = "01990000-0000-7000-8000-0000000000e0"
_DOCUMENT = "01990000-0000-7000-8000-0000000000e1"


class _JobEvent(Event):
    job_id: UUID
    document_id: UUID
    status: RunStatus
    progress: int
    """Percent."""
    section: int | None
    """The number of the section it is about."""
    error: DocumentFault | None


class JobStarted(_JobEvent):
    """A document, a section or an outline is going to be written."""

    type: ClassVar[str] = "job_started"
    example: ClassVar[dict[str, Any]] = {
        "job_id": _JOB,
        "document_id": _DOCUMENT,
        "status": "queued",
        "progress": 0,
        "section": None,
        "error": None,
    }


class JobProgressed(_JobEvent):
    """It has come to another section, waits, or goes on."""

    type: ClassVar[str] = "job_progress"
    example: ClassVar[dict[str, Any]] = {
        "job_id": _JOB,
        "document_id": _DOCUMENT,
        "status": "running",
        "progress": 40,
        "section": 3,
        "error": None,
    }


class JobCompleted(_JobEvent):
    """It is done."""

    type: ClassVar[str] = "job_completed"
    example: ClassVar[dict[str, Any]] = {
        "job_id": _JOB,
        "document_id": _DOCUMENT,
        "status": "completed",
        "progress": 100,
        "section": None,
        "error": None,
    }


class JobFailed(_JobEvent):
    """It failed, or was cancelled. What was written is kept, and resuming goes on from there."""

    type: ClassVar[str] = "job_failed"
    example: ClassVar[dict[str, Any]] = {
        "job_id": _JOB,
        "document_id": _DOCUMENT,
        "status": "failed",
        "progress": 40,
        "section": 3,
        "error": {"code": "models_unavailable", "message": "None of the models that may write this answers right now."},
    }


class DocumentUpdated(Event):
    """A document was made or changed, by a person or by a run; clients read it anew when they show it."""

    type: ClassVar[str] = "document.updated"
    example: ClassVar[dict[str, Any]] = {
        "id": _DOCUMENT,
        "status": "generating",
        "stage": "write",
        "outline_version": 2,
        "words": 1200,
        "pages": 4.5,
    }

    id: UUID
    status: Status
    stage: str
    outline_version: int
    words: int
    pages: float


class DocumentDeleted(Event):
    """A document was deleted, on whichever device."""

    type: ClassVar[str] = "document.deleted"
    example: ClassVar[dict[str, Any]] = {"id": _DOCUMENT}

    id: UUID
