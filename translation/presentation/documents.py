"""Documents as REST shows them; a few statements, however many parts there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from billing import metering
from translation import shapes
from translation.models import Translation
from translation.models import TranslationChunk
from translation.models import TranslationSegment
from translation.presentation.offers import in_their_language

_TOLD_OF_TOKENS = (Translation.Stage.READY, Translation.Stage.PAYING, Translation.Stage.WAITING_TOKENS)


def full(found: Translation) -> shapes.DocumentShape:
    """All that its owner may know of it."""
    chunks = TranslationChunk.objects.filter(translation=found).order_by("number").defer("vendor_key")
    return shapes.DocumentShape(
        id=found.pk,
        kind=found.kind,
        status=found.status,
        stage=found.stage,
        progress=found.progress,
        name=found.name,
        format=found.format,
        source_lang=found.source_lang,
        detected_lang=found.detected_lang,
        detected_sure=found.detected_sure,
        target_lang=found.target_lang,
        service=found.service,
        plan=found.plan,
        path=found.path,
        is_demo=found.is_demo,
        pages=found.facts.get("pages") or None,
        char_count=found.char_count,
        billed_chars=found.billed_chars,
        chunk_count=found.chunk_count,
        part_count=found.part_count,
        part_done=found.part_done,
        cost=str(found.cost),
        currency=found.currency,
        tokens_estimated=found.tokens_estimated,
        tokens_charged=found.tokens_charged,
        order_id=found.order_id,
        error=_fault(found.error_code, found.error_message),
        quote=_quote(found),
        chunks=[_chunk(chunk) for chunk in chunks],
        quality=shapes.QualityShape(**found.quality) if found.quality else None,
        preview=shapes.PreviewShape(**found.preview) if found.preview else None,
        files=shapes.FilesShape(
            result=found.result_file_id, bilingual=found.bilingual_file_id, expire_at=found.files_expire_at
        ),
        created_at=found.created_at,
        started_at=found.started_at,
        completed_at=found.completed_at,
    )


def segments(rows: Sequence[TranslationSegment]) -> list[shapes.SegmentShape]:
    """For review."""
    return [segment(row) for row in rows]


def segment(row: TranslationSegment) -> shapes.SegmentShape:
    """One of them."""
    return shapes.SegmentShape(
        number=row.number,
        kind=row.kind,
        source=row.source,
        target=row.target,
        state=row.state,
        flags=row.flags,
        is_edited=row.is_edited,
    )


def _fault(code: str, message: str) -> shapes.FaultShape | None:
    return shapes.FaultShape(code=code, message=message) if code else None


def _chunk(chunk: TranslationChunk) -> shapes.ChunkShape:
    pages = None if chunk.page_from is None else [chunk.page_from + 1, chunk.page_to]
    return shapes.ChunkShape(
        number=chunk.number,
        pages=pages,
        state=chunk.state,
        progress=chunk.progress,
        error=_fault(chunk.error_code, chunk.error_message),
    )


def _offer(stored: dict[str, Any], finishes_at: datetime | None) -> shapes.OfferShape:
    told = stored | {"keeps_data": in_their_language(stored["keeps_data"])}
    return shapes.OfferShape(**told, finishes_at=finishes_at)


def _quote(found: Translation) -> shapes.QuoteShape | None:
    if not found.quote or not found.quoted_at:
        return None
    offers = found.quote["offers"]
    taken: dict[str, Any] = next((one for one in offers if one["digest"] == found.quote_digest), offers[0])
    line = shapes.LineShape(
        unit="1800_chars",
        count=taken["characters"],
        billed=taken["chunk_count"],
        price=taken["price_per_1800_chars"],
    )
    allowance = metering.allowance(found.user_id) if found.user_id and found.stage in _TOLD_OF_TOKENS else None

    def finishes(tokens: int) -> datetime | None:
        return allowance.enough_at(tokens - found.tokens_charged) if allowance else None

    return shapes.QuoteShape(
        lines=[line],
        cost=taken["cost"],
        currency=taken["currency"],
        tokens=taken["tokens"],
        tokens_left=allowance.left if allowance else None,
        finishes_at=finishes(taken["tokens"]),
        digest=taken["digest"],
        valid_until=found.quote_valid_until,
        others=[_offer(one, finishes(one["tokens"])) for one in offers],
        warnings=found.warnings,
    )
