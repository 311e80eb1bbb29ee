"""Starting to write: an outline, a section, or all that is missing, each as one job."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError
from django.db import transaction

from accounts.models import User
from core import jobs
from core.errors import IdempotencyMismatch
from core.errors import NotFound
from documents import limits
from documents.errors import NothingToWrite
from documents.errors import OutlineMissing
from documents.errors import RunRunning
from documents.errors import SectionWritten
from documents.errors import TooManyRuns
from documents.models import Document
from documents.models import DocumentRun
from documents.models import DocumentSection
from documents.services import changing
from documents.services import ending
from documents.services import outlines
from documents.services import telling
from documents.services import writers

GENERATE = "documents.generate"


def outline(actor: User, document_id: UUID, *, requirements: str | None = None) -> DocumentRun:
    """Plan the sections anew. Raises NotFound, RunRunning, SectionWritten, TooManyRuns, ModelsUnavailable."""
    with transaction.atomic():
        document = _ready(actor, document_id, requirements)
        outlines.refuse_written(document)
        return _begin(actor, document, DocumentRun.Kind.OUTLINE)


def section(
    actor: User, document_id: UUID, index: int, *, title: str | None = None, requirements: str | None = None
) -> DocumentRun:
    """Write the section of this number, from 1. Raises as :func:`outline` does, and OutlineMissing.

    A ``title`` is its new one. One that is written is refused: SectionWritten.
    """
    with transaction.atomic():
        document = _ready(actor, document_id, requirements)
        _require_outline(document)
        found = DocumentSection.objects.filter(document=document, number=index).first()
        if found is None:
            raise NotFound
        if found.status == DocumentSection.Status.COMPLETED:
            raise SectionWritten(section=index)
        if title:
            DocumentSection.objects.filter(pk=found.pk).update(title=title)
        return _begin(actor, document, DocumentRun.Kind.SECTION, section_now=index)


def whole(
    actor: User,
    document_id: UUID,
    *,
    model: str | None = None,
    requirements: str | None = None,
    client_id: str | None = None,
) -> DocumentRun:
    """Write all sections that are not written. The same ``client_id`` gives the same run.

    Raises as :func:`section` does, NothingToWrite, IdempotencyMismatch, and what a model is refused with.
    """
    writers.check(actor, model or "")
    if known := _known(actor, document_id, client_id):
        return known
    with transaction.atomic():
        document = _ready(actor, document_id, requirements)
        _require_outline(document)
        if not DocumentSection.objects.filter(document=document).exclude(status="completed").exists():
            raise NothingToWrite
        return _begin(actor, document, DocumentRun.Kind.FULL, model=model or "", client_id=client_id or None)


def _known(actor: User, document_id: UUID, client_id: str | None) -> DocumentRun | None:
    if not client_id:
        return None
    found = DocumentRun.objects.visible_to(actor).filter(client_id=client_id).first()
    if found is not None and found.document_id != document_id:
        raise IdempotencyMismatch
    return found


def _ready(actor: User, document_id: UUID, requirements: str | None) -> Document:
    """The document, locked, of which nothing is being written."""
    document = changing.locked(actor, document_id)
    changing.refuse_while_written(document)
    if requirements is not None and requirements != document.additional_requirements:
        document.additional_requirements = requirements
        document.save(update_fields=["additional_requirements", "updated_at"])
    return document


def _require_outline(document: Document) -> None:
    if not document.outline_version or not DocumentSection.objects.filter(document=document).exists():
        raise OutlineMissing


def _begin(actor: User, document: Document, kind: DocumentRun.Kind, **fields: object) -> DocumentRun:
    writers.of(actor, str(fields.get("model", "")), document.model)
    # The user's row is locked, so that many who start at once are counted one after the other.
    User.objects.select_for_update().get(pk=actor.pk)
    if DocumentRun.objects.live().filter(user_id=actor.pk).count() >= limits.LIVE_RUNS:
        raise TooManyRuns
    try:
        with transaction.atomic():
            row = DocumentRun.objects.create(document=document, user=actor, kind=kind, **fields)
    except IntegrityError:
        raise RunRunning from None
    job = jobs.enqueue(GENERATE, payload={"run": str(row.pk)}, owner=actor)
    row.job_id = job.pk
    row.save(update_fields=["job_id"])
    ending.document_follows(row)
    telling.started(row)
    return row
