"""Amounts as people read them. Everywhere else they are whole numbers of a currency's smallest unit."""

from __future__ import annotations

# The minor units of ISO 4217 that are not two, as Stripe counts them too (which has ISK and UGX in hundredths).
_DIGITS = dict.fromkeys(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"], 0
)
_DIGITS |= dict.fromkeys(["BHD", "JOD", "KWD", "OMR", "TND"], 3)


def in_units(amount: int, currency: str) -> float:
    """Of cents, dollars; of yen, yen. For figures on a page, not to count with."""
    digits = _DIGITS.get(currency.upper(), 2)
    return round(amount / 10.0**digits, digits)
