"""Sources as rows of a document: each work once, under a key that is never given to another one."""

from __future__ import annotations

from collections.abc import Sequence

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
    there = list(listed(document))
    if found := _same(there, row):
        return found
    number = max((int(one.key.removeprefix("S")) for one in there), default=0) + 1
    if number > MOST:
        return None
    row.document, row.key = document, f"S{number}"
    row.save()
    return row


def _same(there: Sequence[DocumentSource], row: DocumentSource) -> DocumentSource | None:
    """Of two DOIs these are two works, though they be called the same; the table refuses the second fingerprint."""
    by_doi = next((one for one in there if row.doi and one.doi == row.doi), None)
    return by_doi or next((one for one in there if one.fingerprint == row.fingerprint), None)
