"""What billing shows on the dashboard."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from datetime import date

from django.conf import settings
from django.db.models import Count
from django.db.models import F
from django.db.models import Sum
from django.db.models.functions import TruncDate

from billing.models import Payment
from billing.models import UsageEntry
from billing.money import in_units
from billing.reports import GROUPS
from core import dashboard
from core.dashboard import Card
from core.dashboard import Chart
from core.dashboard import Series


class Tokens(dashboard.Panel):
    """What is spent, by the plan people are on now."""

    key = "tokens"
    permission = "billing.view_usageentry"

    def cards(self) -> Iterable[Card]:
        rows = UsageEntry.objects.filter(created_at__gte=dashboard.midnight(dashboard.last_days(1)[0]))
        yield Card("tokens_today", "Tokens today", rows.aggregate(sum=Sum("total_tokens", default=0))["sum"])

    def charts(self, days: list[date]) -> Iterable[Chart]:
        rows = (
            UsageEntry.objects.filter(created_at__gte=dashboard.midnight(days[0]))
            .annotate(day=TruncDate("created_at", tzinfo=UTC))
            .annotate(tier=GROUPS["plan"])
            .values_list("tier", "day")
            .annotate(tokens=Sum("total_tokens"))
            .order_by("tier", "day")
        )
        found: dict[str, list[tuple[date, float]]] = {tier: [] for tier in settings.TIERS}
        for tier, day, tokens in rows:
            found.setdefault(tier, []).append((day, tokens))
        series = [
            Series(settings.PLANS[tier]["name"] if tier in settings.PLANS else tier, dashboard.by_day(days, sums))
            for tier, sums in found.items()
        ]
        yield Chart("tokens_by_plan", "Tokens by plan", days, series)


class Money(dashboard.Panel):
    """What was paid, by the day of payment and less what went back since; and what could not be paid."""

    key = "money"
    permission = "billing.view_payment"

    def cards(self) -> Iterable[Card]:
        today = dashboard.last_days(1)
        for currency, sums in _revenue(today).items():
            yield Card(f"revenue_today_{currency.lower()}", "Revenue today", sums[_PAID][0], currency)
        yield Card("failed_payments_today", "Failed payments today", _failed(today)[0])

    def charts(self, days: list[date]) -> Iterable[Chart]:
        for currency, sums in _revenue(days).items():
            series = [Series(name, values) for name, values in sums.items()]
            yield Chart(f"revenue_{currency.lower()}", f"Revenue, {currency}", days, series, currency)
        yield Chart("failed_payments", "Failed payments", days, [Series("Payments", _failed(days))])


_PAID, _DEMO = "Paid", "Demo, no money"
_KEPT = (Payment.Status.SUCCEEDED, Payment.Status.PARTIALLY_REFUNDED)


def _revenue(days: list[date]) -> dict[str, dict[str, list[float]]]:
    """By currency, the plans' own first, and apart what the demo has seen; one query over status and time."""
    found: dict[str, dict[str, dict[date, float | None]]] = {settings.PLAN_CURRENCY: {_PAID: {}}}
    rows = (
        Payment.objects.filter(status__in=_KEPT, paid_at__gte=dashboard.midnight(days[0]))
        .annotate(day=TruncDate("paid_at", tzinfo=UTC))
        .values_list("currency", "provider", "day")
        .annotate(kept=Sum(F("amount") - F("refunded_amount")))
        .order_by("currency", "provider", "day")
    )
    for currency, provider, day, kept in rows:
        sums = found.setdefault(currency.upper(), {_PAID: {}})
        by_day = sums.setdefault(_DEMO if provider == "demo" else _PAID, {})
        by_day[day] = (by_day.get(day) or 0) + in_units(kept, currency)
    return {
        currency: {name: dashboard.by_day(days, sums.items()) for name, sums in names.items()}
        for currency, names in found.items()
    }


def _failed(days: list[date]) -> list[float]:
    """By the day they were begun, which their primary key holds."""
    rows = (
        Payment.objects.filter(pk__gte=dashboard.first_id(days[0]), status=Payment.Status.FAILED)
        .annotate(day=TruncDate("created_at", tzinfo=UTC))
        .values_list("day")
        .annotate(n=Count("pk"))
        .order_by("day")
    )
    return dashboard.by_day(days, rows)
