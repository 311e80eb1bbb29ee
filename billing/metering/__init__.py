"""Paying for AI actions: hold → work → settle.

``hold`` sets tokens aside before a provider is called, ``record_progress`` keeps the hold alive while text arrives, and
``settle`` charges what was used, once. A process that dies in between leaves an expired hold, which :func:`sweep`
settles at its last progress. These are the functions of tokens, the first of the books; what they have in common is in
:mod:`billing.metering.engine`. See the app's README for the rules and their proof.
"""

from __future__ import annotations

from billing.errors import MeteringUnavailable
from billing.errors import OrderNotPaid
from billing.errors import PlatformLimitReached
from billing.errors import TokenLimitExceeded
from billing.errors import UpgradeRequired
from billing.metering.books import sweep
from billing.metering.tokens.appraisal import appraised_by
from billing.metering.tokens.book import for_prompt
from billing.metering.tokens.book import held
from billing.metering.tokens.book import hold
from billing.metering.tokens.book import hold_exact
from billing.metering.tokens.book import keep
from billing.metering.tokens.book import record_progress
from billing.metering.tokens.book import settle
from billing.metering.tokens.book import settle_at_progress
from billing.metering.tokens.quotas import Allowance
from billing.metering.tokens.quotas import allowance
from billing.metering.tokens.quotas import locked_tier
from billing.metering.tokens.quotas import require_tier
from billing.metering.tokens.quotas import tier_of
from billing.metering.tokens.values import MIN_TOKENS
from billing.metering.tokens.values import Booked
from billing.metering.tokens.values import Hold
from billing.metering.tokens.values import HoldProgress
from billing.metering.tokens.values import Source
from billing.plans import tier_allows

__all__ = [
    "MIN_TOKENS",
    "Allowance",
    "Booked",
    "Hold",
    "HoldProgress",
    "MeteringUnavailable",
    "OrderNotPaid",
    "PlatformLimitReached",
    "Source",
    "TokenLimitExceeded",
    "UpgradeRequired",
    "allowance",
    "appraised_by",
    "for_prompt",
    "held",
    "hold",
    "hold_exact",
    "keep",
    "locked_tier",
    "record_progress",
    "require_tier",
    "settle",
    "settle_at_progress",
    "sweep",
    "tier_allows",
    "tier_of",
]
