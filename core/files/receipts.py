"""Receipts of deletions: that something went, when and why, and when its bytes were seen to be gone.

Files of a purpose that names a ``receipt`` get theirs in the transaction that deletes the row, whoever deletes it. For
what is no file (a chat, say) an app calls :func:`write` in its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import models
from django.db.models import F
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone

from core.files import purposes
from core.files.models import DeletionReceipt
from core.files.models import StoredFile

Reason = DeletionReceipt.Reason
_reason: ContextVar[str | None] = ContextVar("reason_of_deletion", default=None)


def write(
    user_id: UUID,
    *,
    what: str,
    reason: str,
    subject_id: UUID | None = None,
    count: int = 1,
    digest: str = "",
    stored_at: datetime | None = None,
    due_at: datetime | None = None,
    keys: Sequence[str] = (),
) -> None:
    """Note that ``count`` things were deleted; call it in the transaction that deletes them.

    ``digest`` is the SHA-256 of the bytes. ``keys`` are their names in the storage: :func:`prove` looks until they are
    gone. What has none is gone with its row. A second receipt for one ``subject_id`` is not written.
    """
    now = timezone.now()
    receipt = DeletionReceipt(
        user_id=user_id,
        what=what,
        subject_id=subject_id,
        count=count,
        reason=reason,
        digest=digest,
        stored_at=stored_at,
        due_at=due_at,
        deleted_at=now,
        keys=list(keys),
        erased_at=None if keys else now,
    )
    # Two deletions of one row may both come here.
    DeletionReceipt.objects.bulk_create([receipt], ignore_conflicts=True)


@contextmanager
def because(reason: str) -> Iterator[None]:
    """Files that are deleted inside go for this reason."""
    token = _reason.set(reason)
    try:
        yield
    finally:
        _reason.reset(token)


def prove(*, limit: int = 1000) -> int:
    """Ask the storage whether the bytes of open receipts are gone; returns of how many they are.

    Those that were never asked for come first, then those that were asked for longest ago: what a storage never lets go
    of holds up no others. A storage that does not answer leaves them open.
    """
    proven = 0
    still_open = DeletionReceipt.objects.filter(erased_at=None)
    for receipt in still_open.order_by(F("looked_at").asc(nulls_first=True), "deleted_at")[:limit]:
        same = still_open.filter(pk=receipt.pk)
        same.update(looked_at=timezone.now())
        if not any(default_storage.exists(key) for key in receipt.keys):
            proven += same.update(erased_at=timezone.now(), keys=[])
    return proven


@receiver(post_delete, sender=StoredFile)
def _write_with_row(instance: StoredFile, origin: Any, **_kwargs: Any) -> None:
    """Every way of deleting a row passes here, the cascade from a deleted user included."""
    purpose = purposes.known().get(instance.purpose)
    if purpose is None or not purpose.receipt:
        return
    write(
        instance.owner_id,
        what=purpose.receipt,
        reason=_reason.get() or _reason_of(instance, origin),
        subject_id=instance.pk,
        digest=instance.sha256,
        stored_at=instance.created_at,
        due_at=instance.expires_at,
        keys=[key for key in (instance.key, instance.thumbnail_key) if key],
    )


def _reason_of(file: StoredFile, origin: Any) -> str:
    deleted = origin.model if isinstance(origin, models.QuerySet) else type(origin)
    if deleted is StoredFile._meta.get_field("owner").related_model:
        return Reason.ACCOUNT
    return Reason.DUE if file.expires_at and file.expires_at <= timezone.now() else Reason.ASKED
