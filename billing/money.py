"""Amounts as people read them. Everywhere else they are whole numbers of a currency's smallest unit."""

from __future__ import annotations

from decimal import ROUND_HALF_UP
from decimal import Decimal

# The minor units of ISO 4217 that are not two, as Stripe counts them too (which has ISK and UGX in hundredths):
# https://docs.stripe.com/currencies#zero-decimal and #three-decimal, 2026.
_DIGITS = dict.fromkeys(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"], 0
)
_DIGITS |= dict.fromkeys(["BHD", "JOD", "KWD", "OMR", "TND"], 3)


def in_units(amount: int, currency: str) -> float:
    """Of cents, dollars; of yen, yen. For figures on a page, not to count with."""
    digits = _DIGITS.get(currency.upper(), 2)
    return round(amount / 10.0**digits, digits)


def in_smallest(amount: Decimal, currency: str) -> int:
    """Of dollars, cents; of yen, yen. Rounded half up."""
    shifted = amount.scaleb(_DIGITS.get(currency.upper(), 2))
    return int(shifted.to_integral_value(ROUND_HALF_UP))


_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}


def with_sign(amount: int, currency: str) -> str:
    """Of cents, ``$5.00``, as the client and the page of prices write it; ``5.00 CHF`` where there is no sign."""
    words, sign = as_text(amount, currency), _SIGNS.get(currency.upper())
    return f"{sign}{words.partition(' ')[0]}" if sign else words


def as_text(amount: int, currency: str) -> str:
    """Of cents, ``5.00 EUR``."""
    digits = _DIGITS.get(currency.upper(), 2)
    return f"{Decimal(amount).scaleb(-digits):.{digits}f} {currency.upper()}"
