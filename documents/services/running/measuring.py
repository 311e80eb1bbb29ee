"""How long a document has become, by the printer's own count, and what that means for the sections to come."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from core.errors import DomainError
from documents import blocks
from documents import limits
from documents import outlining
from documents import printing
from documents.models import Document
from documents.models import DocumentRun
from documents.models import DocumentSection
from documents.services import exporting
from documents.services.running.desk import Desk

MOST_CHANGE = 0.25
"""Of what was planned for a section: more would be another plan."""
_NEAR = 0.05
"""Of its pages by which a document may miss them: as many as a page breaks."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Measured:
    """Pages of the text as far as it is written, without title page, contents and lists; None: nobody could count."""

    pages: int | None


def measure(desk: Desk, section: DocumentSection, text: blocks.Blocks) -> Measured:
    """With this section, which is not stored yet. Outside of a transaction: the printer takes seconds."""
    desk.run.check()
    page = exporting.page_of(desk.document)
    made = exporting.composed(desk.document, layout=page, styled={section.pk: text})
    try:
        return Measured(printing.measure(made).text_pages)
    except DomainError as error:
        # A count that is missing keeps nobody from writing.
        logger.info("The pages were not counted: %s", error.code)
        return Measured(None)


def follow(desk: Desk, section: DocumentSection, measured: Measured) -> None:
    """Pages are written down, and the sections to come get longer or shorter. In the caller's transaction.

    Only in a run of the whole: who writes one section wants that one.
    """
    if measured.pages is None:
        return
    others = DocumentSection.objects.filter(document=desk.document, status=DocumentSection.Status.COMPLETED)
    before = sum(others.exclude(pk=section.pk).values_list("pages", flat=True))
    section.pages = max(0.0, measured.pages - before)
    section.save(update_fields=["pages"])
    Document.objects.filter(pk=desk.document.pk).update(pages=measured.pages)
    if desk.row.kind == DocumentRun.Kind.FULL:
        _adjust(desk.document, measured.pages)


def _adjust(document: Document, pages: int) -> None:
    rows = list(DocumentSection.objects.filter(document=document).order_by("number"))
    left = [row for row in rows if row.status != DocumentSection.Status.COMPLETED]
    planned = sum(row.target_words for row in left)
    written = sum(row.words for row in rows if row.status == DocumentSection.Status.COMPLETED)
    if not left or not planned or not written or not pages:
        return
    wanted = (document.target_pages - pages) * written / pages
    if abs(wanted - planned) <= _NEAR * document.target_pages * written / pages:
        return
    factor = min(1 + MOST_CHANGE, max(1 - MOST_CHANGE, wanted / planned))
    for row in left:
        row.target_words = min(limits.SECTION_WORDS, max(outlining.SHORTEST, round(row.target_words * factor)))
    DocumentSection.objects.bulk_update(left, ["target_words"])
