"""The models of the catalogue as the menu shows them."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from aichat import habits
from aichat import shapes
from aichat.models import ModelHabit
from core import llm
from core.llm import prices
from core.llm.base import Price
from core.llm.base import Rates

_READ = 1_000
# Dollars per million tokens of the answer.
_FAST, _DEEP = 1, 20


def model(
    entry: llm.Model,
    *,
    available: bool,
    ended: bool = False,
    default: bool = False,
    known: ModelHabit | None = None,
) -> shapes.Model:
    """A model of the catalogue; ``available`` says whether the user's plan has it and anything runs it.

    ``known`` are its habits at the effort it is asked for when nobody says.
    """
    heir = llm.catalogue.successor(entry)
    today = llm.catalogue.today()
    price = prices.price_on(entry, today)
    return shapes.Model(
        id=entry.id,
        name=entry.name,
        provider=entry.provider,
        context_window=entry.context_window,
        max_output_tokens=entry.max_output_tokens,
        min_tier=entry.min_tier,
        available=available,
        vision=entry.vision,
        tools=entry.tools,
        is_demo=entry.is_demo,
        parameters=sorted(entry.parameters),
        input_price=_shown(entry.input_price),
        output_price=_shown(entry.output_price),
        maker=entry.maker,
        group=_group(entry, ended=ended),
        default=default,
        for_new_chats=not ended and llm.catalogue.for_new_chats(entry),
        sees=[kind for kind in ("image", "pdf") if kind in entry.inputs],
        efforts=list(entry.efforts),
        effort=entry.effort or None,
        speed=_speed(entry, price),
        sampling=entry.sampling,
        until=entry.until,
        successor=heir and heir.id,
        price=price and _price(price),
        next_price=next((_price(later) for later in entry.prices if later.since > today), None),
        typical_cost=_shown(_typical(entry, known)),
    )


def _speed(entry: llm.Model, price: Price | None) -> Literal["fast", "usual", "deep"]:
    """In a word: by what a token of the answer costs, as makers ask most for their slowest and deepest."""
    if entry.effort in {"high", "xhigh", "max"} or (price and price.rates.output >= _DEEP):
        return "deep"
    return "fast" if entry.effort in {"none", "minimal"} or (price and price.rates.output <= _FAST) else "usual"


def _group(entry: llm.Model, *, ended: bool) -> Literal["main", "more", "ending", "ended"]:
    if ended:
        return "ended"
    return "ending" if llm.catalogue.ends_soon(entry) else entry.group


def _typical(entry: llm.Model, known: ModelHabit | None) -> Decimal | None:
    """What a usual answer costs today, its thinking included."""
    written = habits.usual(entry.effort, known).typical
    return prices.cost(llm.Usage(_READ, written), entry, llm.catalogue.today())


def _price(price: Price) -> shapes.Price:
    return shapes.Price(
        since=price.since,
        rates=_rates(price.rates),
        step=price.step or None,
        above=price.above and _rates(price.above),
        source=price.source,
    )


def _rates(rates: Rates) -> shapes.Rates:
    return shapes.Rates(
        input=f"{rates.input:f}", cached=f"{rates.cached:f}", write=f"{rates.write:f}", output=f"{rates.output:f}"
    )


def _shown(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:f}"
