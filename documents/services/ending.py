"""The end of a run, however it comes; and its pauses. The row of a run never says otherwise than its job does."""

from __future__ import annotations

from django.db import IntegrityError
from django.db import transaction
from django.utils import timezone

from billing import metering
from core.errors import DomainError
from core.errors import NotFound
from core.jobs import services as jobs
from core.models import Job
from documents.errors import RunLost
from documents.errors import RunRunning
from documents.models import Document
from documents.models import DocumentRun
from documents.models import DocumentSection
from documents.models import DocumentStep
from documents.services import paying
from documents.services import standing
from documents.services import telling

Run = DocumentRun.Status
_AT_WORK = (
    DocumentSection.Status.RESEARCHING,
    DocumentSection.Status.WRITING,
    DocumentSection.Status.CHECKING,
    DocumentSection.Status.STYLING,
)


def cancel_live(document: Document) -> None:
    """What is being written of it ends: at once when it waits, at its next look when it runs."""
    ids = DocumentRun.objects.live().filter(document=document, job_id__isnull=False).values("job_id")
    for job in Job.objects.filter(pk__in=ids):
        jobs.cancel(job)


def of_job(job: Job) -> None:
    """The job failed for good or was cancelled: so has its run, unless that was said before."""
    row = _row(job)
    if row is None or not row.is_live:
        return
    if job.state == Job.State.CANCELLED:
        end(row, Run.CANCELLED)
    else:
        fail(row, RunLost(job.error or None))


def moved(job: Job) -> None:
    """The job was paused by its owner, or goes on. Raises RunRunning when another run of the document is live, and
    NotFound for one that was deleted."""
    row = _row(job)
    if row is None:
        return
    if job.state != Job.State.PAUSED and row.document.archived_at is not None:
        raise NotFound
    if job.state == Job.State.PAUSED:
        row.status, row.paused_for, row.resumes_at = Run.PAUSED, DocumentRun.Pause.OWNER, None
    else:
        row.status, row.paused_for, row.resumes_at, row.finished_at = Run.QUEUED, "", None, None
        row.error_code = row.error_message = ""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise RunRunning from None
    document_follows(row)
    telling.progressed(row)


def fail(row: DocumentRun, error: DomainError) -> None:
    """It failed at the section that is at work; what was written before stays. In the caller's transaction."""
    row.error_code, row.error_message = error.code, error.sentence[:500]
    at = DocumentSection.objects.filter(document_id=row.document_id, status__in=_AT_WORK)
    at.update(status=DocumentSection.Status.FAILED, error_code=row.error_code, error_message=row.error_message)
    end(row, Run.FAILED)


def end(row: DocumentRun, status: DocumentRun.Status) -> None:
    """It is over. In the caller's transaction."""
    row.status, row.finished_at, row.paused_for, row.resumes_at = status, timezone.now(), "", None
    row.stage = ""
    if status == Run.COMPLETED:
        row.progress, row.section_now = 100, None
    row.save()
    # Its order is locked before balances are.
    if status != Run.FAILED:
        paying.give_back(row, "What was paid for was not all written.")
    _let_go(row)
    if status == Run.CANCELLED:
        at = DocumentSection.objects.filter(document_id=row.document_id, status__in=_AT_WORK)
        at.update(status=DocumentSection.Status.PENDING)
    document_follows(row)
    telling.ended(row)


def document_follows(row: DocumentRun) -> None:
    """The document's status says what its last run does. In the caller's transaction."""
    document = Document.objects.select_for_update(of=("self",)).get(pk=row.document_id)
    document.stage = row.stage if row.is_live else ""
    document.status = _status(document, row)
    if document.status == Document.Status.COMPLETED:
        document.completed_at = document.completed_at or timezone.now()
    document.save(update_fields=["status", "stage", "completed_at", "updated_at"])
    if document.archived_at is None:
        telling.updated(document)


def _status(document: Document, row: DocumentRun) -> Document.Status:
    writes = row.kind != DocumentRun.Kind.OUTLINE
    if row.status == Run.PAUSED and writes:
        return Document.Status.PAUSED
    if row.is_live and writes:
        return Document.Status.GENERATING
    if row.status == Run.FAILED and writes:
        return Document.Status.FAILED
    return standing.of(document)


def _let_go(row: DocumentRun) -> None:
    """Holds of steps that nobody is at any more cost nothing."""
    running = DocumentStep.objects.filter(document_id=row.document_id, state=DocumentStep.State.RUNNING)
    for step in running:
        if step.hold_key:
            metering.settle(step.hold_key, source="local")
    running.update(state=DocumentStep.State.FAILED, error_code="ended")


def _row(job: Job) -> DocumentRun | None:
    rows = DocumentRun.objects.select_for_update(of=("self",))
    return rows.filter(job_id=job.pk).first()
