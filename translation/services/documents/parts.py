"""Parts of a document and their states. Each arrow is a conditional update inside the job's fence.

Locks: job → translation → part → order → hold → balance.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db.models import F
from django.db.models import QuerySet
from django.utils import timezone

from billing.errors import OrderNotPaid
from core import jobs
from core.files import blobs
from core.jobs import services as job_services
from core.models import Job
from translation.models import Translation
from translation.models import TranslationChunk
from translation.services import telling
from translation.services.documents import paying

CHUNK = "translation.chunk"
MERGE = "translation.merge"

State = TranslationChunk.State
Stage = Translation.Stage
OVER = (State.DONE, State.FAILED, State.CANCELLED)
WORKING = (Stage.WORKING, Stage.WAITING_TOKENS, Stage.WAITING_SERVICE)
"""Stages in which parts are worked on."""
MOST_DOUBTS = 3
"""Uploads of one part of which nobody knows; then it has failed, and a person decides."""


class Moved(Exception):
    """The part is not any more where this run left it: somebody cancelled or retried it."""


def enqueue(chunk: TranslationChunk, owner: Any) -> Job:
    """Have a part translated; once for each round of it."""
    payload = {"chunk": str(chunk.pk), "round": chunk.round}
    return jobs.enqueue(CHUNK, payload=payload, owner=owner, key=f"{chunk.pk}:{chunk.round}")


def load(run: jobs.Run) -> TranslationChunk | None:
    """The part of a job, with its document; None when there is nothing left to do for it."""
    rows = TranslationChunk.objects.select_related("translation__user", "translation__glossary")
    found = rows.filter(pk=run.payload["chunk"], round=run.payload["round"]).exclude(state__in=OVER).first()
    if found is None or found.translation.user_id is None or found.translation.stage not in WORKING:
        return None
    return found


@contextmanager
def moving(run: jobs.Run, chunk: TranslationChunk) -> Iterator[TranslationChunk]:
    """A fenced transaction with the part locked, and its document before it. Raises Moved, and LeaseLost."""
    with run.fenced():
        yield locked(chunk)


def locked(chunk: TranslationChunk) -> TranslationChunk:
    """The rows as they are now, locked. Raises Moved."""
    whole = Translation.objects.select_for_update(of=("self",)).filter(pk=chunk.translation_id, user__isnull=False)
    translation = whole.filter(stage__in=WORKING).select_related("user").first()
    rows = TranslationChunk.objects.select_for_update().filter(pk=chunk.pk, round=chunk.round)
    found = rows.exclude(state__in=OVER).first()
    if translation is None or found is None:
        raise Moved
    found.translation = translation
    return found


def change(chunk: TranslationChunk, *, frm: tuple[State, ...], **changes: Any) -> None:
    """One arrow. Raises Moved when the part is in none of ``frm``. Call it with the part locked."""
    if not TranslationChunk.objects.filter(pk=chunk.pk, round=chunk.round, state__in=frm).update(**changes):
        raise Moved
    for name, value in changes.items():
        setattr(chunk, name, value)


def done(run: jobs.Run, chunk: TranslationChunk, *, frm: tuple[State, ...], **changes: Any) -> None:
    """The part is translated and paid, once; whoever is the last one out has the merge begin.

    Raises Moved; OrderNotPaid never: then the document ends.
    """
    try:
        with moving(run, chunk) as row:
            charged = paying.deliver(row.translation, row)
            if key := changes.get("result_key"):
                blobs.claim(key)
            change(
                row, frm=frm, state=State.DONE, progress=100, done_at=timezone.now(), error_code="", error_message="",
                charged=row.charged + charged, **changes,
            )  # fmt: skip
            Translation.objects.filter(pk=row.translation_id).update(
                part_done=F("part_done") + 1, tokens_charged=F("tokens_charged") + charged
            )
            row.translation.refresh_from_db(fields=["part_done", "tokens_charged"])
            telling.progressed(row.translation, row)
            last_one_out(row.translation)
    except OrderNotPaid:
        with moving(run, chunk) as row:
            fail_whole(row.translation, "payment_returned", "The payment was given back, so the work has ended.")


def failed(run: jobs.Run, chunk: TranslationChunk, *, code: str, message: str) -> None:
    """The part has failed, and costs nothing; the others go on."""
    with moving(run, chunk) as row:
        fail(row, code=code, message=message)


def fail(chunk: TranslationChunk, *, code: str, message: str) -> None:
    """As :func:`failed`, for a part that is locked."""
    paying.release(chunk)
    TranslationChunk.objects.filter(pk=chunk.pk).update(
        state=State.FAILED, error_code=code[:40], error_message=message[:500], hold_key=""
    )
    chunk.state = State.FAILED
    telling.progressed(chunk.translation, chunk)
    last_one_out(chunk.translation)


def last_one_out(translation: Translation) -> None:
    """With the document locked: when no part is left to be worked on, the merge begins, or all of it has failed.

    Without the lock two parts that finish together would each see the other one unfinished.
    """
    rows = TranslationChunk.objects.filter(translation=translation)
    if rows.exclude(state__in=OVER).exists():
        if translation.stage != Stage.WORKING:
            to_stage(translation, Stage.WORKING)
        return
    if not rows.filter(state=State.DONE).exists():
        first = rows.filter(state=State.FAILED).order_by("number").first()
        code, message = (first.error_code, first.error_message) if first else ("lost", "")
        fail_whole(translation, code, message)
        return
    begin_merge(translation)


def begin_merge(translation: Translation) -> None:
    """Have the parts put together. The document is locked."""
    to_stage(translation, Stage.MERGING)
    payload = {"translation": str(translation.pk), "round": translation.round}
    jobs.enqueue(MERGE, payload=payload, owner=translation.user, key=f"{translation.pk}:{translation.round}")


def to_stage(translation: Translation, stage: Stage, *, code: str = "", message: str = "") -> None:
    """Another stage of a document at work, told to its owner. The document is locked."""
    if (translation.stage, translation.error_code) == (stage, code):
        return
    translation.stage, translation.error_code, translation.error_message = stage, code, message[:500]
    translation.save(update_fields=["stage", "error_code", "error_message"])
    telling.updated(translation)


def fail_whole(translation: Translation, code: str, message: str) -> None:
    """The document has failed, and what waits of it ends. The document is locked.

    What was paid and not delivered stays for a day, so that it can be tried again; then the sweep gives it back.
    """
    drop_parts(translation.pk, State.FAILED, code=code)
    translation.status, translation.stage = Translation.Status.FAILED, Stage.FAILED
    translation.error_code, translation.error_message = code[:40], message[:500]
    translation.completed_at = timezone.now()
    translation.save(update_fields=["status", "stage", "error_code", "error_message", "completed_at"])
    telling.updated(translation)
    telling.notify_end(translation)


def drop_parts(translation_id: UUID, state: State, *, code: str) -> None:
    """What is not over yet ends in ``state``, and costs nothing."""
    rows = TranslationChunk.objects.select_for_update().filter(translation_id=translation_id).exclude(state__in=OVER)
    for chunk in rows.order_by("number"):
        paying.release(chunk)
        TranslationChunk.objects.filter(pk=chunk.pk).update(state=state, error_code=code[:40], hold_key="")


def look_now(waiting: QuerySet[Job]) -> None:
    """Let jobs that wait for a later moment run at once."""
    now = timezone.now()
    for job in waiting.filter(state=Job.State.QUEUED, run_at__gt=now):
        if Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(run_at=now, poke_at=now):
            job_services.poke_on_commit(job.pk, job.kind)
