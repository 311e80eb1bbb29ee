"""Sums over the ledger, made by the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.db.models import QuerySet
from django.db.models import Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from billing.models import UsageEntry


@dataclass(slots=True)
class Day:
    """The tokens of one UTC day, in all and by feature."""

    date: date
    total: int = 0
    features: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Feature:
    """The tokens and settled requests of one feature."""

    feature: str
    tokens: int = 0
    requests: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """What a user spent: every day of the period, the oldest first, and the features, the largest first."""

    by_day: list[Day]
    by_feature: list[Feature]


def usage_of(user_id: UUID, *, days: int) -> Usage:
    """The last ``days`` UTC days of a user, today included; one query."""
    today = timezone.now().date()
    first = today - timedelta(days=days - 1)
    calendar = {day: Day(day) for day in (first + timedelta(days=offset) for offset in range(days))}
    features: dict[str, Feature] = {}
    for day, name, tokens, requests in _sums(UsageEntry.objects.filter(user_id=user_id), first):
        # A clock ahead of ours may have settled "tomorrow".
        one = calendar.setdefault(day, Day(day))
        one.total += tokens
        one.features[name] = tokens
        whole = features.setdefault(name, Feature(name))
        whole.tokens += tokens
        whole.requests += requests
    return Usage(list(calendar.values()), sorted(features.values(), key=lambda one: (-one.tokens, one.feature)))


def _sums(entries: QuerySet[Any], first: date) -> Iterable[tuple[date, str, int, int]]:
    rows: QuerySet[Any, tuple[date, str, int, int]] = (
        entries.filter(created_at__gte=_midnight(first))
        .annotate(day=TruncDate("created_at", tzinfo=UTC))
        .values_list("day", "feature")
        .annotate(tokens=Sum("total_tokens"), requests=Count("pk"))
        .order_by("day", "feature")
    )
    return rows


def platform_usage(*, days: int) -> dict[str, Any]:
    """The last ``days`` UTC days of everybody, by day, feature and model, for operators; plain JSON values."""
    first = timezone.now().date() - timedelta(days=days - 1)
    entries = UsageEntry.objects.filter(created_at__gte=_midnight(first))
    sums = {"tokens": Sum("total_tokens", default=0), "requests": Count("pk"), "overrun": Sum("overrun", default=0)}
    totals = entries.aggregate(users=Count("user_id", distinct=True), **sums)
    by_day = entries.annotate(day=TruncDate("created_at", tzinfo=UTC)).values("day").annotate(**sums).order_by("day")
    return {
        "days": days,
        **totals,
        "by_day": [row | {"day": row["day"].isoformat()} for row in by_day],
        "by_feature": list(entries.values("feature").annotate(**sums).order_by("-tokens", "feature")),
        "by_model": list(entries.values("model").annotate(**sums).order_by("-tokens", "model")),
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
