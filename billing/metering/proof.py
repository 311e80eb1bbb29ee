"""The nightly proof of every book: balances equal their ledger and their open holds, and each hold has its entry.

Each check is one statement, which sees one moment of the database, so it is exact while work goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from datetime import timedelta
from typing import Any

from django.utils import timezone

from billing.metering.books import BOOKS
from billing.metering.engine import Book
from billing.metering.findings import LedgerFinding
from billing.metering.findings import lowest_id
from billing.metering.findings import rows
from core.sql import identity

_LOOK_BACK = timedelta(days=8)

_HOLDS = """
SELECT hold.key, hold.charged, COALESCE({booked}, -1)
FROM {holds} hold LEFT JOIN {entries} entry ON entry.hold_id = hold.id
WHERE hold.id >= %s AND (
  (hold.state = 'settled' AND (entry.hold_id IS NULL OR {booked} <> hold.charged))
  OR (hold.state = 'held' AND entry.hold_id IS NOT NULL))
"""


def check() -> list[LedgerFinding]:
    """Everything that does not add up; empty when all is well.

    Balances are proven whole, the holds of the last eight days against their ledger rows.
    """
    since = timezone.now() - _LOOK_BACK
    return [finding for book in BOOKS for finding in (*book.prove(since), *_settlements(book, since))]


def _settlements(book: Book[Any, Any, Any, Any], since: datetime) -> Iterator[LedgerFinding]:
    holds, entries = book.holds._meta.db_table, book.entries._meta.db_table
    statement = _HOLDS.format(holds=holds, entries=entries, booked=book.booked)
    for key, charged, booked in rows(statement, identity(lowest_id(since))):
        yield LedgerFinding("settlement", key, int(booked), int(charged))
