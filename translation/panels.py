"""What translation shows on the dashboard: revenue by plan, and what nobody can know was paid for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from datetime import date

from django.db.models import F
from django.db.models import Sum
from django.db.models.functions import TruncDate

from core import dashboard
from core.dashboard import Card
from core.dashboard import Chart
from core.dashboard import Series
from translation import pricing
from translation.models import Translation
from translation.models import TranslationChunk


class Revenue(dashboard.Panel):
    """What was sold, by plan, and the services' own bills against our figures."""

    key = "translation"
    permission = "translation.view_translation"

    def cards(self) -> Iterable[Card]:
        doubtful = TranslationChunk.objects.filter(doubtful__gt=0)
        yield Card("translation_doubtful", "Doubtful uploads", doubtful.aggregate(sum=Sum("doubtful"))["sum"] or 0)
        lost = doubtful.aggregate(sum=Sum(F("doubtful") * F("billed_chars")))["sum"] or 0
        yield Card("translation_doubtful_chars", "Characters that may be billed for nothing", lost)
        told = TranslationChunk.objects.filter(vendor_billed__isnull=False)
        sums = told.aggregate(theirs=Sum("vendor_billed"), ours=Sum("billed_chars"))
        yield Card(
            "translation_bill", "Characters billed beyond our figures", (sums["theirs"] or 0) - (sums["ours"] or 0)
        )
        waiting = Translation.objects.filter(stage=Translation.Stage.WAITING_SERVICE).exclude(error_code="")
        yield Card("translation_waiting", "Documents that wait for staff", waiting.count())

    def charts(self, days: list[date]) -> Iterable[Chart]:
        sold = Translation.objects.filter(pk__gte=dashboard.first_id(days[0]), status=Translation.Status.COMPLETED)
        grouped = list(
            sold.annotate(day=TruncDate("created_at", tzinfo=UTC))
            .values_list("plan", "day")
            .annotate(cost=Sum("cost"))
            .order_by("plan", "day")
        )
        series = []
        for plan in sorted({plan for plan, _day, _cost in grouped if plan}):
            rows = [(day, float(cost)) for found, day, cost in grouped if found == plan]
            series.append(Series(plan, dashboard.by_day(days, rows)))
        yield Chart("translation_revenue", "Translations sold", days, series, unit=pricing.CURRENCY)
