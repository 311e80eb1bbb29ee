"""What a request costs in money: the price of its day, the long-context step, and each part of the usage."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal
from typing import NamedTuple

from core.llm.base import Model
from core.llm.base import Price
from core.llm.base import Rates
from core.llm.base import Usage

MILLION = Decimal(1_000_000)
PLACES = Decimal("0.00000001")
"""Of a dollar, what a ledger keeps."""


class Charge(NamedTuple):
    """What a request cost in dollars; ``cost`` None: nobody knows. ``priced`` is the day from which its price holds."""

    cost: Decimal | None = None
    priced: date | None = None
    source: Literal["", "provider", "catalogue"] = ""


UNKNOWN = Charge()


def price_on(model: Model, day: date) -> Price | None:
    """The price that holds on a day; None when it is unknown. Before the first known price, the first is taken."""
    begun = [price for price in model.prices if price.since <= day]
    return begun[-1] if begun else next(iter(model.prices), None)


def rates_for(price: Price, prompt_tokens: int) -> Rates:
    """The rates of a request with so much input; the step is decided by all of it and holds for every part."""
    return price.above if price.above and prompt_tokens > price.step else price.rates


def cost(usage: Usage, model: Model, at: date) -> Decimal | None:
    """Dollars for one request that left on that day; None when no price is known.

    Reasoning is part of the answer and costs the same. What the provider itself says it cost is not looked at here.
    """
    price = price_on(model, at)
    if price is None:
        return None
    rates = rates_for(price, usage.prompt_tokens)
    # Parts that are more than the whole cannot be true; the whole is what the limits were measured against.
    cached = min(usage.cached_tokens, usage.prompt_tokens)
    written = min(usage.cache_write_tokens, usage.prompt_tokens - cached)
    plain = usage.prompt_tokens - cached - written
    total = plain * rates.input + cached * rates.cached + written * rates.write + usage.completion_tokens * rates.output
    return total / MILLION


def charge(usage: Usage, model: Model, at: date) -> Charge:
    """What a request that left on that day cost: the provider's own figure where it tells one, else ours."""
    if usage.cost is not None:
        return Charge(_booked(usage.cost), None, "provider")
    price, ours = price_on(model, at), cost(usage, model, at)
    return UNKNOWN if price is None or ours is None else Charge(_booked(ours), price.since, "catalogue")


def _booked(dollars: Decimal) -> Decimal:
    """To the places that books keep, so that every reader of an answer is told the same."""
    return dollars.quantize(PLACES)
