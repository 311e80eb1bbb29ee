"""What of quotas and platform days does not add up; their holds are proven with those of every book."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from billing.metering.findings import LedgerFinding
from billing.metering.findings import differences
from billing.metering.findings import lowest_id
from billing.metering.findings import rows
from core.sql import identity

_QUOTAS = """
SELECT user_id, tokens_used, ledger, tokens_held, holds FROM (
  SELECT quota.user_id, quota.tokens_used, quota.tokens_held,
    COALESCE((SELECT SUM(entry.total_tokens) FROM usage_entries entry
              WHERE entry.user_id = quota.user_id AND entry."window" = quota."window"
                AND entry.funded_by = ''), 0) AS ledger,
    COALESCE((SELECT SUM(hold.amount) FROM token_holds hold
              WHERE hold.user_id = quota.user_id AND hold.state = 'held' AND hold.takes_quota), 0) AS holds
  FROM token_usage quota
) AS sums
WHERE tokens_used <> ledger OR tokens_held <> holds
"""

# Each hold's entry is paid by the same pocket as the hold, and a funded one by no window.
_FUNDED = """
SELECT hold.key, entry."window"
FROM usage_entries entry JOIN token_holds hold ON hold.id = entry.hold_id
WHERE hold.id >= %s AND (entry.funded_by <> hold.funded_by OR (entry.funded_by <> '' AND entry."window" <> 0))
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
SELECT day, tokens_used, settled, tokens_held, open, micros_used, cost, micros_held, risk FROM (
  SELECT day.day, day.tokens_used, day.tokens_held, day.micros_used, day.micros_held,
    COALESCE((SELECT SUM(hold.charged) FROM token_holds hold
              WHERE hold.platform_day = day.day AND hold.id >= %s AND hold.state = 'settled'), 0) AS settled,
    COALESCE((SELECT SUM(hold.amount) FROM token_holds hold
              WHERE hold.platform_day = day.day AND hold.id >= %s AND hold.state = 'held'), 0) AS open,
    COALESCE((SELECT SUM(hold.micros) FROM token_holds hold
              WHERE hold.cost_day = day.day AND hold.id >= %s AND hold.state = 'settled'), 0) AS cost,
    COALESCE((SELECT SUM(hold.micros) FROM token_holds hold
              WHERE hold.cost_day = day.day AND hold.id >= %s AND hold.state = 'held'), 0) AS risk
  FROM platform_days day WHERE day.day > %s
) AS sums
WHERE tokens_used <> settled OR tokens_held <> open OR micros_used <> cost OR micros_held <> risk
"""


def prove(since: datetime) -> Iterator[LedgerFinding]:
    """Quotas against the whole running window, platform days after the moment against their holds.

    Of a bonus never more may be there than was granted. What an order funded is paid by no window.
    """
    for user_id, used, ledger, held, holds in rows(_QUOTAS):
        yield from differences(str(UUID(str(user_id))), used=(ledger, used), held=(holds, held))
    for user_id, bonus, granted in rows(_BONUSES):
        yield LedgerFinding("bonus", str(UUID(str(user_id))), int(granted), int(bonus))
    floor = identity(lowest_id(since))
    for key, window in rows(_FUNDED, floor):
        yield LedgerFinding("funded", key, 0, int(window))
    # Of the first day only a part lies after the floor.
    for day, used, settled, held, still_open, money, cost, set_aside, risk in rows(
        _DAYS, floor, floor, floor, floor, since.date().isoformat()
    ):
        yield from differences(
            str(day),
            platform_used=(settled, used),
            platform_held=(still_open, held),
            platform_cost=(cost, money),
            platform_cost_held=(risk, set_aside),
        )
