"""Our own path: the segments of a part by the text endpoint of a service, batch by batch. What is done is a row."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction
from django.db.models import F

from core import jobs
from core.ids import uuid7
from translation import errors
from translation import markers
from translation import metrics
from translation import translating
from translation import verdicts
from translation.errors import Doubtful
from translation.errors import Paused
from translation.models import Glossary
from translation.models import Translation
from translation.models import TranslationChunk
from translation.models import TranslationSegment
from translation.providers.base import FREE
from translation.providers.base import Capabilities
from translation.providers.base import Context
from translation.providers.base import Neighbour
from translation.providers.base import Provider
from translation.segments import Outcome
from translation.segments import Segment
from translation.services import choosing
from translation.services import glossaries
from translation.services import memory
from translation.services import telling
from translation.services.documents import parts
from translation.services.documents import paying
from translation.services.documents import terms
from translation.services.documents.parts import State
from translation.services.metered import TokenMeter

_FROM = (State.WAITING, State.WORKING)
_PAID_AT_ONCE, _PAID_BYTES = 40, 12_000
"""Segments of one call to whoever is paid by the call."""
_BEFORE, _AFTER = 3, 2
"""Segments around a batch that a service is shown."""
_COPY_SECONDS = 10


def work(run: jobs.Run, chunk: TranslationChunk, provider: Provider) -> None:
    """Translate what is new of the part, from where the last run came to. Raises what the service does."""
    with parts.moving(run, chunk) as row:
        parts.change(row, frm=_FROM, state=State.WORKING)
    can = provider.capabilities()
    told = context(chunk.translation, provider=provider, chunk=chunk, check=run.check)
    if can.is_metered_by_use:
        # What was paid is a row soon: a call that is lost is paid again.
        can = replace(can, max_texts=min(can.max_texts, _PAID_AT_ONCE), max_bytes=min(can.max_bytes, _PAID_BYTES))
        told = _of_model(run, chunk, provider, told)
    for batch in _batches(_new(chunk), can):
        _translate(run, chunk, provider, told, batch)
    parts.done(run, chunk, frm=(State.WORKING,))


def _of_model(run: jobs.Run, chunk: TranslationChunk, provider: Provider, told: Context) -> Context:
    """With what else a model is told: the terms of the document, and who helps out."""
    if terms.is_due(chunk):
        meter = _meter(run, chunk, provider)
        try:
            terms.render(run, chunk, replace(told, meter=meter or FREE), settle=lambda: _settle(chunk, meter))
        finally:
            # After a failure; what was stored is settled already.
            _settle(chunk, meter)
    other = choosing.fallback(chunk.translation.user, told.model) if chunk.translation.user else ""
    return replace(told, terms=terms.known(chunk.translation), has_terms=True, fallback_model=other)


def context(
    translation: Translation,
    *,
    provider: Provider | None = None,
    chunk: TranslationChunk | None = None,
    check: Callable[[], object] | None = None,
) -> Context:
    """What a service is told of a document; has it copy the glossary where it keeps one. Not in a transaction.

    Raises children of ServiceError for the copy, never Doubtful: a copy too many is nobody's loss.
    """
    glossary = translation.glossary
    source = translation.source_lang or (translation.detected_lang if translation.detected_sure else "")
    told = Context(
        target=translation.target_lang,
        # Who chose a glossary has said what the document is in.
        source=source or (glossary.source_lang if glossary else ""),
        formality=translation.formality,  # type: ignore[arg-type] # checked when it was asked for
        glossary=glossaries.entries_of(glossary),
        glossary_id=_copy(glossary, provider),
        instructions=translation.instructions,
        title=translation.name,
        model=translation.model,
        filename=translation.name,
        chunk=chunk.number if chunk else 0,
        round=chunk.round if chunk else 1,
    )
    return replace(told, check=check) if check else told


def _copy(glossary: Glossary | None, provider: Provider | None) -> str:
    try:
        return glossaries.vendor_copy(glossary, provider) if provider else ""
    except Doubtful as error:
        raise Paused(retry_after=_COPY_SECONDS) from error


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


def _translate(
    run: jobs.Run, chunk: TranslationChunk, provider: Provider, told: Context, batch: Sequence[TranslationSegment]
) -> None:
    run.check()
    told = _with_neighbours(told, chunk, batch)
    segments = [Segment(row.number, row.place, row.kind, row.source) for row in batch]
    known, wanted = _recalled(chunk, provider, told, segments)
    meter = _meter(run, chunk, provider) if wanted else None
    try:
        answer = translating.run(provider, wanted, replace(told, meter=meter or FREE))
        outcomes = known | {outcome.number: outcome for outcome in answer.outcomes}
        repeated = _repeated(segments, outcomes)
        _store(
            run, chunk, batch, outcomes | repeated, billed=answer.billed, remembered={*known, *repeated},
            settle=lambda: _settle(chunk, meter),
        )  # fmt: skip
    except Doubtful:
        _count_doubt(run, chunk)
        raise
    except jobs.LeaseLost:
        # Another run has the part, and its owner pays for that one.
        if meter is not None:
            meter.release()
        raise
    finally:
        # What was used is paid when the batch came to nothing, too; what was stored is settled already.
        _settle(chunk, meter)
    if meter is not None and chunk.translation.user_id:
        memory.remember(chunk.translation.user_id, chunk.service, told, wanted, outcomes)


def _recalled(
    chunk: TranslationChunk, provider: Provider, told: Context, segments: Sequence[Segment]
) -> tuple[dict[int, Outcome], list[Segment]]:
    """What its owner had translated before, and what is left to ask for, each text once: only models are paid by what
    they write, so only there it spares anything."""
    user_id = chunk.translation.user_id
    if not provider.capabilities().is_metered_by_use or not user_id:
        return {}, list(segments)
    known = memory.recall(user_id, chunk.service, told, segments)
    wanted = {segment.text: segment for segment in reversed(segments) if segment.number not in known}
    return known, sorted(wanted.values(), key=lambda segment: segment.number)


def _repeated(segments: Sequence[Segment], outcomes: Mapping[int, Outcome]) -> dict[int, Outcome]:
    """The others of each text that was asked for once."""
    said = {segment.text: outcomes[segment.number] for segment in segments if segment.number in outcomes}
    return {
        segment.number: replace(said[segment.text], number=segment.number)
        for segment in segments
        if segment.number not in outcomes and segment.text in said
    }


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
    return TokenMeter(whole.user_id, key=key, model=whole.model, reference=str(whole.pk), settles_at_once=False)


def _settle(chunk: TranslationChunk, meter: TokenMeter | None) -> None:
    """Charge what is held, and write it on the rows in the same transaction. Does nothing the second time."""
    if meter is None or not meter.is_open:
        return
    with transaction.atomic():
        # The document before balances: see parts.
        Translation.objects.select_for_update().filter(pk=chunk.translation_id).values_list("pk").first()
        meter.settle()
        if tokens := meter.take():
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
    outcomes: Mapping[int, Outcome],
    *,
    billed: int | None,
    remembered: Collection[int],
    settle: Callable[[], None],
) -> None:
    """By number, never by place: what did not come back has failed, and says so. Paid in the same transaction."""
    for row in batch:
        row.from_memory = row.number in remembered
        _judge(row, outcomes.get(row.number))
    left = TranslationSegment.objects.filter(chunk=chunk, state=TranslationSegment.State.NEW)
    with parts.moving(run, chunk) as locked:
        TranslationSegment.objects.bulk_update(batch, ["target", "state", "flags", "from_memory"], batch_size=200)
        whole = TranslationSegment.objects.filter(chunk=chunk).count()
        progress = 100 * (whole - left.count()) // max(1, whole)
        changes = {"progress": progress}
        if billed is not None:
            changes["vendor_billed"] = (locked.vendor_billed or 0) + billed
        parts.change(locked, frm=(State.WORKING,), **changes)
        settle()
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
