"""Our own path: the segments of a part by the text endpoint of a service, batch by batch. What is done is a row."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace

from django.db.models import F

from core import jobs
from core.ids import uuid7
from translation import errors
from translation import markers
from translation import metrics
from translation import translating
from translation import verdicts
from translation.models import Translation
from translation.models import TranslationChunk
from translation.models import TranslationSegment
from translation.providers.base import Capabilities
from translation.providers.base import Context
from translation.providers.base import Doubtful
from translation.providers.base import Neighbour
from translation.providers.base import Provider
from translation.segments import Outcome
from translation.segments import Segment
from translation.services import telling
from translation.services.documents import parts
from translation.services.documents import paying
from translation.services.documents.parts import State
from translation.services.metered import TokenMeter

_FROM = (State.WAITING, State.WORKING)
_PAID_AT_ONCE, _PAID_BYTES = 40, 12_000
"""Segments of one call to whoever is paid by the call."""
_BEFORE, _AFTER = 3, 2
"""Segments around a batch that a service is shown."""


def work(run: jobs.Run, chunk: TranslationChunk, provider: Provider) -> None:
    """Translate what is new of the part, from where the last run came to. Raises what the service does."""
    with parts.moving(run, chunk) as row:
        parts.change(row, frm=_FROM, state=State.WORKING)
    can = provider.capabilities()
    if can.is_metered_by_use:
        # What was paid is a row soon: a call that is lost is paid again.
        can = replace(can, max_texts=min(can.max_texts, _PAID_AT_ONCE), max_bytes=min(can.max_bytes, _PAID_BYTES))
    for batch in _batches(_new(chunk), can):
        _translate(run, chunk, provider, batch)
    parts.done(run, chunk, frm=(State.WORKING,))


def context(
    translation: Translation, *, chunk: TranslationChunk | None = None, check: Callable[[], object] | None = None
) -> Context:
    """What a service is told of a document."""
    glossary = dict(translation.glossary.entries) if translation.glossary else {}
    told = Context(
        target=translation.target_lang,
        source=translation.source_lang or (translation.detected_lang if translation.detected_sure else ""),
        formality=translation.formality,  # type: ignore[arg-type] # checked when it was asked for
        glossary=glossary,
        instructions=translation.instructions,
        title=translation.name,
        model=translation.model,
        filename=translation.name,
        chunk=chunk.number if chunk else 0,
        round=chunk.round if chunk else 1,
    )
    return replace(told, check=check) if check else told


def _new(chunk: TranslationChunk) -> list[TranslationSegment]:
    rows = TranslationSegment.objects.filter(chunk=chunk, state=TranslationSegment.State.NEW)
    return list(rows.order_by("number"))


def _batches(rows: Sequence[TranslationSegment], can: Capabilities) -> Iterator[list[TranslationSegment]]:
    batch: list[TranslationSegment] = []
    size = 0
    for row in rows:
        length = len(row.source.encode())
        if batch and (len(batch) >= can.max_texts or size + length > can.max_bytes):
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += length
    if batch:
        yield batch


def _translate(run: jobs.Run, chunk: TranslationChunk, provider: Provider, batch: Sequence[TranslationSegment]) -> None:
    run.check()
    told = context(chunk.translation, chunk=chunk, check=run.check)
    told = _with_neighbours(told, chunk, batch)
    meter = _meter(run, chunk, provider)
    if meter is not None:
        told = replace(told, meter=meter)
    wanted = [Segment(row.number, row.place, row.kind, row.source) for row in batch]
    try:
        answer = translating.run(provider, wanted, told)
    except Doubtful:
        _count_doubt(run, chunk)
        raise
    finally:
        if meter is not None and meter.charged:
            _note_use(chunk, meter.charged)
    _store(run, chunk, batch, answer.outcomes, billed=answer.billed)


def _meter(run: jobs.Run, chunk: TranslationChunk, provider: Provider) -> TokenMeter | None:
    """Who pays for the calls of a batch to a model. Fails the part when more was used than was agreed to."""
    whole = chunk.translation
    if not provider.capabilities().is_metered_by_use or whole.user_id is None:
        return None
    whole.refresh_from_db(fields=["tokens_charged", "tokens_estimated"])
    if whole.tokens_charged >= whole.tokens_estimated:
        over = errors.QuoteExceeded()
        parts.failed(run, chunk, code=over.code, message=over.sentence)
        raise parts.Moved
    # Of this very batch: a run that goes on after another must not find its settled holds.
    key = f"{paying.key_of(chunk)}:{uuid7()}"
    return TokenMeter(whole.user_id, key=key, model=whole.model, reference=str(whole.pk))


def _note_use(chunk: TranslationChunk, tokens: int) -> None:
    """It was paid, whether the batch came to anything or not."""
    TranslationChunk.objects.filter(pk=chunk.pk).update(charged=F("charged") + tokens)
    Translation.objects.filter(pk=chunk.translation_id).update(tokens_charged=F("tokens_charged") + tokens)


def _with_neighbours(told: Context, chunk: TranslationChunk, batch: Sequence[TranslationSegment]) -> Context:
    around = TranslationSegment.objects.filter(translation_id=chunk.translation_id)
    before = around.filter(number__lt=batch[0].number).order_by("-number")[:_BEFORE]
    after = around.filter(number__gt=batch[-1].number).order_by("number")[:_AFTER]
    return replace(
        told,
        before=[Neighbour(row.source, row.target) for row in reversed(before)],
        after=[row.source for row in after],
    )


def _store(
    run: jobs.Run,
    chunk: TranslationChunk,
    batch: Sequence[TranslationSegment],
    outcomes: Sequence[Outcome],
    *,
    billed: int | None,
) -> None:
    """By number, never by place: what did not come back has failed, and says so."""
    said = {outcome.number: outcome for outcome in outcomes}
    for row in batch:
        _judge(row, said.get(row.number))
    left = TranslationSegment.objects.filter(chunk=chunk, state=TranslationSegment.State.NEW)
    with parts.moving(run, chunk) as locked:
        TranslationSegment.objects.bulk_update(batch, ["target", "state", "flags"], batch_size=200)
        whole = TranslationSegment.objects.filter(chunk=chunk).count()
        progress = 100 * (whole - left.count()) // max(1, whole)
        changes = {"progress": progress}
        if billed is not None:
            changes["vendor_billed"] = (locked.vendor_billed or 0) + billed
        parts.change(locked, frm=(State.WORKING,), **changes)
        telling.progressed(locked.translation, locked)


def _judge(row: TranslationSegment, outcome: Outcome | None) -> None:
    """A person's own words stay; markers that do not fit are put back plainly, and somebody should look."""
    if row.is_edited:
        return
    if outcome is None or verdicts.MISSING in outcome.flags:
        row.state, row.flags = TranslationSegment.State.FAILED, [verdicts.MISSING]
        return
    row.target = markers.put_back(row.source, outcome.text) if markers.fits(row.source, outcome.text) else outcome.text
    row.flags = list(outcome.flags)
    row.state = TranslationSegment.State.FLAGGED if outcome.flags else TranslationSegment.State.DONE


def _count_doubt(run: jobs.Run, chunk: TranslationChunk) -> None:
    """A text that was cut off may have been billed; it is asked once more, a few times at most."""
    with parts.moving(run, chunk) as row:
        parts.change(row, frm=(State.WORKING,), doubtful=row.doubtful + 1, upload_attempt=row.upload_attempt + 1)
        metrics.DOUBTS.labels(row.service).inc()
        if row.upload_attempt > parts.MOST_DOUBTS:
            unsure = Doubtful()
            parts.fail(row, code=unsure.code, message=unsure.sentence)
        gives_up = row.state == State.FAILED
    if gives_up:
        raise parts.Moved
