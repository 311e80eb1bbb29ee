"""Citations as rows beside a text, each with its four lamps; all of it in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import F
from django.db.models import Q
from django.db.models import QuerySet
from django.utils import timezone

from core.errors import InvalidInput
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
    return found.annotate(section_number=F("section__number")).order_by("section_number", "number")


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
    """After an edit: citations that are marked no more go, those that its author added come, unjudged, and those whose
    sentence has changed are to be judged anew.

    Raises InvalidInput for a number that stands twice, and for a source that the document does not have.
    """
    now = timezone.now()
    marked = [(mark, sentence.text) for sentence in blocks.sentences(text) for mark in sentence.marks]
    sentences = {mark.number: words for mark, words in marked}
    if len(sentences) < len(marked):
        raise InvalidInput(details={"content": ["Two citations of this section have one number."]})
    sources = {mark.number: mark.source for mark, _words in marked}
    rows = list(DocumentCitation.objects.filter(section=section).select_related("source"))
    gone = [row.pk for row in rows if sources.get(row.number) != row.source.key]
    DocumentCitation.objects.filter(pk__in=gone).delete()
    rows = [row for row in rows if row.pk not in gone]
    _add(section, {mark.number: (mark.source, words) for mark, words in marked}, {row.number for row in rows}, now)
    changed = [row for row in rows if sentence_hash(sentences[row.number]) != row.sentence_hash]
    for row in changed:
        row.sentence, row.sentence_hash = sentences[row.number], sentence_hash(sentences[row.number])
        row.confirmed_at = row.overridden_at = None
        row.override_reason = ""
        _write(row, support.edited(_support(row)), now)
    fields = ["sentence", "sentence_hash", "lamps", "confirmed_at", "overridden_at", "override_reason"]
    DocumentCitation.objects.bulk_update(changed, fields)


def _add(section: DocumentSection, marked: Mapping[int, tuple[str, str]], there: set[int], now: datetime) -> None:
    new = {number: found for number, found in marked.items() if number not in there}
    wanted = {key for key, _words in new.values()}
    known = {row.key: row for row in DocumentSource.objects.filter(document_id=section.document_id, key__in=wanted)}
    if unknown := sorted(wanted - known.keys()):
        raise InvalidInput(details={"content": [f"This document has no source {unknown[0]}."]})
    unjudged = lamps.of_support(Support(Lamp.GREY, support.Reason.NOT_JUDGED, support.Method.COMPUTED), now=now)
    DocumentCitation.objects.bulk_create(
        DocumentCitation(
            section=section,
            number=number,
            source=known[key],
            sentence=words,
            sentence_hash=sentence_hash(words),
            lamps=known[key].lamps | {lamps.SUPPORT: unjudged},
        )
        for number, (key, words) in new.items()
    )


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
