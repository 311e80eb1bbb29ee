"""The statements of the hot path, in SQL that SQLite (3.35) and PostgreSQL both read.

A hold is two statements and a settlement three, of which the engine has the first; building them through the ORM costs
more than running them (see ``bench/metering.py``), so they are written out. Everything off the hot path is ORM.
"""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

# The one conditional update that keeps parallel requests within the balance. It fails for several reasons (no row yet,
# window over, limit changed, too little left); the slow path finds out which.
_RESERVE = """
UPDATE token_usage SET tokens_held = tokens_held + %s
WHERE user_id = %s AND reset_at > %s AND tokens_limit = CASE tier {limits} END
  AND (tokens_limit < 0 OR tokens_used + tokens_held + %s <= tokens_limit + tokens_bonus)
"""

RESERVE_PLATFORM = """
UPDATE platform_days SET tokens_held = tokens_held + %s
WHERE day = %s AND tokens_before + tokens_used + tokens_held + %s <= %s
"""

RESERVE_MONEY = """
UPDATE platform_days SET micros_held = micros_held + %s
WHERE day = %s AND micros_before + micros_used + micros_held + %s <= %s
"""

CHARGE = """
UPDATE token_usage SET tokens_held = tokens_held - %s, tokens_used = tokens_used + %s
WHERE user_id = %s RETURNING "window"
"""

INSERT_ENTRY = """
INSERT INTO usage_entries (hold_id, user_id, feature, model, prompt_tokens, completion_tokens, total_tokens, source,
                           reference, overrun, "window", funded_by, created_at, cached_tokens, cache_write_tokens,
                           reasoning_tokens, effort, cost, priced, cost_source)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

CHARGE_PLATFORM = """
UPDATE platform_days SET tokens_held = tokens_held - %s, tokens_used = tokens_used + %s WHERE day = %s
"""

CHARGE_MONEY = """
UPDATE platform_days SET micros_held = micros_held - %s, micros_used = micros_used + %s WHERE day = %s
"""

KEEP_MONEY = "UPDATE token_holds SET micros = %s WHERE id = %s"

# Both databases name the columns of VALUES column1, column2, …
_PROGRESS = """
UPDATE token_holds SET
  progress_prompt = CASE WHEN news.column2 > progress_prompt THEN news.column2 ELSE progress_prompt END,
  progress_completion = CASE WHEN news.column3 > progress_completion THEN news.column3 ELSE progress_completion END,
  expires_at = CASE WHEN expires_at < %s THEN %s ELSE expires_at END
FROM (VALUES {rows}) AS news
WHERE token_holds.key = news.column1 AND token_holds.state = 'held'
"""


def reserve() -> str:
    """The conditional update, with the limits of the settings written into it."""
    return _reserve(tuple(settings.TOKEN_LIMITS.items()))


@lru_cache(maxsize=8)
def _reserve(limits: tuple[tuple[str, int], ...]) -> str:
    return _RESERVE.format(limits=" ".join(f"WHEN '{tier}' THEN {int(limit)}" for tier, limit in limits))


def progress(count: int) -> str:
    """The progress update for ``count`` holds; parameters: the new expiry twice, then key, prompt, completion each."""
    return _PROGRESS.format(rows=", ".join(["(%s, %s, %s)"] * count))
