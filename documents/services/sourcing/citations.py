"""Citations as rows beside a text, each with its four lamps; all of it in the caller's transaction."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.db.models import QuerySet
from django.utils import timezone

from documents import blocks
from documents.blocks import sentence_hash
from documents.checks import lamps
from documents.checks import support
from documents.checks.support import Lamp
from documents.checks.support import Support
from documents.models import Document
from documents.models import DocumentCitation
from documents.models import DocumentSection
from documents.models import DocumentSource


def of_document(document: Document, *, lamp: str = "") -> QuerySet[DocumentCitation]:
    """In the order of reading; with ``lamp`` those that have one of this colour and were not overridden."""
    found = DocumentCitation.objects.filter(section__document=document).select_related("source", "section")
    if lamp:
        one_of = [Q(**{f"lamps__{name}__lamp": lamp}) for name in lamps.NAMES]
        found = found.filter(reduce(or_, one_of), overridden_at=None)
    return found.order_by("section__number", "number")


def confirm(row: DocumentCitation, name: str) -> bool:
    """Its owner has read the source; False where that would call green what a veto calls red."""
    found, now = _support(row), timezone.now()
    if found.lamp is Lamp.RED:
        return False
    _write(row, support.read(found, name), now)
    row.confirmed_at = now
    row.save(update_fields=["lamps", "confirmed_at"])
    return True


def override(row: DocumentCitation, reason: str) -> None:
    """It stays as it is, for this reason, and is listed among what was not verified."""
    row.override_reason, row.overridden_at = reason[:500], timezone.now()
    row.save(update_fields=["override_reason", "overridden_at"])


def follow(section: DocumentSection, text: blocks.Blocks) -> None:
    """After an edit: citations that are marked no more go, and whose sentence has changed are to be judged anew."""
    now = timezone.now()
    sentences = {mark.number: sentence.text for sentence in blocks.sentences(text) for mark in sentence.marks}
    rows = list(DocumentCitation.objects.filter(section=section))
    DocumentCitation.objects.filter(pk__in=[row.pk for row in rows if row.number not in sentences]).delete()
    changed = [
        row for row in rows if row.number in sentences and sentence_hash(sentences[row.number]) != row.sentence_hash
    ]
    for row in changed:
        row.sentence, row.sentence_hash = sentences[row.number], sentence_hash(sentences[row.number])
        row.confirmed_at = row.overridden_at = None
        row.override_reason = ""
        _write(row, support.edited(_support(row)), now)
    fields = ["sentence", "sentence_hash", "lamps", "confirmed_at", "overridden_at", "override_reason"]
    DocumentCitation.objects.bulk_update(changed, fields)


def refresh(source: DocumentSource) -> int:
    """The lamps of a record on all citations of it, as they are now; returns how many there are."""
    rows = list(DocumentCitation.objects.filter(source=source))
    for row in rows:
        row.lamps = row.lamps | source.lamps
    DocumentCitation.objects.bulk_update(rows, ["lamps"])
    return len(rows)


def _support(row: DocumentCitation) -> Support:
    stored: dict[str, Any] = row.lamps[lamps.SUPPORT]
    return lamps.support_of(stored)


def _write(row: DocumentCitation, found: Support, now: datetime) -> None:
    row.lamps = row.lamps | {lamps.SUPPORT: lamps.of_support(found, now=now)}
