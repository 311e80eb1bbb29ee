"""What translations are sold for: units of 1,800 characters, each service at its price; tokens of the source."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from core.llm import tokens
from core.llm.base import Model
from translation import limits

CURRENCY = "USD"


@dataclass(frozen=True, slots=True)
class Terms:
    """``label`` is what the service is called, ``plan`` what it is sold as."""

    service: str
    label: str
    plan: str
    price: Decimal
    """Dollars for 1,800 characters."""


def terms(service: str) -> Terms:
    """What a service is sold for; KeyError for one that nobody knows."""
    ours = settings.TRANSLATION
    known = {
        "deepl": Terms("deepl", "DeepL", "Kintsugi Basic", ours.deepl_price_per_1800),
        "otranslator": Terms("otranslator", "OTranslator", "Kintsugi Epic", ours.otranslator_price_per_1800),
        "llm": Terms("llm", "Language model", "", Decimal(0)),
        "libretranslate": Terms("libretranslate", "LibreTranslate", "", Decimal(0)),
        "demo": Terms("demo", "Demo", "", Decimal(0)),
    }
    return known[service]


def units(characters: int) -> int:
    """So many are paid: ``ceil(characters / 1800)``."""
    return -(-characters // limits.UNIT_CHARS)


def cost(characters: int, price: Decimal) -> Decimal:
    """Dollars for so many billed characters."""
    return units(characters) * price


def source_tokens(text: str) -> int:
    """What a source is charged in tokens: o200k, whoever translates it."""
    return tokens.count_text(text, _COUNTED)


_COUNTED = Model(
    id="", name="", provider="", context_window=0, max_output_tokens=0, min_tier="", parameters=frozenset(),
    vision=False, tools=False, is_demo=False, input_price=None, output_price=None, encoding="o200k_base",
)  # fmt: skip
