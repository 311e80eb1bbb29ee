"""What chats with models show on the dashboard."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from datetime import date

from django.db.models import Count
from django.db.models import Q
from django.db.models.functions import TruncDate

from aichat.models import ChatMessage
from core import dashboard
from core.dashboard import Chart
from core.dashboard import Series


class Answers(dashboard.Panel):
    """How many answers models gave, and how many failed."""

    key = "answers"
    permission = "aichat.view_chatmessage"

    def charts(self, days: list[date]) -> Iterable[Chart]:
        rows = ChatMessage.objects.filter(pk__gte=dashboard.first_id(days[0]), role=ChatMessage.Role.ASSISTANT)
        failed = Count("pk", filter=Q(status=ChatMessage.Status.FAILED))
        grouped = list(
            rows.annotate(day=TruncDate("created_at", tzinfo=UTC))
            .values_list("day")
            .annotate(all=Count("pk"), failed=failed)
            .order_by("day")
        )
        good = dashboard.by_day(days, [(day, every - bad) for day, every, bad in grouped])
        series = [
            Series("Given", good),
            Series("Failed", dashboard.by_day(days, [(day, bad) for day, _, bad in grouped])),
        ]
        yield Chart("answers", "Answers of models", days, series)
