"""Citations as rows beside a text, each with its four lamps; all of it in the caller's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from collections.abc import Mapping
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.db.models import QuerySet
from django.utils import timezone

from documents import blocks
from documents.checks import lamps
from documents.checks import support
from documents.checks.support import Judgement
from documents.checks.support import Lamp
from documents.checks.support import Support
from documents.models import Document
from documents.models import DocumentCitation
from documents.models import DocumentSection
from documents.models import DocumentSource
from documents.writing.contract import Citation
from documents.writing.judge import Pair


def of_document(document: Document, *, lamp: str = "") -> QuerySet[DocumentCitation]:
    """In the order of reading; with ``lamp`` those that have one of this colour and were not overridden."""
    found = DocumentCitation.objects.filter(section__document=document).select_related("source", "section")
    if lamp:
        one_of = [Q(**{f"lamps__{name}__lamp": lamp}) for name in lamps.NAMES]
        found = found.filter(reduce(or_, one_of), overridden_at=None)
    return found.order_by("section__number", "number")


def keep(
    section: DocumentSection, citations: Iterable[Citation], sources: Mapping[str, DocumentSource]
) -> list[DocumentCitation]:
    """The citations of a text that was written, in place of those that the section had."""
    now = timezone.now()
    DocumentCitation.objects.filter(section=section).delete()
    return DocumentCitation.objects.bulk_create(
        DocumentCitation(
            section=section,
            number=one.number,
            source=sources[one.source],
            sentence=one.sentence,
            sentence_hash=hash_of(one.sentence),
            claim=one.claim,
            quote=one.quote,
            locator=one.locator[:100],
            lamps=sources[one.source].lamps | {lamps.SUPPORT: lamps.of_support(one.support, now=now)},
        )
        for one in citations
    )


def unjudged(section: DocumentSection) -> list[Pair]:
    """What a judge is asked: those that computing has not decided."""
    rows = DocumentCitation.objects.filter(section=section).order_by("number")
    return [
        Pair(row.number, row.claim, row.quote, row.sentence)
        for row in rows
        if (found := _support(row)).lamp is Lamp.AMBER and found.method is support.Method.COMPUTED
    ]


def judge(section: DocumentSection, judgements: Mapping[int, Judgement]) -> None:
    """Write down what a judge says, by the numbers of citations."""
    now = timezone.now()
    rows = list(DocumentCitation.objects.filter(section=section, number__in=judgements))
    for row in rows:
        _write(row, support.judged(_support(row), judgements[row.number]), now)
    DocumentCitation.objects.bulk_update(rows, ["lamps"])


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
    changed = [row for row in rows if row.number in sentences and hash_of(sentences[row.number]) != row.sentence_hash]
    for row in changed:
        row.sentence, row.sentence_hash = sentences[row.number], hash_of(sentences[row.number])
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


def hash_of(sentence: str) -> str:
    """The same for the same words, whatever blanks are between them."""
    return hashlib.sha256(" ".join(sentence.split()).encode()).hexdigest()


def _support(row: DocumentCitation) -> Support:
    stored: dict[str, Any] = row.lamps[lamps.SUPPORT]
    return lamps.support_of(stored)


def _write(row: DocumentCitation, found: Support, now: datetime) -> None:
    row.lamps = row.lamps | {lamps.SUPPORT: lamps.of_support(found, now=now)}
