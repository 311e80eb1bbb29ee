"""Which plan a price stands for: by the settings, by what we wrote into the subscription, by the product it is of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from functools import lru_cache

from django.conf import settings

from billing import providers
from billing.providers.base import Subscribed


@dataclass(frozen=True, slots=True)
class PriceBook:
    """The plans of a provider's prices; ``learned`` are those that the settings do not name."""

    provider: str
    learned: Mapping[str, str] = field(default_factory=dict)

    def tier_of(self, price_id: str) -> str | None:
        """The plan of a price; None for one that belongs to none."""
        return providers.tier_of(self.provider, price_id) or self.learned.get(price_id)


def read(provider: str, subscriptions: Iterable[Subscribed]) -> PriceBook:
    """Of a customer's subscriptions. The provider is asked for products only where nothing else tells the plan.

    Raises children of PaymentsError.
    """
    unknown = [one for one in subscriptions if one.price_id and providers.tier_of(provider, one.price_id) is None]
    learned = {one.price_id: one.plan for one in unknown if one.plan in settings.TIERS[1:]}
    for one in unknown:
        if one.price_id not in learned and one.product_id:
            tier = _by_product(provider, tuple(settings.STRIPE_PRICES.items())).get(one.product_id)
            learned |= {one.price_id: tier} if tier else {}
    return PriceBook(provider, learned)


@lru_cache(maxsize=4)
def _by_product(provider: str, prices: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """The plan of each product that sells one plan alone: a product of several plans tells nothing."""
    plans = defaultdict(set)
    for tier, price_id in prices:
        price = providers.get(provider).retrieve_price(price_id)
        if price and price.product_id:
            plans[price.product_id].add(tier)
    return {product: tiers.pop() for product, tiers in plans.items() if len(tiers) == 1}
