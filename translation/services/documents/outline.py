"""Titles of a book's outline: no part has them, so they are translated as texts when the parts are put together.

Nobody is charged for them. Where the service takes no texts now, they stay as they are, and the document says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from core import jobs
from translation import translating
from translation.errors import ServiceError
from translation.models import Translation
from translation.models import TranslationSegment
from translation.providers import registry
from translation.segments import Segment
from translation.services.documents import own_path

KEPT = "outline_kept"
_PLACE = "outline"
_AT_ONCE = 500


def keep(translation: Translation, titles: Sequence[str]) -> None:
    """As segments of no part; in the transaction that cuts the book."""
    rows = TranslationSegment.objects.filter(translation=translation, chunk=None)
    rows.delete()
    made = [
        TranslationSegment(translation=translation, number=number, place=_PLACE, kind="title", source=title)
        for number, title in enumerate(titles, start=1)
    ]
    TranslationSegment.objects.bulk_create(made, batch_size=_AT_ONCE)


def titles(translation: Translation) -> dict[int, str]:
    """Translations by the index of the title in the outline; those left out stay."""
    rows = _rows(translation).exclude(target="").values_list("number", "target")
    return {number - 1: target for number, target in rows}


def translate(run: jobs.Run, translation: Translation) -> None:
    """Those that were not yet; each text once. Raises what ``run.check`` does."""
    rows = list(_rows(translation).filter(state=TranslationSegment.State.NEW).order_by("number"))
    wanted = {row.source: row for row in reversed(rows) if any(map(str.isalpha, row.source))}
    if not wanted or not registry.is_on(translation.service):
        return
    provider = registry.get(translation.service)
    segments = [Segment(row.number, row.place, row.kind, text) for text, row in wanted.items()]
    try:
        told = own_path.context(translation, provider=provider, check=run.check)
        answer = translating.run(provider, sorted(segments, key=lambda one: one.number), told)
    except ServiceError:
        with run.fenced():
            found = Translation.objects.select_for_update().get(pk=translation.pk)
            if KEPT not in found.warnings:
                Translation.objects.filter(pk=found.pk).update(warnings=[*found.warnings, KEPT])
                translation.warnings = [*found.warnings, KEPT]
        return
    by_number = {row.number: text for text, row in wanted.items()}
    said = {by_number[one.number]: " ".join(one.text.split()) for one in answer.outcomes if not one.flags}
    for row in rows:
        row.target, row.state = said.get(row.source, ""), TranslationSegment.State.DONE
    with run.fenced():
        TranslationSegment.objects.bulk_update(rows, ["target", "state"], batch_size=_AT_ONCE)


def _rows(translation: Translation) -> QuerySet[TranslationSegment]:
    return TranslationSegment.objects.filter(translation=translation, chunk=None, place=_PLACE)
