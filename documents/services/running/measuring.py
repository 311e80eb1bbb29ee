"""How long a document has become, by the printer's own count; what follows from it is told by :mod:`.length`."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from core.errors import DomainError
from documents import blocks
from documents import printing
from documents.models import Document
from documents.models import DocumentSection
from documents.services import exporting
from documents.services.running.desk import Desk

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
    """Pages are written down: what is to come is as long as they leave room for. In the caller's transaction."""
    if measured.pages is None:
        return
    others = DocumentSection.objects.filter(document=desk.document, status=DocumentSection.Status.COMPLETED)
    before = sum(others.exclude(pk=section.pk).values_list("pages", flat=True))
    section.pages = max(0.0, measured.pages - before)
    section.save(update_fields=["pages"])
    Document.objects.filter(pk=desk.document.pk).update(pages=measured.pages)
