"""The lamps of a section's citations: what was computed of them, and what a second model says that reads only them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils import timezone

from core import llm
from documents import blocks
from documents.checks import lamps
from documents.checks import support
from documents.checks.support import Lamp
from documents.errors import ModelsUnavailable
from documents.models import DocumentCitation
from documents.models import DocumentSection
from documents.models import DocumentSource
from documents.services.running.asking import Clerk
from documents.writing import judge
from documents.writing.contract import Citation
from documents.writing.contract import Written

_TOKENS_A_PAIR = 160


def citations(clerk: Clerk, written: Written) -> list[Citation]:
    """Those of a text, judged as far as anybody can. Where no real model answers they stay as they were computed."""
    models = [llm.catalogue.get(model) for model in clerk.desk.models]
    judging = judge.chosen(clerk.desk.models[0], models)
    if judging is None:
        return list(written.citations)
    pairs = [
        judge.Pair(one.number, one.claim, one.quote, one.sentence)
        for one in written.citations
        if one.support.lamp is not Lamp.RED
    ]
    found: dict[int, support.Judgement] = {}
    for start in range(0, len(pairs), judge.MOST_PAIRS):
        batch = pairs[start : start + judge.MOST_PAIRS]
        ask = clerk.by(
            f"check:{1 + start // judge.MOST_PAIRS}",
            200 + len(batch) * _TOKENS_A_PAIR,
            judge.SCHEMA,
            models=[judging.id],
            temperature=0.0,
        )
        try:
            found |= judge.judge(batch, ask)
        except ModelsUnavailable:
            break  # amber, which says that nobody has judged
    return [_judged(one, found.get(one.number)) for one in written.citations]


def keep(section: DocumentSection, checked: Sequence[Citation], text: blocks.Blocks) -> None:
    """Written down in place of those that were there, each with its sentence in ``text``. In the caller's
    transaction."""
    sentences = {mark.number: sentence.text for sentence in blocks.sentences(text) for mark in sentence.marks}
    rows = {row.key: row for row in DocumentSource.objects.filter(document_id=section.document_id)}
    now = timezone.now()
    DocumentCitation.objects.filter(section=section).delete()
    DocumentCitation.objects.bulk_create(
        DocumentCitation(
            section=section,
            number=one.number,
            source=rows[one.source],
            sentence=sentences[one.number],
            sentence_hash=blocks.sentence_hash(sentences[one.number]),
            claim=one.claim,
            quote=one.quote,
            locator=one.locator[:100],
            lamps=rows[one.source].lamps | {lamps.SUPPORT: lamps.of_support(one.support, now=now)},
        )
        for one in checked
    )


def _judged(citation: Citation, judgement: support.Judgement | None) -> Citation:
    return citation if judgement is None else replace(citation, support=support.judged(citation.support, judgement))
