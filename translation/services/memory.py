"""What a person had translated before, by the same recipe: given back for nothing. Never another person's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone

from translation.models import TranslationMemory
from translation.providers.base import Context
from translation.providers.llm import prompts
from translation.segments import Outcome
from translation.segments import Segment

_AT_ONCE = 500


def recipe(service: str, ctx: Context) -> str:
    """A digest of all that a translation hangs on beside its source and its languages."""
    parts = [
        service,
        ctx.model,
        ctx.formality,
        ctx.instructions,
        sorted(ctx.glossary.items()),
        sorted(ctx.terms.items()),
        prompts.VERSION,
    ]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def recall(user_id: UUID, service: str, ctx: Context, segments: Iterable[Segment]) -> dict[int, Outcome]:
    """The outcomes of segments that are known, by number."""
    by_hash: dict[str, list[int]] = {}
    for segment in segments:
        by_hash.setdefault(_hash(segment.text), []).append(segment.number)
    hashes = list(by_hash)
    found: dict[int, Outcome] = {}
    for start in range(0, len(hashes), _AT_ONCE):
        rows = TranslationMemory.objects.filter(
            user_id=user_id,
            pair=_pair(ctx),
            recipe=recipe(service, ctx),
            source_hash__in=hashes[start : start + _AT_ONCE],
        )
        for source_hash, target in rows.values_list("source_hash", "target"):
            found |= {number: Outcome(number, target, ()) for number in by_hash[source_hash]}
        if found:
            rows.update(used_at=timezone.now())
    return found


def remember(
    user_id: UUID, service: str, ctx: Context, segments: Sequence[Segment], outcomes: Mapping[int, Outcome]
) -> None:
    """Keep what came back without any doubt."""
    sources = {segment.number: segment.text for segment in segments}
    rows = {
        source_hash: TranslationMemory(
            user_id=user_id,
            pair=_pair(ctx),
            recipe=recipe(service, ctx),
            source_hash=source_hash,
            target=outcome.text,
        )
        for number, outcome in outcomes.items()
        if not outcome.flags and (source_hash := _hash(sources[number]))
    }
    TranslationMemory.objects.bulk_create(rows.values(), batch_size=_AT_ONCE, ignore_conflicts=True)


def _pair(ctx: Context) -> str:
    return f"{ctx.source}>{ctx.target}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
