"""Outlines: written down as a run made them, or as a person wants them; what is written of them stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models import Sum

from accounts.models import User
from core.errors import InvalidInput
from documents.errors import OutlineChanged
from documents.errors import SectionWritten
from documents.models import Document
from documents.models import DocumentSection
from documents.outlining import Entry
from documents.services import changing
from documents.services import paying
from documents.services import standing
from documents.services import telling

_OPEN = (DocumentSection.Status.PENDING, DocumentSection.Status.FAILED)
_PLANNED = ("level", "title", "goal", "target_words", "needs_sources")


@dataclass(frozen=True, slots=True)
class Wanted:
    """An entry as a person wants it; ``id`` None: a new one."""

    id: UUID | None
    entry: Entry


def replace(actor: User, document_id: UUID, wanted: Sequence[Wanted], *, version: int) -> Document:
    """The outline in this order; sections that are not among these are gone.

    Raises NotFound, RunRunning, OutlineChanged when ``version`` is not the present one, SectionWritten when one that is
    written would be gone or planned anew, and InvalidInput for ids of other sections.
    """
    with transaction.atomic():
        document = changing.locked(actor, document_id)
        changing.refuse_while_written(document)
        if document.outline_version != version:
            raise OutlineChanged(version=document.outline_version)
        _write(document, wanted)
        return document


def refuse_written(document: Document) -> None:
    """Raises SectionWritten when something of the outline is written: a new one would lose it."""
    written = DocumentSection.objects.filter(document=document).exclude(status__in=_OPEN).order_by("number").first()
    if written is not None:
        raise SectionWritten(section=written.number)


def make(document: Document, entries: Sequence[Entry]) -> None:
    """What a run has planned takes the place of what was planned before. In the caller's transaction."""
    locked = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
    _write(locked, [Wanted(None, entry) for entry in entries])
    document.outline_version, document.status = locked.outline_version, locked.status


def _write(document: Document, wanted: Sequence[Wanted]) -> None:
    present = {row.pk: row for row in DocumentSection.objects.filter(document=document).defer("content", "styled")}
    before = _words_to_write(document)
    named = [one.id for one in wanted if one.id]
    if set(named) - set(present) or len(named) != len(set(named)):
        raise InvalidInput(details={"sections": ["Name each section of this document once, and no others."]})
    _refuse_lost(present, wanted)
    gone = set(present) - set(named)
    DocumentSection.objects.filter(pk__in=gone).delete()
    # No two sections may have one number, not for a moment.
    DocumentSection.objects.filter(document=document).update(number=-F("number"), parent=None)
    above: dict[int, DocumentSection] = {}
    for number, one in enumerate(wanted, 1):
        row = present[one.id] if one.id else DocumentSection(document=document)
        row.number, row.parent = number, above.get(one.entry.level - 1)
        for name, value in _fields(one.entry).items():
            setattr(row, name, value)
        row.save(**({"update_fields": ["number", "parent", *_PLANNED]} if one.id else {"force_insert": True}))
        above = {level: kept for level, kept in above.items() if level < one.entry.level} | {one.entry.level: row}
    paying.drop(document)
    if _words_to_write(document) > before:
        # What is left of an order that was paid is of the old plan.
        paying.give_back_all(document, "The plan has grown since it was paid.")
    document.outline_version += 1
    document.status = standing.of(document)
    document.save(update_fields=["outline_version", "status", "updated_at"])
    telling.updated(document)


def _words_to_write(document: Document) -> int:
    left = DocumentSection.objects.filter(document=document, status__in=_OPEN)
    return left.aggregate(words=Sum("target_words"))["words"] or 0


def _refuse_lost(present: dict[UUID, DocumentSection], wanted: Sequence[Wanted]) -> None:
    kept = {one.id: one.entry for one in wanted if one.id}
    for row in present.values():
        if row.status in _OPEN:
            continue
        entry = kept.get(row.pk)
        if entry is None or any(getattr(row, name) != value for name, value in _fields(entry).items()):
            raise SectionWritten(section=row.number)


def _fields(entry: Entry) -> dict[str, Any]:
    return {
        "level": entry.level,
        "title": entry.title,
        "goal": entry.goal,
        "target_words": entry.words,
        "needs_sources": entry.needs_sources,
    }
