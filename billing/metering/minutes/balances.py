"""The minutes of a month: what the plan gives, and what is left of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from billing.metering.tokens import quotas
from billing.models import MinuteQuota
from billing.plans import UNLIMITED

MINUTE = 60


@dataclass(frozen=True, slots=True)
class Allowance:
    """A user's running month, in seconds (whole minutes); a ``limit`` of -1 is none."""

    limit: int
    used: int
    held: int
    reset_at: datetime

    @property
    def left(self) -> int | None:
        """What can still be held; None without limit, 0 after a downgrade below what is used."""
        return None if self.limit == UNLIMITED else max(0, self.limit - self.used - self.held)


def allowance(user_id: UUID, *, tier: str | None = None) -> Allowance:
    """The running month. It writes nothing; one query, and one more when the caller does not know the ``tier``."""
    month = month_of(timezone.now())
    used, held = MinuteQuota.objects.filter(user_id=user_id, month=month).values_list(
        "seconds_used", "seconds_held"
    ).first() or (0, 0)  # fmt: skip
    return Allowance(limit_of(tier or quotas.tier_of(user_id)), used, held, end_of(month))


def limit_of(tier: str) -> int:
    """Seconds a month of a tier; -1 without limit."""
    minutes: int = settings.PLANS[tier]["call_minutes"]
    return UNLIMITED if minutes == UNLIMITED else minutes * MINUTE


def limits() -> tuple[tuple[str, int], ...]:
    """By tier, the smallest first."""
    return tuple((tier, limit_of(tier)) for tier in settings.TIERS)


def month_of(moment: datetime) -> date:
    """The first day of the month, in UTC."""
    return moment.astimezone(UTC).date().replace(day=1)


def end_of(month: date) -> datetime:
    """When the next month begins."""
    return datetime.combine((month + timedelta(days=32)).replace(day=1), time(), tzinfo=UTC)


def whole_minutes(seconds: int) -> int:
    """Seconds, rounded up to a minute."""
    return -(-seconds // MINUTE) * MINUTE
