"""Who takes the money: Stripe when its key is set, otherwise the demo, otherwise nobody.

Adapters are imported when they are used: the SDK is large.
"""

from __future__ import annotations

from importlib import import_module
from typing import Literal
from typing import cast

from django.conf import settings

from billing.errors import PaymentsOff
from billing.providers.base import Name
from billing.providers.base import Provider

PROVIDERS: dict[Name, str] = {
    "stripe": "billing.providers.stripe.adapter.StripeProvider",
    "demo": "billing.providers.demo.adapter.DemoProvider",
}


def active_name() -> Literal["stripe", "demo", "none"]:
    """Which one, by the settings."""
    if settings.STRIPE_SECRET_KEY:
        return "stripe"
    return "demo" if settings.DEMO_PROVIDERS else "none"


def active() -> Provider:
    """The provider of new payments. Raises PaymentsOff."""
    name = active_name()
    if name == "none":
        raise PaymentsOff
    return get(name)


def get(name: str) -> Provider:
    """A provider by the name that stands in a row."""
    module, _, attribute = PROVIDERS[cast("Name", name)].rpartition(".")
    return cast("Provider", getattr(import_module(module), attribute)())


def price_of(name: str, tier: str) -> str:
    """The provider's price of a paid plan; the demo's are made of the plan's own name."""
    return f"price_demo_{tier}" if name == "demo" else settings.STRIPE_PRICES[tier]


def tier_of(name: str, price_id: str) -> str | None:
    """The plan of a price that is sold, or was; None for one that the settings do not name."""
    sold = next((tier for tier in settings.TIERS[1:] if price_id and price_of(name, tier) == price_id), None)
    former: dict[str, str] = settings.STRIPE_FORMER_PRICES
    return sold or (former.get(price_id) if name == "stripe" else None)


def rank_of(tier: str) -> int:
    """The place of a plan among the plans; an unknown one comes first."""
    return settings.TIERS.index(tier) if tier in settings.TIERS else -1
