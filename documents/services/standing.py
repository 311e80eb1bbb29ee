"""How far a document is while nobody writes it."""

from __future__ import annotations

from documents.models import Document
from documents.models import DocumentSection


def of(document: Document) -> Document.Status:
    """By its sections."""
    sections = DocumentSection.objects.filter(document=document)
    if not sections.exists():
        return Document.Status.DRAFT
    is_whole = not sections.exclude(status=DocumentSection.Status.COMPLETED).exists()
    return Document.Status.COMPLETED if is_whole else Document.Status.OUTLINED
