"""What nobody looks after any more: runs without a job, steps whose hold was swept, documents that were deleted."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from core.models import Job
from documents import limits
from documents.errors import RunLost
from documents.models import Document
from documents.models import DocumentRun
from documents.models import DocumentStep
from documents.services import ending


def sweep() -> int:
    """Fail live runs whose job is gone; returns how many."""
    jobs = Job.objects.filter(finished_at=None).values("pk")
    lost = DocumentRun.objects.live().exclude(job_id__in=jobs).exclude(job_id=None)
    count = 0
    for pk in list(lost.values_list("pk", flat=True)):
        with transaction.atomic():
            row = lost.select_for_update(of=("self",)).filter(pk=pk).first()
            if row is not None:
                ending.fail(row, RunLost())
                count += 1
    return count


def forget() -> int:
    """Remove documents that were deleted long enough ago, each with its file; returns how many."""
    old = Document.objects.filter(archived_at__lt=timezone.now() - limits.ARCHIVED_TIME)
    gone = 0
    for document in old.order_by("pk").iterator(chunk_size=50):
        with transaction.atomic():
            if document.requirements_file is not None:
                document.requirements_file.delete()
            document.delete()
        gone += 1
    return gone


def hold_swept(key: str) -> bool:
    """The hold of a step was settled by the sweeper, as nothing was heard of it: its next try makes another one."""
    running = DocumentStep.objects.filter(hold_key=key, state=DocumentStep.State.RUNNING)
    return bool(running.update(state=DocumentStep.State.FAILED, error_code="lost"))
