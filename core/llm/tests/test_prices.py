from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from core import llm
from core.llm import catalogue
from core.llm import prices
from core.llm import rows

pytestmark = pytest.mark.any_stack

NOVEMBER = date(2026, 11, 29)


@pytest.mark.parametrize(
    ("model", "usage", "dollars"),
    [
        # Worked out by hand from the vendors' pages; the first is beyond the step of 272,000 tokens, for all its parts.
        ("gpt-6.2-sol", llm.Usage(300_000, 5_000, cached_tokens=200_000), "0.515"),
        ("gpt-6.2-sol", llm.Usage(1_000, 300, cached_tokens=800, cache_write_tokens=120), "0.00354"),
        ("claude-opus-5-5", llm.Usage(1_000, 300, cached_tokens=800, cache_write_tokens=120), "0.00708"),
        ("gpt-6-luna", llm.Usage(272_000, 0), "0.0272"),
        ("gpt-6-luna", llm.Usage(272_001, 0), "0.0544002"),
        ("claude-haiku-5-5", llm.Usage(100_001, 1_000), "0.0525005"),
    ],
)
def test_what_a_request_costs(model: str, usage: llm.Usage, dollars: str) -> None:
    assert prices.cost(usage, catalogue.get(model), NOVEMBER) == Decimal(dollars)


def test_a_price_holds_from_its_day_on() -> None:
    flash = catalogue.get("gemini-3.8-flash")
    usage = llm.Usage(1_000_000, 0)
    assert prices.cost(usage, flash, date(2026, 12, 31)) == Decimal("0.75")
    assert prices.cost(usage, flash, date(2027, 1, 1)) == Decimal("1.5")
    assert prices.cost(usage, catalogue.get("gpt-6.2-sol"), date(2026, 1, 1)) == Decimal(4)  # before its first price


def test_an_unknown_price_is_no_price_of_nothing() -> None:
    model = rows.of_entry({"id": "x", "provider": "openai", "context_window": 4096})
    assert model is not None
    assert prices.cost(llm.Usage(10, 10), model, NOVEMBER) is None


def test_parts_that_cannot_be_true_cost_no_more_than_the_whole() -> None:
    sol = catalogue.get("gpt-6.2-sol")
    nonsense = llm.Usage(1_000, 0, cached_tokens=5_000, cache_write_tokens=5_000)
    assert prices.cost(nonsense, sol, NOVEMBER) == prices.cost(llm.Usage(1_000, 0, cached_tokens=1_000), sol, NOVEMBER)


def test_every_price_of_our_list_says_where_it_is_from() -> None:
    for model in catalogue.listed().values():
        assert model.prices
        assert model.is_demo or all(price.source for price in model.prices), model.id
