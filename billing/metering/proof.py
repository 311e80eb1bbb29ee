"""The nightly proof: every quota equals its ledger and its open holds.

Each check is one statement, which sees one moment of the database, so it is exact while work goes on.
"""

from __future__ import annotations

from dataclasses import asdict
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from core.sql import identity

_LOOK_BACK = timedelta(days=8)

_QUOTAS = """
SELECT user_id, tokens_used, ledger, tokens_held, holds FROM (
  SELECT quota.user_id, quota.tokens_used, quota.tokens_held,
    COALESCE((SELECT SUM(entry.total_tokens) FROM usage_entries entry
              WHERE entry.user_id = quota.user_id AND entry."window" = quota."window"), 0) AS ledger,
    COALESCE((SELECT SUM(hold.amount) FROM token_holds hold
              WHERE hold.user_id = quota.user_id AND hold.state = 'held'), 0) AS holds
  FROM token_usage quota
) AS sums
WHERE tokens_used <> ledger OR tokens_held <> holds
"""

_HOLDS = """
SELECT hold.key, hold.charged, COALESCE(entry.total_tokens, -1)
FROM token_holds hold LEFT JOIN usage_entries entry ON entry.hold_id = hold.id
WHERE hold.id >= %s AND (
  (hold.state = 'settled' AND (entry.hold_id IS NULL OR entry.total_tokens <> hold.charged))
  OR (hold.state = 'held' AND entry.hold_id IS NOT NULL))
"""

_BONUSES = """
SELECT user_id, tokens_bonus, granted FROM (
  SELECT quota.user_id, quota.tokens_bonus,
    COALESCE((SELECT SUM(ledger.tokens) FROM billing_grants ledger WHERE ledger.user_id = quota.user_id), 0) AS granted
  FROM token_usage quota WHERE quota.tokens_bonus > 0
) AS sums
WHERE tokens_bonus > granted
"""

_DAYS = """
SELECT day, tokens_used, settled, tokens_held, open FROM (
  SELECT day.day, day.tokens_used, day.tokens_held,
    COALESCE((SELECT SUM(hold.charged) FROM token_holds hold
              WHERE hold.platform_day = day.day AND hold.id >= %s AND hold.state = 'settled'), 0) AS settled,
    COALESCE((SELECT SUM(hold.amount) FROM token_holds hold
              WHERE hold.platform_day = day.day AND hold.id >= %s AND hold.state = 'held'), 0) AS open
  FROM platform_days day WHERE day.day > %s
) AS sums
WHERE tokens_used <> settled OR tokens_held <> open
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """Two numbers that should be equal and are not. ``expected`` is what the rows add up to."""

    kind: str
    subject: str
    expected: int
    found: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def check() -> list[Finding]:
    """Everything that does not add up; empty when all is well.

    Quotas are proven against the whole running window, the holds of the last eight days against their ledger rows. Of a
    bonus never more may be there than was granted.
    """
    since = timezone.now() - _LOOK_BACK
    floor = identity(_lowest_id(since))
    findings = []
    for user_id, used, ledger, held, holds in _rows(_QUOTAS):
        findings += _differences(str(UUID(str(user_id))), used=(ledger, used), held=(holds, held))
    for user_id, bonus, granted in _rows(_BONUSES):
        findings.append(Finding("bonus", str(UUID(str(user_id))), int(granted), int(bonus)))
    for key, charged, booked in _rows(_HOLDS, floor):
        findings.append(Finding("settlement", key, int(booked), int(charged)))
    # Of the first day only a part lies after the floor.
    for day, used, settled, held, still_open in _rows(_DAYS, floor, floor, since.date().isoformat()):
        findings += _differences(str(day), platform_used=(settled, used), platform_held=(still_open, held))
    return findings


def _differences(subject: str, **pairs: tuple[int, int]) -> list[Finding]:
    return [
        Finding(kind, subject, int(expected), int(found))
        for kind, (expected, found) in pairs.items()
        if expected != found
    ]


def _rows(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def _lowest_id(moment: datetime) -> UUID:
    """The smallest UUIDv7 of a moment: its first 48 bits are the milliseconds since the epoch (RFC 9562)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
