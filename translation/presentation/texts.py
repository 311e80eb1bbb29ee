"""Texts and their history as clients see them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from translation.models import Translation
from translation.models import TranslationText
from translation.shapes import FaultShape
from translation.text_shapes import TextShape
from translation.text_shapes import TranslationBriefShape


def full(row: Translation, *, text: str | None = None) -> TextShape:
    """A translation with its text; ``text`` spares reading it again."""
    said = TranslationText.objects.filter(translation=row).first() if text is None else None
    return TextShape(
        **_common(row),
        source=said.source if said else "",
        text=(said.result if said else "") if text is None else text,
        model=row.model,
        formality=row.formality,
        glossary=row.glossary_id,
        instructions=row.instructions,
        flags=list(row.quality.get("flags", [])),
    )


def brief(row: Translation) -> TranslationBriefShape:
    """A line of the history, of a queryset that :func:`translation.services.history.listed` made."""
    return TranslationBriefShape(
        **_common(row),
        source_start=getattr(row, "source_start", None) or "",
        result_start=getattr(row, "result_start", None) or "",
    )


def briefs(rows: Iterable[Translation]) -> list[TranslationBriefShape]:
    """Lines of the history."""
    return [brief(row) for row in rows]


def _common(row: Translation) -> dict[str, Any]:
    error = FaultShape(code=row.error_code, message=row.error_message) if row.error_code else None
    return {
        "id": row.pk,
        "kind": row.kind,
        "status": row.status,
        "stage": row.stage,
        "name": row.name,
        "source_lang": row.source_lang,
        "detected_lang": row.detected_lang,
        "detected_sure": row.detected_sure,
        "target_lang": row.target_lang,
        "service": row.service,
        "plan": row.plan,
        "is_demo": row.is_demo,
        "char_count": row.char_count,
        "chunk_count": row.chunk_count,
        "cost": f"{row.cost:.4f}",
        "currency": row.currency,
        "tokens_charged": row.tokens_charged,
        "created_at": row.created_at,
        "completed_at": row.completed_at,
        "error": error,
    }
