"""How much one user may keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from core.files import purposes
from core.files.errors import StorageFull
from core.files.models import StoredFile
from core.files.models import Upload

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


def check(actor: AbstractBaseUser, *, adding: int) -> None:
    """Raises StorageFull when ``adding`` bytes more would be too much.

    Call it last in the transaction that adds them: it holds the user's row, so that two at once are judged one after
    the other. What is still to come of open uploads counts.
    """
    users = get_user_model().objects.filter(pk=actor.pk)
    # Not the lock that foreign keys wait for.
    list(users.select_for_update(no_key=connection.features.has_select_for_no_key_update).values_list("pk"))
    used = _used(actor)
    if used + adding > settings.STORAGE_QUOTA_BYTES:
        raise StorageFull(quota=settings.STORAGE_QUOTA_BYTES, used=used)


def _used(actor: AbstractBaseUser) -> int:
    files = StoredFile.objects.filter(owner_id=actor.pk).exclude(purpose__in=purposes.uncounted())
    kept = files.aggregate(total=Sum("size"))["total"] or 0
    coming = Upload.objects.filter(owner_id=actor.pk, file=None, expires_at__gt=timezone.now())
    return int(kept + (coming.aggregate(total=Sum("size"))["total"] or 0))
