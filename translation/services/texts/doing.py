"""Doing a text: through the service, looked at, settled and written in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from django.db import transaction
from django.utils import timezone

from billing import metering
from core.errors import DomainError
from translation import passages
from translation import translating
from translation.errors import ServiceError
from translation.models import Glossary
from translation.models import Translation
from translation.models import TranslationText
from translation.providers.base import Capabilities
from translation.providers.base import Context
from translation.providers.base import Formality
from translation.providers.base import Meter
from translation.segments import Outcome
from translation.segments import Segment
from translation.services import glossaries
from translation.services import memory
from translation.services.metered import TokenMeter
from translation.services.texts.asking import Begun
from translation.services.texts.asking import hold_key

FORMALITY_IGNORED = "formality_ignored"
GLOSSARY_IGNORED = "glossary_ignored"
INSTRUCTIONS_IGNORED = "instructions_ignored"
_REMEMBERED = "llm"


@dataclass(slots=True)
class Result:
    """A text as it came back."""

    text: str
    detected: str = ""
    flags: list[str] = field(default_factory=list)
    segments: int = 0
    flagged: int = 0


def do(begun: Begun, *, check: Callable[[], object] | None = None) -> Translation:
    """Translate, and write what came of it. Must not be called inside a transaction.

    Raises children of ServiceError and what metering raises; the row has then failed, and costs what was used.
    """
    row, meter = begun.translation, meter_of(begun)
    try:
        result = _translated(begun, meter, check)
    except DomainError as error:
        fail(row, error, charged=meter.charged)
        raise
    except Exception:
        fail(row, ServiceError(), charged=meter.charged)
        raise
    return finish(begun, result, charged=meter.charged)


def meter_of(begun: Begun) -> TokenMeter:
    """For the calls of a service that is metered by use."""
    row = begun.translation
    assert row.user_id  # noqa: S101 - it was made for somebody
    return TokenMeter(row.user_id, key=hold_key(row), model=begun.choice.model, reference=str(row.pk))


def _translated(begun: Begun, meter: Meter, check: Callable[[], object] | None) -> Result:
    provider, row = begun.choice.provider, begun.translation
    taken_apart = passages.split(begun.text)
    ctx = context_of(begun, meter, check)
    known = _recalled(row, ctx, taken_apart.segments)
    answer = translating.run(provider, [one for one in taken_apart.segments if one.number not in known], ctx)
    outcomes = known | {outcome.number: outcome for outcome in answer.outcomes}
    result = Result(taken_apart.joined({number: one.text for number, one in outcomes.items()}), answer.detected)
    count_flags(result, list(outcomes.values()))
    if row.service == _REMEMBERED and row.user_id:
        memory.remember(row.user_id, row.service, ctx, taken_apart.segments, outcomes)
    result.flags += ignored(begun.choice.capabilities, row)
    return result


def _recalled(row: Translation, ctx: Context, segments: Sequence[Segment]) -> dict[int, Outcome]:
    """What need not be asked for: only models are paid by what they write, so only there it spares anything."""
    if row.service != _REMEMBERED or not row.user_id:
        return {}
    return memory.recall(row.user_id, row.service, ctx, segments)


def context_of(begun: Begun, meter: Meter, check: Callable[[], object] | None = None) -> Context:
    """What the service is told; makes its copy of the glossary where it keeps one."""
    row, choice = begun.translation, begun.choice
    source = row.source_lang or (row.detected_lang if row.detected_sure else "")
    told: dict[str, object] = {"check": check} if check else {}
    return Context(
        target=row.target_lang,
        source=source or _source_of(begun.glossary),
        formality=_formality(row, choice.capabilities),
        glossary=glossaries.entries_of(begun.glossary),
        glossary_id=glossaries.vendor_copy(begun.glossary, choice.provider),
        instructions=row.instructions if choice.capabilities.has_instructions else "",
        model=choice.model,
        fallback_model=choice.fallback_model,
        meter=meter,
        **told,  # type: ignore[arg-type]
    )


def _source_of(glossary: Glossary | None) -> str:
    """Who chose a glossary has said what the text is in."""
    return glossary.source_lang if glossary else ""


def _formality(row: Translation, able: Capabilities) -> Formality:
    if row.formality in {"more", "less"} and _has_formality(row, able):
        return "more" if row.formality == "more" else "less"
    return ""


def _has_formality(row: Translation, able: Capabilities) -> bool:
    base = row.target_lang.partition("-")[0]
    return row.target_lang in able.formal or base in able.formal


def ignored(able: Capabilities, row: Translation) -> list[str]:
    """What was asked for that the service cannot do."""
    found = {
        FORMALITY_IGNORED: bool(row.formality) and not _has_formality(row, able),
        GLOSSARY_IGNORED: bool(row.glossary_id) and not able.has_glossary,
        INSTRUCTIONS_IGNORED: bool(row.instructions) and not able.has_instructions,
    }
    return [name for name, is_so in found.items() if is_so]


def count_flags(result: Result, outcomes: Sequence[Outcome]) -> None:
    """How many segments a person should look at, and why."""
    counted = Counter(flag for outcome in outcomes for flag in outcome.flags)
    result.segments = len(outcomes)
    result.flagged = sum(bool(outcome.flags) for outcome in outcomes)
    result.flags += sorted(counted)


def finish(begun: Begun, result: Result, *, charged: int) -> Translation:
    """Settle and write, in one transaction; done twice it charges once."""
    row = begun.translation
    with transaction.atomic():
        if not begun.choice.capabilities.is_metered_by_use:
            charged = row.tokens_estimated
            metering.settle(hold_key(row), source="local", prompt_tokens=charged)
        if result.detected and not row.source_lang:
            row.detected_lang, row.detected_sure = result.detected, True
        row.status, row.completed_at = Translation.Status.COMPLETED, timezone.now()
        row.tokens_charged += charged
        row.quality = {"segments": result.segments, "flagged": result.flagged, "flags": result.flags}
        row.save(
            update_fields=["status", "completed_at", "tokens_charged", "detected_lang", "detected_sure", "quality"]
        )
        TranslationText.objects.filter(translation=row).update(result=result.text)
    return row


def fail(row: Translation, error: DomainError, *, charged: int = 0) -> None:
    """Release what is held, and say on the row what went wrong."""
    with transaction.atomic():
        metering.settle(hold_key(row), source="local")
        row.status, row.error_code, row.error_message = Translation.Status.FAILED, error.code, error.sentence[:500]
        row.tokens_charged += charged
        row.save(update_fields=["status", "error_code", "error_message", "tokens_charged"])


def cancel(row: Translation, charged: int) -> None:
    """Who asked for it went away; what was used is charged."""
    with transaction.atomic():
        metering.settle(hold_key(row), source="local")
        Translation.objects.filter(pk=row.pk, status=Translation.Status.PROCESSING).update(
            status=Translation.Status.CANCELLED, tokens_charged=row.tokens_charged + charged
        )
