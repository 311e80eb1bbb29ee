"""What tokens cost the operator, counted for the day of the platform while ``DAILY_COST_LIMIT`` is on.

It is held at the dearest the answer can become, and settled at what it became. Money is counted in whole millionths of
a dollar, rounded up, so sums are exact in every database; the ledger keeps the eight places of the price.
"""

from __future__ import annotations

import math
from datetime import date
from datetime import datetime
from decimal import Decimal
from typing import Any
from typing import Protocol

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

from billing.metering.tokens import sql
from billing.metering.tokens.days import MICROS
from billing.metering.tokens.days import day_value
from billing.metering.tokens.days import take

_DIGITS, _PLACES = 16, 8


class Claimed(Protocol):
    """A hold that is being settled."""

    @property
    def id(self) -> Any: ...

    @property
    def amount(self) -> int: ...

    @property
    def charged(self) -> int: ...

    @property
    def micros(self) -> int: ...

    @property
    def cost_day(self) -> Any: ...


def micros(cost: Decimal | None) -> int:
    """Dollars as whole millionths, rounded up."""
    return 0 if cost is None else math.ceil(cost * MICROS)


def stored(cost: Decimal | None) -> Any:
    """Dollars as the ledger's column takes them."""
    return None if cost is None else connection.ops.adapt_decimalfield_value(cost, _DIGITS, _PLACES)


def counted_day(now: datetime) -> date | None:
    """The day a hold counts for; None while there is no limit."""
    return None if settings.DAILY_COST_LIMIT is None else now.date()


def reserve(cursor: CursorWrapper, day: date, amount: int) -> None:
    """Set aside of the day's money. Raises PlatformLimitReached."""
    take(cursor, sql.RESERVE_MONEY, (amount, day_value(day), amount, micros(settings.DAILY_COST_LIMIT)), day)


def charge(cursor: CursorWrapper, claim: Claimed, cost: Decimal | None) -> None:
    """Move a hold's money from held to used. Of an answer whose cost nobody knows, a part as its tokens were of the
    hold's."""
    share = math.ceil(Decimal(claim.micros) * claim.charged / claim.amount) if claim.amount else 0
    spent = share if cost is None else micros(cost)
    cursor.execute(sql.CHARGE_MONEY, (claim.micros, spent, day_value(claim.cost_day)))
    cursor.execute(sql.KEEP_MONEY, (spent, claim.id))
