"""What staff take away as CSV, written row by row: a million rows cost the memory of one batch."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from typing import ClassVar

from django.db.models import QuerySet

from billing.models import Payment

_BATCH = 1000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Payments:
    """Which rows and columns the export of payments has; the one place to change when there is more to tell."""

    columns: ClassVar[tuple[str, ...]] = (
        "id", "user_id", "status", "purpose", "tier", "amount", "refunded_amount", "currency", "created_at", "paid_at",
        "period_end", "provider", "provider_id", "intent_id", "customer_id", "subscription_id",
    )  # fmt: skip

    def rows(self) -> QuerySet[Any, tuple[Any, ...]]:
        """In the order of the primary key."""
        return Payment.objects.order_by("pk").values_list(*self.columns)


class _Echo:
    def write(self, line: str) -> str:
        return line


def payments() -> Iterator[str]:
    """Lines of the export of payments, the first with the names of its columns."""
    export, writer = Payments(), csv.writer(_Echo())
    yield writer.writerow(export.columns)  # the writer returns what its file returned
    last: Any = None
    while True:
        rows = export.rows()
        batch = list((rows.filter(pk__gt=last) if last is not None else rows)[:_BATCH])
        for row in batch:
            yield writer.writerow([_cell(value) for value in row])
        if len(batch) < _BATCH:
            return
        last = batch[-1][0]


def _cell(value: Any) -> str:
    """As text; a spreadsheet must not take it for a formula."""
    if value is None:
        return ""
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
