"""What the messenger shows on the dashboard."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from datetime import date

from django.db.models import Count
from django.db.models.functions import TruncDate

from core import dashboard
from core.dashboard import Chart
from core.dashboard import Series
from messenger.models import Message


class Messages(dashboard.Panel):
    """How much is said."""

    key = "messages"
    permission = "messenger.view_message"

    def charts(self, days: list[date]) -> Iterable[Chart]:
        rows = Message.objects.filter(pk__gte=dashboard.first_id(days[0]))
        grouped = rows.annotate(day=TruncDate("created_at", tzinfo=UTC)).values_list("day").annotate(n=Count("pk"))
        yield Chart("messages", "Messages", days, [Series("Messages", dashboard.by_day(days, grouped.order_by("day")))])
