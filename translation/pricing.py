"""What a translation costs: units of 1,800 characters, at the price of the service. Knows no rows.

Characters are Unicode code points of the source; money is :class:`decimal.Decimal` in US dollars, never rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from translation import limits
from translation.providers.base import Name

CURRENCY = "USD"
_FREE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sold:
    """How a service is sold. ``plan`` is a name of the price list, none of a subscription."""

    service: Name
    label: str
    plan: str
    price: Decimal
    """For 1,800 characters."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of so many characters: the whole units they begin."""

    chars: int
    units: int
    amount: Decimal


def sold(service: Name) -> Sold:
    """The price list; a service without a price is paid in tokens alone."""
    ours = settings.TRANSLATION
    return {
        "deepl": Sold("deepl", "DeepL", "Kintsugi Basic", ours.deepl_price_per_1800),
        "otranslator": Sold("otranslator", "OTranslator", "Kintsugi Epic", ours.otranslator_price_per_1800),
        "llm": Sold("llm", "Language model", "Kintsugi Tokens", _FREE),
        "libretranslate": Sold("libretranslate", "LibreTranslate", "Kintsugi Open", _FREE),
        "demo": Sold("demo", "Demo", "Demo", _FREE),
    }[service]


def units(chars: int) -> int:
    """Of 1,800 characters, the last one begun."""
    return -(-chars // limits.UNIT_CHARS)


def cost(chars: int, service: Name) -> Cost:
    """Of so many characters."""
    count = units(chars)
    return Cost(chars, count, count * sold(service).price)


def billed(parts: Sequence[int], minimum: int) -> int:
    """Characters that a service charges for files that it takes whole, each of ``parts`` being one."""
    return sum(max(minimum, chars) for chars in parts)
