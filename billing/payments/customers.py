"""Users as the payment provider knows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction

from accounts.models import User
from accounts.services import audit
from billing import providers
from billing.errors import CustomerGone
from billing.models import BillingCustomer
from billing.models import Subscription
from billing.payments import sync

T = TypeVar("T")


def of(user: User) -> BillingCustomer:
    """The user's customer at the active provider, introduced there on first use, and anew where its mode has changed.

    Calls at once share an idempotency key, so they make one customer. Raises children of PaymentsError.
    """
    provider, first = providers.active(), known(user)
    if first and first.provider == provider.name and first.mode in {"", provider.mode}:
        return first
    return _introduce(user, first)


def known(user: User) -> BillingCustomer | None:
    """The user's customer, when there is one."""
    found: BillingCustomer | None = BillingCustomer.objects.filter(user=user).first()
    return found


def asked(user: User, question: Callable[[BillingCustomer], T]) -> T:
    """Ask the provider for something of the customer's; one that is gone there is made anew, once.

    Raises children of PaymentsError, and what the question raises.
    """
    customer = of(user)
    try:
        return question(customer)
    except CustomerGone:
        return question(renewed(user, customer))


def renewed(user: User, gone: BillingCustomer) -> BillingCustomer:
    """Another customer for one the provider does not have any more; what was bought as the old one has ended."""
    audit.record("customer.gone", on=user, provider=gone.provider)
    return _introduce(user, gone)


def _introduce(user: User, former: BillingCustomer | None) -> BillingCustomer:
    provider = providers.active()
    key = f"customer:{user.pk}:{former.customer_id}" if former else f"customer:{user.pk}"
    customer_id = provider.create_customer(user.pk, email=user.email or "", key=key)
    fresh = {"provider": provider.name, "mode": provider.mode, "customer_id": customer_id}
    with transaction.atomic():
        BillingCustomer.objects.bulk_create([BillingCustomer(user=user, **fresh)], ignore_conflicts=True)
        if former is not None:
            empty = {"synced_at": None, "sync_error": "", "renewing": 0, "checkout_id": "", "checkout_price": ""}
            same = BillingCustomer.objects.filter(user=user, customer_id=former.customer_id)
            if same.update(**fresh, **empty):
                for row in Subscription.objects.filter(user=user, provider=former.provider):
                    sync.retire(row.pk, reason="Its customer is gone at the payment provider.")
    stored: BillingCustomer = BillingCustomer.objects.get(user=user)
    return stored
