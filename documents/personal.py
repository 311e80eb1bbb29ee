"""What documents keep of people: texts, what they rest on, and the record of how they were written."""

from __future__ import annotations

from uuid import UUID

from core.jobs.services import cancel
from core.models import Job
from core.personal import Holding
from core.personal import Work
from core.personal import in_batches
from documents.models import Document
from documents.models import DocumentCitation
from documents.models import DocumentExport
from documents.models import DocumentRun
from documents.models import DocumentSection
from documents.models import DocumentSource
from documents.models import DocumentStep

HOLDINGS = [
    Holding(
        model="documents.Document",
        rows=lambda user_id: Document.objects.filter(user_id=user_id),
        leave_out=("fingerprint",),
    ),
    Holding(
        model="documents.DocumentSection",
        rows=lambda user_id: DocumentSection.objects.filter(document__user_id=user_id),
    ),
    Holding(model="documents.DocumentRun", rows=lambda user_id: DocumentRun.objects.filter(user_id=user_id)),
    Holding(
        model="documents.DocumentStep",
        rows=lambda user_id: DocumentStep.objects.filter(document__user_id=user_id),
        leave_out=("input_hash", "hold_key"),
    ),
    Holding(
        model="documents.DocumentSource",
        rows=lambda user_id: DocumentSource.objects.filter(document__user_id=user_id),
        leave_out=("fingerprint",),
    ),
    Holding(
        model="documents.DocumentCitation",
        rows=lambda user_id: DocumentCitation.objects.filter(section__document__user_id=user_id),
        leave_out=("sentence_hash",),
    ),
    Holding(
        model="documents.DocumentExport",
        rows=lambda user_id: DocumentExport.objects.filter(document__user_id=user_id),
        leave_out=("content_digest",),
    ),
]

_PUBLIC = "What catalogues say of published works, for everybody: nothing tells who asked."
NOT_PERSONAL = {"documents.ScholarlyWork": _PUBLIC, "documents.ScholarlySearch": _PUBLIC}


def erase(user_id: UUID, work: Work) -> None:
    """Everything of a person, one document at a time: it may have thousands of steps."""
    for job in Job.objects.filter(owner_id=user_id, kind__startswith="documents.", finished_at=None):
        cancel(job)
    in_batches(Document.objects.filter(user_id=user_id), work, size=1)
