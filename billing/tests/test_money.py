"""Amounts are whole numbers of a currency's smallest unit: one table of cases for server and client."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from billing import money

pytestmark = pytest.mark.any_stack

TABLE = json.loads((Path(__file__).parent / "currencies.json").read_text())
CASES = [(currency, TABLE["amounts"][digits]) for digits, names in TABLE["digits"].items() for currency in names]


@pytest.mark.parametrize(("currency", "text"), CASES)
def test_an_amount_has_the_providers_digits(currency: str, text: str) -> None:
    assert money.as_text(1234, currency) == f"{text} {currency}"
    assert money.in_smallest(Decimal(text), currency.lower()) == 1234
    assert money.in_units(1234, currency) == float(text)


def test_the_table_knows_every_currency_that_has_other_digits() -> None:
    assert set(money._DIGITS) == {*TABLE["digits"]["0"], *TABLE["digits"]["3"]}
