"""What of the months does not add up; their holds are proven with those of every book."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from billing.metering.findings import LedgerFinding
from billing.metering.findings import differences
from billing.metering.findings import rows

_QUOTAS = """
SELECT user_id, month, seconds_used, ledger, seconds_held, holds FROM (
  SELECT quota.user_id, quota.month, quota.seconds_used, quota.seconds_held,
    COALESCE((SELECT SUM(entry.seconds) FROM minute_entries entry
              WHERE entry.user_id = quota.user_id AND entry.month = quota.month), 0) AS ledger,
    COALESCE((SELECT SUM(hold.amount) FROM minute_holds hold
              WHERE hold.user_id = quota.user_id AND hold.month = quota.month AND hold.state = 'held'), 0) AS holds
  FROM minute_quotas quota
) AS sums
WHERE seconds_used <> ledger OR seconds_held <> holds
"""


def prove(_since: datetime) -> Iterator[LedgerFinding]:
    """Every month of everybody against its ledger and its open holds."""
    for user_id, month, used, ledger, held, holds in rows(_QUOTAS):
        subject = f"{UUID(str(user_id))} {month}"
        yield from differences(subject, minutes_used=(ledger, used), minutes_held=(holds, held))
