"""Call minutes, a book of the metering engine: held a little ahead of the call, extended while it runs, settled once.

Everything is counted in seconds and charged in whole minutes, so a balance is whole minutes as well.
"""

from __future__ import annotations

from billing.errors import MinuteLimitExceeded
from billing.metering.minutes.balances import Allowance
from billing.metering.minutes.balances import allowance
from billing.metering.minutes.book import Extension
from billing.metering.minutes.book import Hold
from billing.metering.minutes.book import Standing
from billing.metering.minutes.book import extend
from billing.metering.minutes.book import hold
from billing.metering.minutes.book import lock
from billing.metering.minutes.book import settle
from billing.metering.minutes.book import standings

__all__ = [
    "Allowance",
    "Extension",
    "Hold",
    "MinuteLimitExceeded",
    "Standing",
    "allowance",
    "extend",
    "hold",
    "lock",
    "settle",
    "standings",
]
