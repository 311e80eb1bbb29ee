"""The day of the whole platform: one row, opened by the first hold that counts for it."""

from __future__ import annotations

from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Q
from django.db.models import Sum

from billing.errors import PlatformLimitReached
from billing.models import PlatformDay
from billing.models import UsageEntry

MICROS = Decimal(1_000_000)
"""Of a dollar."""


def day_value(day: Any) -> Any:
    """A day, or none, as the driver takes it."""
    return day and connection.ops.adapt_datefield_value(day)


def take(cursor: CursorWrapper, statement: str, parameters: tuple[Any, ...], day: date) -> None:
    """Run the conditional update of a day, which is opened if need be; raises PlatformLimitReached when it fails."""
    cursor.execute(statement, parameters)
    if cursor.rowcount != 1:
        _open(day)
        cursor.execute(statement, parameters)
    if cursor.rowcount != 1:
        raise PlatformLimitReached(reset_at=datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC))


def _open(day: date) -> None:
    """The day's first counted hold; what was settled earlier that day, before a limit was switched on, counts too."""
    if PlatformDay.objects.filter(pk=day).exists():
        return
    midnight = datetime.combine(day, time(), tzinfo=UTC)
    earlier = UsageEntry.objects.filter(
        created_at__gte=midnight, created_at__lt=midnight + timedelta(days=1)
    ).aggregate(
        tokens=Sum("total_tokens", filter=Q(hold__platform_day=None)),
        cost=Sum("cost", filter=Q(hold__cost_day=None)),
    )
    before = PlatformDay(
        day=day, tokens_before=earlier["tokens"] or 0, micros_before=int((earlier["cost"] or 0) * MICROS)
    )
    PlatformDay.objects.bulk_create([before], ignore_conflicts=True)
