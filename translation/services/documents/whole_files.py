"""A service that takes files whole: hand over, look, fetch. Repeats are not known there, so every step is a row first.

The marker ``uploading`` is written before the first byte leaves. Whoever finds it there cannot know whether the service
has the file: it is sent once more, and counted as a doubt. Whoever finds ``sent`` only asks.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from core import jobs
from core.files import blobs
from core.http import pace
from core.http.errors import Busy
from translation import errors
from translation import metrics
from translation.errors import Doubtful
from translation.errors import Gone
from translation.errors import Paused
from translation.models import TranslationChunk
from translation.providers.base import Context
from translation.providers.base import Handle
from translation.providers.base import Progress
from translation.providers.base import Provider
from translation.services import telling
from translation.services.documents import own_path
from translation.services.documents import parts
from translation.services.documents import paying
from translation.services.documents import spooling
from translation.services.documents.callbacks import address_for
from translation.services.documents.parts import State

LEAST_SECONDS, MOST_SECONDS = 5.0, 30.0
"""Between two looks at a service."""
_PLACE_SECONDS = 5
_UPLOAD_LEASE_SECONDS = 330.0
_AT_SERVICE = (State.UPLOADING, State.SENT, State.FETCHING)
_LONGEST = timedelta(hours=2)
"""A document that a service has for longer is lost."""


def work(run: jobs.Run, chunk: TranslationChunk, provider: Provider) -> None:
    """The next step, from where its row is. Raises what the service does."""
    if chunk.state in {State.WAITING, State.UPLOADING}:
        _begin(run, chunk, provider)
    _look(run, chunk, provider)


def _begin(run: jobs.Run, chunk: TranslationChunk, provider: Provider) -> None:
    with spooling.folder() as folder:
        source = _source(chunk, folder)
        if source is None:
            gone = errors.FileGone()
            parts.failed(run, chunk, code=gone.code, message=gone.sentence)
            raise parts.Moved
        told = _context(run, chunk, provider)
        try:
            # Slots count who uploads now; rows count what lies there.
            with pace.slot(f"translation:{chunk.service}", most=_at_once(), lease=_UPLOAD_LEASE_SECONDS):
                _mark(run, chunk)
                run.check()
                handle = provider.begin(source, told)
        except Busy as busy:
            raise Paused(retry_after=busy.retry_after or _PLACE_SECONDS) from None
    with parts.moving(run, chunk) as row:
        parts.change(
            row, frm=(State.UPLOADING,), state=State.SENT, vendor_id=handle.id, vendor_key=handle.key or None,
            vendor_state="queued", poll_at=timezone.now(),
        )  # fmt: skip
        telling.progressed(row.translation, row)
    chunk.refresh_from_db()


def _mark(run: jobs.Run, chunk: TranslationChunk) -> None:
    """Before the first byte. Raises Paused while as many as may be lie at the service, and Moved after many doubts."""
    with parts.moving(run, chunk) as row:
        there = TranslationChunk.objects.filter(service=row.service, state__in=_AT_SERVICE).exclude(pk=row.pk)
        if there.filter(Q(upload_begun_at__gt=timezone.now() - _LONGEST)).count() >= _at_once():
            raise Paused(retry_after=_PLACE_SECONDS)
        doubts = row.doubtful + (row.state == State.UPLOADING)
        if row.state == State.UPLOADING:
            metrics.DOUBTS.labels(row.service).inc()
        gives_up = row.state == State.UPLOADING and row.upload_attempt > parts.MOST_DOUBTS
        if gives_up:
            unsure = Doubtful()
            TranslationChunk.objects.filter(pk=row.pk).update(doubtful=doubts)
            parts.fail(row, code=unsure.code, message=unsure.sentence)
        else:
            parts.change(
                row, frm=(State.WAITING, State.UPLOADING), state=State.UPLOADING, doubtful=doubts,
                upload_attempt=row.upload_attempt + 1, upload_begun_at=timezone.now(), vendor_id="", vendor_key=None,
            )  # fmt: skip
    if gives_up:
        raise parts.Moved


def _at_once() -> int:
    return int(settings.TRANSLATION.deepl_at_once)


def _source(chunk: TranslationChunk, folder: Path) -> Path | None:
    file = chunk.translation.source_file
    key = chunk.source_key or (file.key if file else "")
    return spooling.fetch(key, folder / f"part.{chunk.translation.format}") if key else None


def _context(run: jobs.Run, chunk: TranslationChunk, provider: Provider) -> Context:
    told = own_path.context(chunk.translation, provider=provider, chunk=chunk, check=run.check)
    return replace(told, callback=address_for(chunk))


def _handle(chunk: TranslationChunk) -> Handle:
    return Handle(chunk.vendor_id, chunk.vendor_key.reveal() if chunk.vendor_key else "")


def _look(run: jobs.Run, chunk: TranslationChunk, provider: Provider) -> None:
    """Ask how it stands; when it is done, fetch. Ends the run for a while when it is not."""
    paying.keep(chunk)
    try:
        seen = provider.look(_handle(chunk))
        if seen.state == "done":
            _fetch(run, chunk, provider, seen)
            return
    except Gone:
        _send_again(run, chunk)
    except Doubtful:
        # A question may be asked again, though not for ever.
        if not _is_lost(chunk):
            run.later(LEAST_SECONDS)
        _fail_lost(run, chunk)
        return
    if seen.state == "failed":
        parts.failed(run, chunk, code="service_refused", message=seen.message)
        return
    _note(run, chunk, seen)
    if _is_lost(chunk):
        _fail_lost(run, chunk)
        return
    wait = min(max((seen.seconds or 0) / 3, LEAST_SECONDS), MOST_SECONDS)
    run.later(wait)


def _is_lost(chunk: TranslationChunk) -> bool:
    return chunk.upload_begun_at is not None and chunk.upload_begun_at + _LONGEST < timezone.now()


def _fail_lost(run: jobs.Run, chunk: TranslationChunk) -> None:
    parts.failed(run, chunk, code="service_lost", message="The service did not finish this part. Try it again.")


def _note(run: jobs.Run, chunk: TranslationChunk, seen: Progress) -> None:
    percent = min(max(seen.percent or 0, chunk.progress), 99)
    with parts.moving(run, chunk) as row:
        parts.change(
            row, frm=(State.SENT, State.FETCHING), state=State.SENT, vendor_state=seen.state, progress=percent,
            poll_at=timezone.now(),
        )  # fmt: skip
        telling.progressed(row.translation, row)


def _fetch(run: jobs.Run, chunk: TranslationChunk, provider: Provider, seen: Progress) -> None:
    """On this machine first, then as a blob, then as a row: the service may hand it out only once."""
    with parts.moving(run, chunk) as row:
        parts.change(row, frm=(State.SENT, State.FETCHING), state=State.FETCHING, vendor_state="done")
    with spooling.folder() as folder:
        spooled = folder / "result"
        with spooled.open("wb") as target:
            provider.fetch(_handle(chunk), target)
        key = spooling.store(spooled)
    try:
        parts.done(
            run, chunk, frm=(State.FETCHING,), result_key=key, vendor_billed=seen.billed, vendor_price=seen.price
        )
    except BaseException:
        blobs.discard(key)
        raise


def _send_again(run: jobs.Run, chunk: TranslationChunk) -> None:
    """The service does not have it any more, and nobody can tell why: once more, as a doubt. The hold is the same."""
    with parts.moving(run, chunk) as row:
        parts.change(row, frm=(State.SENT, State.FETCHING), state=State.UPLOADING, vendor_id="", vendor_key=None)
    run.later(LEAST_SECONDS)
