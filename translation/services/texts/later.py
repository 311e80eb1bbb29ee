"""Long texts in the background: a job that may run twice, and the end of those whose process is gone."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import jobs
from core.errors import DomainError
from core.models import Job
from core.realtime import streams
from core.realtime.names import user_stream
from translation.events import TranslationUpdated
from translation.models import Translation
from translation.services import choosing
from translation.services.texts import asking
from translation.services.texts import doing
from translation.services.texts.asking import Ask
from translation.services.texts.asking import Begun
from translation.shapes import FaultShape

TEXT = "translation.text"
_AT_ONCE = 200


class Lost(DomainError):
    """Nobody is at it any more."""

    code, status, message = "interrupted", 503, "The translation was interrupted. Try it again."


def begin(actor: User, ask: Ask, *, client_id: str | None) -> Translation:
    """Write it down for a job. Raises what :func:`translation.services.texts.asking.begin` does."""
    with transaction.atomic():
        begun = asking.begin(actor, ask, client_id=client_id, is_later=True)
        row = begun.translation
        if begun.is_new:
            payload = {"translation": str(row.pk), "model": ask.model}
            jobs.enqueue(TEXT, payload=payload, owner=actor, key=f"{row.pk}:{row.round}")
    return row


def work(run: jobs.Run) -> None:
    """Do it; what fails stands on the row. A run after a lost one does it again, under the same hold."""
    found = Translation.objects.select_related("user", "glossary", "text").filter(pk=run.payload["translation"]).first()
    if found is None or found.user is None or found.is_over:
        return
    Translation.objects.filter(pk=found.pk).update(status=Translation.Status.PROCESSING, started_at=timezone.now())
    found.status = Translation.Status.PROCESSING
    try:
        choice = choosing.service(found.user, asked=found.service, model=run.payload.get("model", ""))
        begun = Begun(found, choice, found.glossary, found.text.source)
        doing.do(begun, check=run.check)
    except DomainError as error:
        if not found.is_over:
            doing.fail(found, error)
    _tell(found)


def ended(job: Job) -> None:
    """The job failed, or was cancelled: so has the text."""
    found = Translation.objects.select_for_update().filter(pk=job.payload["translation"]).first()
    if found is not None and not found.is_over:
        doing.fail(found, Lost())
        _say(found)


def _say(row: Translation) -> None:
    if row.user_id is None:
        return
    error = FaultShape(code=row.error_code, message=row.error_message) if row.error_code else None
    is_done = row.status == Translation.Status.COMPLETED
    event = TranslationUpdated(
        id=row.pk,
        kind="text",
        status=row.status,
        stage="",
        progress=100 if is_done else 0,
        chunk_done=int(is_done),
        chunk_count=1,
        error=error,
        result_file_id=None,
        expires_at=None,
    )
    streams.append(user_stream(row.user_id), event)


def _tell(row: Translation) -> None:
    with transaction.atomic():
        _say(row)


def sweep() -> int:
    """Texts that somebody waited for, whose process is gone: failed, and nothing is charged. Returns how many."""
    lost = Translation.objects.filter(
        kind=Translation.Kind.TEXT,
        status=Translation.Status.PROCESSING,
        started_at__lt=timezone.now() - asking.LOST_AFTER,
    )
    count = 0
    for row in lost.order_by("pk")[:_AT_ONCE]:
        with transaction.atomic():
            current = lost.select_for_update().filter(pk=row.pk).first()
            if current is not None:
                doing.fail(current, Lost())
                count += 1
    return count
