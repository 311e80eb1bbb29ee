"""What billing refuses, and why."""

from __future__ import annotations

from datetime import datetime
from math import ceil

from django.utils import timezone

from core import errors


def _seconds_until(moment: datetime) -> int:
    return max(1, ceil((moment - timezone.now()).total_seconds()))


def _as_text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


class TokenLimitExceeded(errors.DomainError):
    """Less is left in the user's window than the smallest answer needs."""

    code, status, message = "token_limit_exceeded", 429, "Token limit exceeded"

    def __init__(self, *, limit: int, used: int, held: int, reset_at: datetime) -> None:
        super().__init__(
            limit=limit, used=used, held=held, reset_at=_as_text(reset_at), retry_after=_seconds_until(reset_at)
        )


class PlatformLimitReached(errors.DomainError):
    """The day's tokens of the whole platform are spent or promised (``DAILY_TOKEN_LIMIT``)."""

    code, status = "platform_limit_reached", 503
    message = "This service has reached its daily limit. Generation continues after midnight UTC."

    def __init__(self, *, reset_at: datetime) -> None:
        super().__init__(reset_at=_as_text(reset_at), retry_after=_seconds_until(reset_at))


class MeteringUnavailable(errors.Unavailable):
    """The ledger cannot be written, so nothing may be generated."""

    code, status = "metering_unavailable", 503
    message = "Usage cannot be recorded right now, so nothing was generated. Try again in a moment."

    def __init__(self) -> None:
        super().__init__(retry_after=5)


class UpgradeRequired(errors.DomainError):
    """The user's plan is below the one this needs."""

    code, status, message = "upgrade_required", 403, "Upgrade required"

    def __init__(self, *, required_tier: str) -> None:
        super().__init__(required_tier=required_tier)
