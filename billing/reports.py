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
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db.models import Count
from django.db.models import F
from django.db.models import OuterRef
from django.db.models import QuerySet
from django.db.models import Subquery
from django.db.models import Sum
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.db.models.functions import TruncDate
from django.utils import timezone

from billing.models import TokenQuota
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


_TIER = TokenQuota.objects.filter(pk=OuterRef("user_id")).values("tier")
Group = Literal["feature", "model", "source", "user", "plan", "day"]
GROUPS: dict[Group, Any] = {
    "feature": F("feature"),
    "model": F("model"),
    "source": F("source"),
    "user": F("user_id"),
    "plan": Coalesce(Subquery(_TIER), Value(settings.TIERS[0])),
    "day": TruncDate("created_at", tzinfo=UTC),
}
"""What the tokens of everybody can be summed by."""
_MOST_GROUPS = 100


def costs(*, group_by: Group, days: int) -> list[dict[str, Any]]:
    """The last ``days`` UTC days of everybody, by one of ``GROUPS``, the largest first; one query over the index."""
    first = timezone.now().date() - timedelta(days=days - 1)
    rows = (
        UsageEntry.objects.filter(created_at__gte=_midnight(first))
        .annotate(key=GROUPS[group_by])
        .values("key")
        .annotate(
            tokens=Sum("total_tokens"),
            input=Sum("prompt_tokens"),
            output=Sum("completion_tokens"),
            requests=Count("pk"),
            beyond=Sum("overrun"),
        )
        .order_by("-tokens", "key")[:_MOST_GROUPS]
    )
    return [
        {
            "key": str(row["key"]),
            "prompt_tokens": row["input"],
            "completion_tokens": row["output"],
            "tokens": row["tokens"],
            "requests": row["requests"],
            "overrun": row["beyond"],
        }
        for row in rows
    ]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
