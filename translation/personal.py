"""What translation keeps of people: texts, documents, glossaries and the memory of what was translated before.

Of a translation that was deleted the figures stay, for the revenue; nothing says whose it was, or what it said.
"""

from __future__ import annotations

from uuid import UUID

from core.jobs.services import cancel
from core.models import Job
from core.personal import Holding
from core.personal import Work
from core.personal import in_batches
from translation.models import Glossary
from translation.models import GlossaryCopy
from translation.models import Translation
from translation.models import TranslationChunk
from translation.models import TranslationMemory
from translation.models import TranslationSegment
from translation.models import TranslationTerm
from translation.models import TranslationText
from translation.services import deleting

_FIGURES = "Figures of what was translated stay for the revenue; nothing says whose it was, or what it said."

HOLDINGS = [
    Holding(
        model="translation.Translation",
        rows=lambda user_id: Translation.objects.filter(user_id=user_id),
        leave_out=("harvest_key", "fingerprint"),
        ends="emptied",
        reason=_FIGURES,
    ),
    Holding(
        model="translation.TranslationText",
        rows=lambda user_id: TranslationText.objects.filter(translation__user_id=user_id),
    ),
    Holding(
        model="translation.TranslationChunk",
        rows=lambda user_id: TranslationChunk.objects.filter(translation__user_id=user_id),
        leave_out=("source_key", "result_key", "vendor_id", "vendor_key", "hold_key"),
        ends="emptied",
        reason=_FIGURES,
    ),
    Holding(
        model="translation.TranslationSegment",
        rows=lambda user_id: TranslationSegment.objects.filter(translation__user_id=user_id),
    ),
    Holding(
        model="translation.TranslationTerm",
        rows=lambda user_id: TranslationTerm.objects.filter(translation__user_id=user_id),
    ),
    Holding(model="translation.Glossary", rows=lambda user_id: Glossary.objects.filter(user_id=user_id)),
    Holding(
        model="translation.GlossaryCopy",
        rows=lambda user_id: GlossaryCopy.objects.filter(glossary__user_id=user_id),
        leave_out=("vendor_id",),
    ),
    Holding(
        model="translation.TranslationMemory",
        rows=lambda user_id: TranslationMemory.objects.filter(user_id=user_id),
        leave_out=("recipe", "source_hash"),
    ),
]

NOT_PERSONAL: dict[str, str] = {}


def erase(user_id: UUID, work: Work) -> None:
    """Everything of a person, one document at a time."""
    for job in Job.objects.filter(owner_id=user_id, kind__startswith="translation.", finished_at=None):
        cancel(job)
    while translation := Translation.objects.filter(user_id=user_id).order_by("pk").first():
        deleting.empty(translation)
        work.moved(1)
    in_batches(TranslationMemory.objects.filter(user_id=user_id), work)
    in_batches(Glossary.objects.filter(user_id=user_id), work)
