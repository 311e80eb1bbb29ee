"""What nobody looks after any more: merges that were missed, quotes nobody took, files whose time is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from billing.models import Order
from core.models import Job
from translation import limits
from translation.models import Translation
from translation.models import TranslationChunk
from translation.models import TranslationMemory
from translation.services import deleting
from translation.services import telling
from translation.services.documents import parts
from translation.services.documents import paying
from translation.services.documents import starting

_UNPAID_RETRY = timedelta(hours=24)
_REMINDED_BEFORE = timedelta(hours=48)
"""Looked for once a day, so the mail is sent one to two days before."""
_REMINDED = "reminded"


def sweep() -> int:
    """Rows with no living job, merges nobody began, payments nobody told of; returns how many."""
    return _each(_live(), _look) + _paid() + _give_back_old()


def forget() -> int:
    """Memory that was not used, quotes that nobody took, files whose time is over; returns how many.

    Owners of books have a mail before.
    """
    now = timezone.now()
    _remind(now)
    gone, _ = TranslationMemory.objects.filter(used_at__lt=now - limits.MEMORY_TIME).delete()
    old = _waiting().filter(created_at__lt=now - limits.QUOTED_TIME, user__isnull=False)
    for pk in old.order_by("pk").values_list("pk", flat=True):
        gone += _expire(pk)
    over = Translation.objects.filter(files_expire_at__lte=now, completed_at__isnull=False)
    for found in over.order_by("pk"):
        deleting.delete_content(found)
        Translation.objects.filter(pk=found.pk).update(files_expire_at=None)
        gone += 1
    return gone


def _remind(now: datetime) -> None:
    """A mail about each book that will be deleted soon, once: it cost more than a letter."""
    soon = Translation.objects.filter(
        files_expire_at__gt=now, files_expire_at__lte=now + _REMINDED_BEFORE, part_count__gt=1, format="pdf"
    ).exclude(options__has_key=_REMINDED)
    for pk in list(soon.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            found = soon.select_for_update(of=("self",)).filter(pk=pk).first()
            if found is None or found.user is None:
                continue
            Translation.objects.filter(pk=pk).update(options={**found.options, _REMINDED: True})
            telling.mail_before_deletion(found, found.user)


def _waiting() -> QuerySet[Translation]:
    """Quoted, and not started."""
    return Translation.objects.filter(stage__in=[Translation.Stage.READY, Translation.Stage.PAYING])


def _live() -> QuerySet[Translation]:
    return Translation.objects.filter(status=Translation.Status.PROCESSING, kind=Translation.Kind.DOCUMENT)


def _each(rows: QuerySet[Translation], look: Callable[[Translation], bool]) -> int:
    moved = 0
    for pk in list(rows.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            live = _live().select_for_update(of=("self",)).select_related("user").filter(pk=pk).first()
            moved += bool(live and live.user_id and look(live))
    return moved


def _look(found: Translation) -> bool:
    """Whether something of it was set going again. The document is locked."""
    if found.stage in parts.WORKING:
        chunks = TranslationChunk.objects.filter(translation=found)
        if chunks.exists() and not chunks.exclude(state__in=parts.OVER).exists():
            parts.last_one_out(found)
            return True
        revived = [_revive(found, chunk) for chunk in chunks.exclude(state__in=parts.OVER)]
        return any(revived)
    if found.stage == Translation.Stage.MERGING and not _has_job(parts.MERGE, f"{found.pk}:{found.round}"):
        parts.fail_whole(found, "merge_failed", "The translated parts could not be put together. Try it again.")
        return True
    return False


def _has_job(kind: str, key: str) -> bool:
    return Job.objects.filter(kind=kind, key=key, finished_at=None).exists()


def _revive(found: Translation, chunk: TranslationChunk) -> bool:
    """A part whose job is gone, or whose hold was swept, goes on in another round."""
    if _has_job(parts.CHUNK, f"{chunk.pk}:{chunk.round}"):
        return False
    changes = {"round": chunk.round + 1, "hold_key": ""}
    TranslationChunk.objects.filter(pk=chunk.pk, round=chunk.round).update(**changes)
    paying.release(chunk)
    chunk.round += 1
    parts.enqueue(chunk, found.user)
    return True


def let_go_again(key: str) -> bool:
    """The hold of a part was swept, as nothing was heard of it: its next run makes another one."""
    rows = TranslationChunk.objects.filter(hold_key=key).exclude(state__in=parts.OVER)
    found = rows.select_related("translation__user").first()
    if found is None:
        return False
    with transaction.atomic():
        try:
            chunk = parts.locked(found)
        except parts.Moved:
            return False
        TranslationChunk.objects.filter(pk=chunk.pk).update(round=chunk.round + 1, hold_key="")
        chunk.round += 1
        parts.enqueue(chunk, chunk.translation.user)
    return True


def _paid() -> int:
    """Documents that wait for a payment which has come."""
    waiting = Translation.objects.filter(stage=Translation.Stage.PAYING, order_id__in=_paid_orders())
    paid = [order_id for order_id in waiting.values_list("order_id", flat=True) if order_id]
    for order_id in paid:
        starting.go_on(order_id)
    return len(paid)


def _paid_orders() -> QuerySet[Order, UUID]:
    """For the question itself: of documents that are looked at first, those that are over would hide the others."""
    paid = Order.objects.filter(state=Order.State.PAID, quote__feature=starting.FEATURE)
    return paid.values_list("pk", flat=True)


def _give_back_old() -> int:
    """What failed, was paid, and nobody tried again for a day."""
    failed = Translation.objects.filter(
        status=Translation.Status.FAILED,
        order_id__in=_paid_orders(),
        completed_at__lt=timezone.now() - _UNPAID_RETRY,
    )
    given = 0
    for pk in list(failed.values_list("pk", flat=True)):
        # Locked, and looked at again: somebody may just have pressed "try again".
        with transaction.atomic():
            found = failed.select_for_update(of=("self",)).filter(pk=pk).first()
            if found is not None:
                paying.give_back(found, "It could not be translated.")
                given += 1
    return given


def _expire(translation_id: UUID) -> bool:
    """Unless it was started meanwhile."""
    with transaction.atomic():
        found = _waiting().select_for_update(of=("self",)).select_related("user").filter(pk=translation_id).first()
        if found is None:
            return False
        found.status, found.stage = Translation.Status.CANCELLED, Translation.Stage.CANCELLED
        found.completed_at = timezone.now()
        found.save(update_fields=["status", "stage", "completed_at"])
        paying.give_back(found, "Nobody started it.")
        telling.updated(found)
    deleting.delete_content(found)
    return True
