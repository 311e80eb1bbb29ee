"""Working on one part: its tokens first, then by our own path or by a service that takes it whole."""

from __future__ import annotations

from typing import NoReturn

from billing.errors import OrderNotPaid
from billing.errors import PlatformLimitReached
from billing.errors import TokenLimitExceeded
from core import jobs
from core.errors import DomainError
from core.models import Job
from translation import errors
from translation.errors import Doubtful
from translation.errors import KeyRejected
from translation.errors import OutOfCredit
from translation.errors import Paused
from translation.errors import ServiceError
from translation.models import Translation
from translation.models import TranslationChunk
from translation.providers import registry
from translation.providers.base import Provider
from translation.services.documents import own_path
from translation.services.documents import parts
from translation.services.documents import paying
from translation.services.documents import whole_files
from translation.services.documents.parts import State

STAFF_LOOK_SECONDS = 300.0
"""How often a part looks whether staff have let it go on. The service is not asked."""
DOUBT_SECONDS = 10.0
_BEGINNING = frozenset({State.WAITING, State.WORKING, State.UPLOADING})
_FOR_STAFF = (OutOfCredit, KeyRejected)


def work(run: jobs.Run) -> None:
    """One run at a part: it ends, or goes on later from where its row is."""
    chunk = parts.load(run)
    if chunk is None:
        return
    translation = chunk.translation
    if translation.stage == parts.Stage.WAITING_SERVICE and translation.error_code in {one.code for one in _FOR_STAFF}:
        run.later(STAFF_LOOK_SECONDS)
    provider = _provider(run, chunk)
    if provider is None:
        return
    # A model is paid by the call.
    if chunk.state in _BEGINNING and not provider.capabilities().is_metered_by_use:
        _hold(run, chunk)
    try:
        if translation.path == Translation.Path.NATIVE:
            whole_files.work(run, chunk, provider)
        else:
            own_path.work(run, chunk, provider)
    except parts.Moved:
        return
    except (TokenLimitExceeded, PlatformLimitReached) as error:
        _wait_for_tokens(run, chunk, error)
    except _FOR_STAFF as error:
        _wait_for_staff(run, chunk, error)
    except Paused as error:
        _wait(run, chunk, float(error.seconds))
    except Doubtful:
        # What was sent may have been done: the next run sends it once more, and counts the doubt.
        run.later(DOUBT_SECONDS)
    except ServiceError as error:
        parts.failed(run, chunk, code=error.code, message=error.sentence)


def ended(job: Job) -> None:
    """The job failed for good, or was cancelled: so has its part."""
    rows = TranslationChunk.objects.filter(pk=job.payload["chunk"], round=job.payload["round"])
    found = rows.select_related("translation").first()
    if found is None:
        return
    try:
        row = parts.locked(found)
    except parts.Moved:
        return
    parts.fail(row, code="lost", message=job.error or "This part could not be translated. Try it again.")


def _provider(run: jobs.Run, chunk: TranslationChunk) -> Provider | None:
    if not registry.is_on(chunk.service):
        off = errors.UnknownService()
        parts.failed(run, chunk, code=off.code, message=off.sentence)
        return None
    return registry.get(chunk.service)


def _hold(run: jobs.Run, chunk: TranslationChunk) -> None:
    """Tokens for this try. Without enough of them the part waits, and goes on by itself."""
    if chunk.hold_key == paying.key_of(chunk):
        paying.keep(chunk)
        return
    try:
        key = paying.hold(chunk.translation, chunk)
    except (TokenLimitExceeded, PlatformLimitReached) as error:
        _wait_for_tokens(run, chunk, error)
    except OrderNotPaid as error:
        with parts.moving(run, chunk) as row:
            parts.fail_whole(row.translation, error.code, error.sentence)
        raise jobs.Cancelled from None
    with parts.moving(run, chunk) as row:
        parts.change(row, frm=(State.WAITING, State.WORKING, State.UPLOADING), hold_key=key)
        if row.translation.stage != parts.Stage.WORKING:
            parts.to_stage(row.translation, parts.Stage.WORKING)
    chunk.hold_key = key


def _wait_for_tokens(run: jobs.Run, chunk: TranslationChunk, error: DomainError) -> NoReturn:
    with parts.moving(run, chunk) as row:
        if not TranslationChunk.objects.filter(
            translation=row.translation, state__in=[State.SENT, State.FETCHING, State.UPLOADING]
        ).exists():
            parts.to_stage(row.translation, parts.Stage.WAITING_TOKENS)
    run.later(paying.until_reset(error.retry_after))


def _wait(run: jobs.Run, chunk: TranslationChunk, seconds: float) -> NoReturn:
    """The service asked for time; certainly nothing was done. While others of it go on the document is at work."""
    with parts.moving(run, chunk) as row:
        _was_not_sent(row)
        busy = TranslationChunk.objects.filter(translation=row.translation, state__in=[State.SENT, State.FETCHING])
        if not busy.exists():
            parts.to_stage(row.translation, parts.Stage.WAITING_SERVICE)
    run.later(seconds)


def _wait_for_staff(run: jobs.Run, chunk: TranslationChunk, error: ServiceError) -> NoReturn:
    """Nothing is asked again before staff said so, of this part or the others; its tokens are free meanwhile."""
    with parts.moving(run, chunk) as row:
        _was_not_sent(row)
        paying.keep(row)
        parts.to_stage(row.translation, parts.Stage.WAITING_SERVICE, code=error.code, message=error.sentence)
    run.later(STAFF_LOOK_SECONDS)


def _was_not_sent(row: TranslationChunk) -> None:
    """The service certainly does not have it."""
    if row.state == State.UPLOADING:
        parts.change(row, frm=(State.UPLOADING,), state=State.WAITING, upload_attempt=max(0, row.upload_attempt - 1))
