"""The terms of a document: collected when it is cut into parts, rendered by one call before the first of them.

A term without a rendering has not been asked for; the first part asks, and the others wait for it, so that one name has
one rendering in all of the document. What a person wrote stays.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import F
from django.db.models import QuerySet
from django.utils import timezone

from core import jobs
from translation import limits
from translation.models import Translation
from translation.models import TranslationChunk
from translation.models import TranslationTerm
from translation.providers.base import Context
from translation.providers.llm import terms
from translation.segments import Segment
from translation.services import glossaries
from translation.services.documents import parts

_WAIT_SECONDS = 2.0
_LONGEST = timedelta(minutes=10)
"""Then the others go on without."""


def collect(translation: Translation, segments: Iterable[Segment]) -> None:
    """Names that stand in the document again and again, in the caller's transaction; those that are there stay."""
    counted = terms.collect(segments, glossaries.entries_of(translation.glossary))
    TranslationTerm.objects.bulk_create(
        [
            TranslationTerm(translation=translation, source=name[: limits.TERM_LENGTH], count=count)
            for name, count in counted.items()
        ],
        ignore_conflicts=True,
    )


def known(translation: Translation) -> dict[str, str]:
    """Renderings by name."""
    rows = TranslationTerm.objects.filter(translation=translation).exclude(target="")
    return dict(rows.values_list("source", "target"))


def is_due(chunk: TranslationChunk) -> bool:
    """Whether there are names that nobody was asked for yet."""
    return _open(chunk).exists()


def render(run: jobs.Run, chunk: TranslationChunk, ctx: Context, *, settle: Callable[[], None]) -> None:
    """Ask for the renderings, or end the run for a moment while another part does; ``settle`` pays as they are stored.

    Raises children of ServiceError.
    """
    live = TranslationChunk.objects.filter(translation_id=chunk.translation_id).exclude(state__in=parts.OVER)
    first = live.order_by("number").first()
    started = chunk.translation.started_at
    if first and first.pk != chunk.pk:
        if started and started + _LONGEST > timezone.now():
            run.later(_WAIT_SECONDS)
        return
    names = dict(_open(chunk).order_by(F("count").desc(), "source").values_list("source", "count"))
    said = terms.propose(names, ctx)
    with parts.moving(run, chunk):
        for row in _open(chunk).filter(source__in=said):
            row.target = said[row.source][: limits.TERM_LENGTH]
            row.save(update_fields=["target"])
        # What the model had no rendering for is rendered as it comes.
        _open(chunk).filter(source__in=names).delete()
        settle()


def _open(chunk: TranslationChunk) -> QuerySet[TranslationTerm]:
    return TranslationTerm.objects.filter(translation_id=chunk.translation_id, target="", fixed=False)
