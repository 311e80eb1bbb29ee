"""How long a section is to be, after what those before it have really filled: pages are measured, words planned."""

from __future__ import annotations

from documents.models import Document
from documents.models import DocumentSection

MOST = 0.25
"""By which a section is made longer or shorter than its outline says."""


def words_for(section: DocumentSection) -> int:
    """Words of this section, so that the document ends near its pages. Without a measure: those of its outline."""
    document = Document.objects.only("pages", "words", "target_pages").get(pk=section.document_id)
    if not document.pages or not document.words:
        return section.target_words
    rows = DocumentSection.objects.filter(document=document)
    to_come = rows.exclude(status=DocumentSection.Status.COMPLETED).values_list("target_words", flat=True)
    words_left = max(0.0, document.target_pages - document.pages) * document.words / document.pages
    factor = words_left / max(1, sum(to_come))
    return round(section.target_words * min(max(factor, 1 - MOST), 1 + MOST))
