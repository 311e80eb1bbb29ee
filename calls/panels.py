"""What calls show on the dashboard."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from datetime import date

from django.db.models import Count
from django.db.models import Q
from django.db.models.functions import TruncDate

from calls.models import Call
from core import dashboard
from core.dashboard import Card
from core.dashboard import Chart
from core.dashboard import Series

_UNANSWERED = (Call.EndReason.MISSED, Call.EndReason.CANCELLED, Call.EndReason.DECLINED)


class Calls(dashboard.Panel):
    """How many calls there are and were, and how they went."""

    key = "calls"
    permission = "calls.view_call"

    def cards(self) -> Iterable[Card]:
        yield Card("calls_live", "Calls now", Call.objects.live().count())

    def charts(self, days: list[date]) -> Iterable[Chart]:
        rows = Call.objects.filter(pk__gte=dashboard.first_id(days[0]))
        grouped = list(
            rows.annotate(day=TruncDate("created_at", tzinfo=UTC))
            .values_list("day")
            .annotate(
                held=Count("pk", filter=Q(started_at__isnull=False)),
                unanswered=Count("pk", filter=Q(end_reason__in=_UNANSWERED)),
                failed=Count("pk", filter=Q(end_reason=Call.EndReason.FAILED)),
                moved=Count("pk", filter=Q(transport=Call.Transport.SFU)),
            )
            .order_by("day")
        )
        names = ("Held", "Unanswered", "Failed", "Through the media server")
        series = [
            Series(name, dashboard.by_day(days, [(row[0], row[place]) for row in grouped]))
            for place, name in enumerate(names, start=1)
        ]
        yield Chart("calls", "Calls", days, series)
