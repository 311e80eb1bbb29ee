"""The statements of call minutes, in SQL that SQLite (3.35) and PostgreSQL both read."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from billing.metering.minutes import balances

# What a user may have is read in the statement that takes it, so a plan that ends this moment gives nothing more.
_LIMIT = """
CASE COALESCE((SELECT tier FROM token_usage WHERE token_usage.user_id = minute_quotas.user_id), '{smallest}')
{limits} ELSE 0 END
"""
_TAKE = """
UPDATE minute_quotas SET seconds_held = seconds_held + %s
WHERE user_id = %s AND month = %s AND ({limit} < 0 OR seconds_used + seconds_held + %s <= {limit})
"""

# Time that has passed only grows, whatever the order of calls.
CONFIRM = """
UPDATE minute_holds SET
  confirmed = CASE WHEN confirmed < %s THEN %s ELSE confirmed END,
  expires_at = CASE WHEN expires_at < %s THEN %s ELSE expires_at END
WHERE key = %s AND state = 'held' RETURNING id, user_id, month, amount, confirmed
"""

GROW = "UPDATE minute_holds SET amount = amount + %s WHERE id = %s"

ABANDONED = "(confirmed + 59) / 60 * 60"
"""Whole minutes; both databases divide whole numbers to whole numbers."""

CHARGE = """
UPDATE minute_quotas SET seconds_held = seconds_held - %s, seconds_used = seconds_used + %s
WHERE user_id = %s AND month = %s
"""

INSERT_ENTRY = """
INSERT INTO minute_entries (hold_id, user_id, month, seconds, measured, overrun, reference, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""


def take() -> str:
    """The conditional update, with the plans' minutes written into it. Parameters: seconds, user, month, seconds."""
    return _take(settings.TIERS[0], balances.limits())


@lru_cache(maxsize=8)
def _take(smallest: str, limits: tuple[tuple[str, int], ...]) -> str:
    cases = " ".join(f"WHEN '{tier}' THEN {int(limit)}" for tier, limit in limits)
    return _TAKE.format(limit=_LIMIT.format(smallest=smallest, limits=cases))
