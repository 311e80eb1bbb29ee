"""What accounts show on the dashboard."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from datetime import date
from typing import Any

from django.db.models import Count
from django.db.models import QuerySet
from django.db.models.functions import TruncDate

from accounts.models import RefreshToken
from accounts.models import User
from core import dashboard
from core.dashboard import Card
from core.dashboard import Chart
from core.dashboard import Series


class People(dashboard.Panel):
    """Who comes, and who is here."""

    key = "people"
    permission = "accounts.view_user"

    def cards(self) -> Iterable[Card]:
        today = dashboard.last_days(1)
        yield Card("registrations_today", "New today", _registered(today)[0])
        yield Card("active_today", "Active today", _active(today)[0])

    def charts(self, days: list[date]) -> Iterable[Chart]:
        yield Chart("registrations", "Registrations", days, [Series("People", _registered(days))])
        # An active browser renews its token every few minutes; tokens are kept a week.
        week = days[-7:]
        yield Chart("active_users", "Active users", week, [Series("People", _active(week))])


def _registered(days: list[date]) -> list[float]:
    rows = User.objects.people().filter(pk__gte=dashboard.first_id(days[0]))
    return _grouped(days, rows, "created_at", Count("pk"))


def _active(days: list[date]) -> list[float]:
    rows = RefreshToken.objects.filter(pk__gte=dashboard.first_id(days[0]))
    return _grouped(days, rows, "issued_at", Count("user_id", distinct=True))


def _grouped(days: list[date], rows: QuerySet[Any], field: str, figure: Any) -> list[float]:
    grouped = rows.annotate(day=TruncDate(field, tzinfo=UTC)).values_list("day").annotate(n=figure).order_by("day")
    return dashboard.by_day(days, grouped)
