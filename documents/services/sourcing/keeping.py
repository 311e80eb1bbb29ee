"""Sources as rows of a document: each work once, under a key that is never given to another one."""

from __future__ import annotations

from django.db.models import QuerySet

from documents.models import Document
from documents.models import DocumentSource
from documents.services.sourcing import rows

MOST = 999
"""Keys have three digits."""


def listed(document: Document) -> QuerySet[DocumentSource]:
    """Those of a document in the order in which they came."""
    return DocumentSource.objects.filter(document=document).order_by("id")


def citable(document: Document) -> list[DocumentSource]:
    """Those that its owner has not excluded and that nobody has taken back."""
    return [row for row in listed(document).filter(is_excluded=False) if not rows.is_taken_back(row)]


def keep(document: Document, row: DocumentSource) -> DocumentSource | None:
    """The row, or the one of the same work that was there before; None when the document has MOST.

    In the caller's transaction, which holds the lock of the document.
    """
    # Not whole rows: the passages of a book are long.
    there = list(listed(document).values_list("pk", "key", "doi", "fingerprint"))
    same = next((pk for pk, _, doi, _ in there if row.doi and doi == row.doi), None)
    # Two DOIs of one title, year and author are a preprint and its article: one source.
    same = same or next((pk for pk, _, _, fingerprint in there if fingerprint == row.fingerprint), None)
    if same is not None:
        return DocumentSource.objects.get(pk=same)
    number = max((int(key.removeprefix("S")) for _, key, _, _ in there), default=0) + 1
    if number > MOST:
        return None
    row.document, row.key = document, f"S{number}"
    row.save()
    return row
