"""Paying for AI actions: hold → work → settle.

``hold`` sets tokens aside before a provider is called, ``record_progress`` keeps the hold alive while text arrives, and
``settle`` charges what was used, once. A process that dies in between leaves an expired hold, which :func:`sweep`
settles at its last progress. See the app's README for the rules and their proof.
"""

from __future__ import annotations

from billing.errors import MeteringUnavailable
from billing.errors import PlatformLimitReached
from billing.errors import TokenLimitExceeded
from billing.errors import UpgradeRequired
from billing.metering.holds import MIN_TOKENS
from billing.metering.holds import Hold
from billing.metering.holds import hold
from billing.metering.quotas import Allowance
from billing.metering.quotas import allowance
from billing.metering.quotas import require_tier
from billing.metering.quotas import tier_of
from billing.metering.settlement import Progress
from billing.metering.settlement import Source
from billing.metering.settlement import record_progress
from billing.metering.settlement import settle
from billing.metering.settlement import sweep
from billing.plans import tier_allows

__all__ = [
    "MIN_TOKENS",
    "Allowance",
    "Hold",
    "MeteringUnavailable",
    "PlatformLimitReached",
    "Progress",
    "Source",
    "TokenLimitExceeded",
    "UpgradeRequired",
    "allowance",
    "hold",
    "record_progress",
    "require_tier",
    "settle",
    "sweep",
    "tier_allows",
    "tier_of",
]
