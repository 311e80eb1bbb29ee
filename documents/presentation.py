"""Documents as REST shows them; a few statements, however many sections there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from billing.models import Quote
from core.jobs.models import Job
from documents import limits
from documents import shapes
from documents.models import Document
from documents.models import DocumentCitation
from documents.models import DocumentExport
from documents.models import DocumentRun
from documents.models import DocumentSection
from documents.models import DocumentSource

_TEXTS = ("content", "styled", "summary")


def briefs(rows: Sequence[Document]) -> list[shapes.DocumentBrief]:
    """For a list."""
    return [shapes.DocumentBrief(**_brief(row)) for row in rows]


def full(document: Document) -> shapes.DocumentDetail:
    """All that its owner may know of it but the texts of its sections."""
    last = DocumentRun.objects.filter(document=document).order_by("-id").first()
    return shapes.DocumentDetail(
        **_brief(document),
        topic=document.topic,
        model=document.model,
        citation_style=document.citation_style,
        additional_requirements=document.additional_requirements,
        requirements=requirements(document),
        outline=outline(document),
        run=run(last) if last else None,
        tokens_used=document.tokens_used,
        completed_at=document.completed_at,
    )


def requirements(document: Document) -> shapes.RequirementsShape | None:
    """What was read of the file; None where there is none."""
    text = document.requirements_text
    if not text:
        return None
    return shapes.RequirementsShape(
        characters=len(text),
        preview=text[: limits.PREVIEW_CHARS],
        truncated=len(text) >= limits.REQUIREMENTS_CHARS,
        digest=document.requirements_digest,
    )


def outline(document: Document) -> shapes.OutlineShape:
    """The plan, in the order of reading."""
    rows = DocumentSection.objects.filter(document=document).order_by("number").defer(*_TEXTS)
    sections = [shapes.SectionBrief(**_section(row)) for row in rows]
    return shapes.OutlineShape(version=document.outline_version, sections=sections)


def section(row: DocumentSection) -> shapes.SectionShape:
    """One of them, with its text."""
    return shapes.SectionShape(**_section(row), content=row.content, styled=row.styled, summary=row.summary)


def run(row: DocumentRun) -> shapes.DocumentRunShape:
    """An order to write."""
    return shapes.DocumentRunShape(**_run(row), job_id=row.job_id, check_url=f"/api/jobs/{row.job_id}/status")


def quote(row: Quote, tokens_left: int | None) -> shapes.DocumentQuoteShape:
    """What it costs; ``tokens_left`` None: without limit."""
    return shapes.DocumentQuoteShape(
        digest=row.digest,
        pages=row.units,
        lines=[shapes.DocumentQuoteLineShape(**line) for line in row.lines],
        amount=row.amount,
        currency=row.currency,
        tokens=row.tokens,
        tokens_left=tokens_left,
        valid_until=row.valid_until,
    )


def source(row: DocumentSource) -> shapes.DocumentSourceShape:
    """A work that may be cited."""
    return shapes.DocumentSourceShape(
        id=row.pk,
        key=row.key,
        provider=row.provider,
        doi=row.doi,
        csl=row.csl,
        abstract=row.abstract,
        passages=row.passages,
        is_user_added=row.is_user_added,
        is_excluded=row.is_excluded,
        is_demo=row.is_demo,
        retraction=row.retraction,
        lamps=_lamps(row.lamps),
        checked_at=row.checked_at,
    )


def citation(row: DocumentCitation) -> shapes.CitationShape:
    """One of which section and source are there."""
    return shapes.CitationShape(
        id=row.pk,
        section=row.section.number,
        number=row.number,
        source=row.source.key,
        sentence=row.sentence,
        claim=row.claim,
        quote=row.quote,
        locator=row.locator,
        lamps=_lamps(row.lamps),
        override_reason=row.override_reason,
        overridden_at=row.overridden_at,
        confirmed_at=row.confirmed_at,
    )


def export(row: DocumentExport) -> shapes.DocumentExportShape:
    """A file that is there."""
    return shapes.DocumentExportShape(
        id=row.pk,
        format=row.format,
        download_url=f"/api/documents/{row.document_id}/export/{row.format}",
        file_size=row.file.size if row.file else 0,
        expires_at=row.expires_at,
        report=shapes.ExportReportShape(**row.report),
    )


def _lamps(stored: dict[str, Any]) -> dict[str, shapes.LampShape]:
    return {name: shapes.LampShape(**lamp) for name, lamp in stored.items()}


def of_jobs(rows: Sequence[Job]) -> dict[UUID, dict[str, Any]]:
    """What `/api/jobs` adds to the jobs of documents."""
    found = DocumentRun.objects.filter(job_id__in=[row.pk for row in rows])
    return {row.job_id: _of_job(row) for row in found if row.job_id}


def _of_job(row: DocumentRun) -> dict[str, Any]:
    # Status and progress are the job's own, which knows them as soon as they change.
    told = {key: value for key, value in _run(row).items() if key not in {"status", "progress", "kind", "error"}}
    return told | {"run_kind": row.kind, "error_code": row.error_code}


def _brief(row: Document) -> dict[str, Any]:
    return {
        "id": row.pk,
        "title": row.title,
        "kind": row.kind,
        "language": row.language,
        "target_pages": row.target_pages,
        "status": row.status,
        "stage": row.stage,
        "words": row.words,
        "pages": row.pages,
        "is_demo": row.is_demo,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def _section(row: DocumentSection) -> dict[str, Any]:
    return {
        "id": row.pk,
        "number": row.number,
        "level": row.level,
        "title": row.title,
        "goal": row.goal,
        "target_words": row.target_words,
        "needs_sources": row.needs_sources,
        "status": row.status,
        "words": row.words,
        "pages": row.pages,
        "error": _fault(row.error_code, row.error_message),
        "version": row.version,
    }


def _run(row: DocumentRun) -> dict[str, Any]:
    return {
        "document_id": row.document_id,
        "kind": row.kind,
        "status": row.status,
        "stage": row.stage,
        "progress": row.progress,
        "section": row.section_now,
        "paused_for": row.paused_for,
        "resumes_at": row.resumes_at,
        "tokens": row.tokens,
        "cost": str(row.cost),
        "error": _fault(row.error_code, row.error_message),
    }


def _fault(code: str, message: str) -> shapes.DocumentFault | None:
    return shapes.DocumentFault(code=code, message=message) if code else None
