"""What the owner's devices are told as a document is written; called in the transaction that writes it."""

from __future__ import annotations

from uuid import UUID

from core.realtime import streams
from core.realtime.names import user_stream
from documents.events import DocumentDeleted
from documents.events import DocumentUpdated
from documents.events import JobCompleted
from documents.events import JobFailed
from documents.events import JobProgressed
from documents.events import JobStarted
from documents.models import Document
from documents.models import DocumentRun
from documents.shapes import DocumentFault

JOB_EVENTS = (JobStarted, JobProgressed, JobCompleted, JobFailed)
DOCUMENT_EVENTS = (DocumentUpdated, DocumentDeleted)
JobEvent = JobStarted | JobProgressed | JobCompleted | JobFailed
_BY_STATUS: dict[str, type[JobEvent]] = {
    DocumentRun.Status.QUEUED: JobStarted,
    DocumentRun.Status.COMPLETED: JobCompleted,
    DocumentRun.Status.FAILED: JobFailed,
    DocumentRun.Status.CANCELLED: JobFailed,
}


def updated(document: Document) -> None:
    """It is not as it was."""
    streams.append(user_stream(document.user_id), event_of(document))


def event_of(document: Document) -> DocumentUpdated:
    """How it stands."""
    return DocumentUpdated(
        id=document.pk,
        status=document.status,
        stage=document.stage,
        outline_version=document.outline_version,
        words=document.words,
        pages=document.pages,
    )


def event_of_run(row: DocumentRun) -> JobEvent | None:
    """How a run stands; None before it has a job."""
    return _event(row, _BY_STATUS.get(row.status, JobProgressed))


def deleted(user_id: UUID, document_id: UUID) -> None:
    """It is gone, on all devices."""
    streams.append(user_stream(user_id), DocumentDeleted(id=document_id))


def started(row: DocumentRun) -> None:
    """Something is going to be written."""
    _tell(row, JobStarted)


def progressed(row: DocumentRun) -> None:
    """It has come to another section, waits, or goes on."""
    _tell(row, JobProgressed)


def ended(row: DocumentRun) -> None:
    """It is over, well or not."""
    _tell(row, JobCompleted if row.status == DocumentRun.Status.COMPLETED else JobFailed)


def _tell(row: DocumentRun, kind: type[JobEvent]) -> None:
    if (event := _event(row, kind)) is not None:
        streams.append(user_stream(row.user_id), event)


def _event(row: DocumentRun, kind: type[JobEvent]) -> JobEvent | None:
    if row.job_id is None:
        return None
    return kind(
        job_id=row.job_id,
        document_id=row.document_id,
        status=row.status,
        progress=row.progress,
        section=row.section_now,
        error=DocumentFault(code=row.error_code, message=row.error_message) if row.error_code else None,
    )
