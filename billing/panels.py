"""What billing shows on the dashboard."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from datetime import date

from django.conf import settings
from django.db.models import Sum
from django.db.models.functions import TruncDate

from billing.models import UsageEntry
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
