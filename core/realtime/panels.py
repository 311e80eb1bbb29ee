"""What streams show on the dashboard: the outbox."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from core import dashboard
from core.dashboard import Card
from core.realtime.models import StreamEvent


class Outbox(dashboard.Panel):
    """Are events being written?"""

    key = "operations"
    permission = "core.view_job"

    def cards(self) -> Iterable[Card]:
        newest = StreamEvent.objects.order_by("-pk").values_list("created_at", flat=True).first()
        age = (timezone.now() - newest).total_seconds() // 1 if newest else None
        yield Card("outbox_age", "Since the last event", age, "seconds")
