"""What owners do with a document: cancel, try again, correct, have it built again, delete."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from core import jobs
from core.errors import InvalidInput
from core.errors import NotFound
from core.models import Job
from translation import errors
from translation import markers
from translation.models import Translation
from translation.models import TranslationChunk
from translation.models import TranslationSegment
from translation.providers import registry
from translation.services import deleting
from translation.services import telling
from translation.services.documents import merging
from translation.services.documents import parts
from translation.services.documents import paying
from translation.services.documents import quoting
from translation.services.documents.asking import INSPECT
from translation.services.documents.facts import tokens_of
from translation.services.documents.parts import State
from translation.services.documents.starting import SPLIT

_ENDED = (Translation.Status.COMPLETED, Translation.Status.FAILED, Translation.Status.CANCELLED)
_KINDS = (INSPECT, SPLIT, parts.CHUNK, parts.MERGE)


@transaction.atomic
def cancel(user: User, translation_id: UUID) -> Translation:
    """End it: what is done stays paid, the rest costs nothing. One that has ended stays as it is."""
    found = _lock(user, translation_id)
    if found.status in _ENDED:
        return found
    parts.drop_parts(found.pk, State.CANCELLED, code="cancelled")
    found.status, found.stage = Translation.Status.CANCELLED, Translation.Stage.CANCELLED
    found.error_code = found.error_message = ""
    found.completed_at = timezone.now()
    found.save()
    _stop_jobs(found)
    paying.give_back(found, "It was cancelled.")
    telling.updated(found)
    return found


@transaction.atomic
def retry(user: User, translation_id: UUID, *, numbers: Collection[int] = (), is_flagged: bool = False) -> Translation:
    """Translate once more what has failed: all of it, these parts, or the segments that somebody should look at.

    What is done is not held for again. Raises NotReady while it is at work, and NothingToRetry.
    """
    found = _lock(user, translation_id)
    if found.status not in {Translation.Status.FAILED, Translation.Status.COMPLETED}:
        raise errors.NotReady
    if found.source_file_id is None:
        raise errors.FileGone
    chunks = TranslationChunk.objects.select_for_update().filter(translation=found).order_by("number")
    wanted = _flagged(found, chunks) if is_flagged else _failed(found, chunks)
    if numbers:
        wanted = [chunk for chunk in wanted if chunk.number in set(numbers)]
    is_unmerged = found.error_code == "merge_failed"
    if not wanted and not is_unmerged:
        raise errors.NothingToRetry
    found.round += 1
    found.status, found.stage = Translation.Status.PROCESSING, Translation.Stage.WORKING
    found.error_code = found.error_message = ""
    found.completed_at = None
    found.part_done = chunks.filter(state=State.DONE).exclude(pk__in=[chunk.pk for chunk in wanted]).count()
    found.save()
    for chunk in wanted:
        _again(found, chunk)
    if registry.is_on(found.service) and registry.get(found.service).capabilities().is_metered_by_use:
        # Whoever tries it again agrees to as much as that may take.
        more = sum(chunk.tokens for chunk in wanted) * quoting.USE_PER_HUNDRED // 100
        Translation.objects.filter(pk=found.pk).update(tokens_estimated=found.tokens_charged + more)
    if wanted:
        telling.updated(found)
    else:
        parts.begin_merge(found)
    return found


def segments(user: User, translation_id: UUID, *, state: str = "") -> QuerySet[TranslationSegment]:
    """Those of a document of the user's, in its order. Raises NotFound."""
    found = Translation.objects.visible_to(user).documents().filter(pk=translation_id).first()
    if found is None:
        raise NotFound
    rows = TranslationSegment.objects.filter(translation=found)
    return rows.filter(state=state) if state else rows


@transaction.atomic
def correct(user: User, translation_id: UUID, number: int, *, target: str) -> TranslationSegment:
    """A person's own words for one segment; the file has them once it is built again.

    Raises NotReady while it is at work, and InvalidInput when the markers of the source are not all there.
    """
    found = _lock(user, translation_id)
    if found.status not in _ENDED:
        raise errors.NotReady
    row = TranslationSegment.objects.select_for_update().filter(translation=found, number=number).first()
    if row is None:
        raise NotFound
    if problems := markers.fits(row.source, target):
        sentence = "Keep each marker of the source once, such as ⟦1⟧ and ⟦/1⟧."
        raise InvalidInput(details={"target": [sentence]}, problems=list(problems))
    row.target, row.is_edited, row.flags = target, True, []
    row.state = TranslationSegment.State.DONE
    row.save(update_fields=["target", "is_edited", "flags", "state"])
    Translation.objects.filter(pk=found.pk).update(quality=merging.quality_of(found))
    return row


@transaction.atomic
def rebuild(user: User, translation_id: UUID) -> Translation:
    """Have the file put together again, with what was corrected; it costs nothing.

    Raises NotReady where there is nothing to build it from.
    """
    found = _lock(user, translation_id)
    built = {Translation.Status.COMPLETED, Translation.Status.FAILED}
    if found.status not in built or found.path != Translation.Path.IN_PLACE:
        raise errors.NotReady
    if found.source_file_id is None:
        raise errors.FileGone
    if not TranslationChunk.objects.filter(translation=found, state=State.DONE).exists():
        raise errors.NotReady
    found.round += 1
    found.status, found.completed_at = Translation.Status.PROCESSING, None
    found.save()
    parts.begin_merge(found)
    return found


def delete(user: User, translation_id: UUID) -> None:
    """It ends, and everything of it goes; figures stay. Raises NotFound."""
    found = cancel(user, translation_id)
    deleting.empty(found)
    telling_of = found.pk
    with transaction.atomic():
        telling.deleted(user.pk, telling_of)


def _lock(user: User, translation_id: UUID) -> Translation:
    rows = Translation.objects.visible_to(user).documents().select_for_update(of=("self",)).select_related("user")
    found = rows.filter(pk=translation_id).first()
    if found is None:
        raise NotFound
    return found


def _stop_jobs(found: Translation) -> None:
    chunk_ids = [str(pk) for pk in TranslationChunk.objects.filter(translation=found).values_list("pk", flat=True)]
    mine = Job.objects.filter(kind__in=_KINDS, owner_id=found.user_id, finished_at=None)
    for job in mine:
        if job.payload.get("translation") == str(found.pk) or job.payload.get("chunk") in chunk_ids:
            jobs.cancel(job)


def _failed(found: Translation, chunks: QuerySet[TranslationChunk]) -> list[TranslationChunk]:
    """Parts that failed, and those that were done but for some of their segments."""
    missing = TranslationSegment.objects.filter(
        translation=found, state=TranslationSegment.State.FAILED, is_edited=False
    )
    return list(chunks.filter(Q(state=State.FAILED) | Q(pk__in=missing.values("chunk_id"))))


def _flagged(found: Translation, chunks: QuerySet[TranslationChunk]) -> list[TranslationChunk]:
    """Parts with segments that should be looked at; these are new again, and nothing else of them."""
    states = TranslationSegment.State
    again = TranslationSegment.objects.filter(translation=found, is_edited=False)
    again = again.filter(state__in=[states.FLAGGED, states.FAILED])
    ids = set(again.values_list("chunk_id", flat=True))
    again.update(state=states.NEW, target="", flags=[])
    return list(chunks.filter(pk__in=ids))


def _again(found: Translation, chunk: TranslationChunk) -> None:
    """The part begins once more; by our own path it pays for what is new alone."""
    chunk.round += 1
    chunk.state, chunk.progress, chunk.upload_attempt = State.WAITING, 0, 0
    chunk.hold_key = chunk.error_code = chunk.error_message = ""
    chunk.vendor_id, chunk.vendor_key, chunk.upload_begun_at = "", None, None
    if found.path == Translation.Path.IN_PLACE:
        states = TranslationSegment.State
        rows = TranslationSegment.objects.filter(chunk=chunk)
        rows.filter(state=states.FAILED, is_edited=False).update(state=states.NEW, flags=[])
        # A part that failed was not charged, so all of it is paid now, whatever of it is there already.
        left = rows if not chunk.done_at else rows.filter(state=states.NEW)
        chunk.tokens = sum(tokens_of(source) for source in left.values_list("source", flat=True))
    chunk.save()
    parts.enqueue(chunk, found.user)
