"""Removing what has run out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Model
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import LoginAttempt
from accounts.models import MailedToken
from accounts.models import RefreshToken
from accounts.models import Session
from accounts.models import TelegramProof
from accounts.services import lockout
from core import push

KIND = "accounts.purge_expired"
KEPT_AFTER_EXPIRY = timedelta(days=1)
"""Beyond the clock skew a token may have, with room to spare."""

_BATCH = 1000
"""Rows of one DELETE."""


def purge_expired() -> dict[str, int]:
    """Delete expired refresh tokens, sessions and forgotten attempts; returns how many rows of each.

    A used token stays until it would have expired, as its return must be noticed; so does an ended session.
    """
    now = timezone.now()
    # A browser that was not used for so long has signed its person out.
    push.forget_sessions(Session.objects.filter(expires_at__lt=now).values_list("pk", flat=True))
    forgotten = now - lockout.LOCKS_FORGOTTEN_AFTER
    return {
        "refresh_tokens": _delete(RefreshToken.objects.filter(expires_at__lt=now - KEPT_AFTER_EXPIRY)),
        "sessions": _delete(Session.objects.filter(expires_at__lt=now - KEPT_AFTER_EXPIRY)),
        "mailed_tokens": _delete(MailedToken.objects.filter(expires_at__lt=now - KEPT_AFTER_EXPIRY)),
        "telegram_proofs": _delete(TelegramProof.objects.filter(expires_at__lt=now)),
        "login_attempts": _delete(LoginAttempt.objects.filter(last_attempt_at__lt=forgotten)),
    }


def _delete(rows: QuerySet[Any]) -> int:
    """In batches, so that no lock lasts long."""
    model: type[Model] = rows.model
    total = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:_BATCH]):
        model._default_manager.filter(pk__in=ids).delete()
        total += len(ids)
    return total
