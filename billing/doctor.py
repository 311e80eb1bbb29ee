"""What this app looks at for ``manage.py doctor``."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.db.models import Count
from django.db.models import Min
from django.utils import timezone

from billing import providers
from billing.models import Refund
from billing.payments.refunds import OVERDUE
from billing.providers.base import Priced
from core.errors import DomainError
from core.findings import Check
from core.findings import Finding
from core.findings import fail
from core.findings import ok
from core.findings import warn


def checks() -> Iterator[Check]:
    """In the order in which they are reported."""
    yield Check("payments", payments, seconds=30)
    yield Check("refunds", refunds)


def refunds() -> Iterator[Finding]:
    """Whether people have the money back that is owed to them."""
    late = Refund.objects.filter(state=Refund.State.ASKED, asked_at__lte=timezone.now() - OVERDUE)
    waiting = late.aggregate(count=Count("pk"), oldest=Min("asked_at"))
    if waiting["count"]:
        since = waiting["oldest"].isoformat(timespec="minutes")
        yield fail("refunds", f"{waiting['count']} refunds are not made, the oldest asked for at {since}: see Refunds.")
    else:
        yield ok("refunds", "All refunds that are owed were made, or are being made.")


def payments() -> Iterator[Finding]:
    """Who takes payments, and whether the prices there are those we show."""
    name = providers.active_name()
    if name == "none":
        yield warn("payments", "Nobody takes payments: every plan is free of charge or given by staff.")
    elif name == "demo":
        yield warn("payments", "Payments are a demo that takes no money. Set STRIPE_SECRET_KEY to sell plans.")
    else:
        yield from _stripe()


def _stripe() -> Iterator[Finding]:
    wrong = 0
    for tier in settings.TIERS[1:]:
        try:
            price = providers.get("stripe").retrieve_price(settings.STRIPE_PRICES[tier])
        except DomainError as error:
            yield fail("payments", f"Stripe cannot be asked: {error.sentence} Look at STRIPE_SECRET_KEY.")
            return
        if problem := _problem(tier, price):
            wrong += 1
            yield fail("payments", f"STRIPE_PRICE_{tier.upper()}: {problem}")
    if not wrong:
        yield ok("payments", "Stripe answers, and its prices are those of the plans.")


def _problem(tier: str, price: Priced | None) -> str:
    wanted = settings.PLANS[tier]["price_cents"]
    if price is None:
        return "Stripe does not know this price."
    if not price.is_active:
        return "Stripe sells nothing at this price any more."
    if (price.amount, price.currency) != (wanted, settings.PLAN_CURRENCY):
        return f"Stripe takes {price.amount} {price.currency}, the plan says {wanted} {settings.PLAN_CURRENCY} (cents)."
    return "" if price.is_monthly else "Stripe does not charge it every month."
