"""Users as the payment provider knows them."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from billing import providers
from billing.models import BillingCustomer


def of(user: User) -> BillingCustomer:
    """The user's customer at the active provider, introduced there on first use.

    Calls at once share an idempotency key, so they make one customer. Raises children of PaymentsError.
    """
    provider = providers.active()
    first = known(user)
    if first and first.provider == provider.name:
        return first
    customer_id = provider.create_customer(user.pk, email=user.email or "", key=f"customer:{user.pk}")
    with transaction.atomic():
        BillingCustomer.objects.bulk_create(
            [BillingCustomer(user=user, provider=provider.name, customer_id=customer_id)], ignore_conflicts=True
        )
        # Somebody who was a customer of another provider before.
        BillingCustomer.objects.filter(user=user).exclude(provider=provider.name).update(
            provider=provider.name, customer_id=customer_id, synced_at=None, sync_error=""
        )
    stored: BillingCustomer = BillingCustomer.objects.get(user=user)
    return stored


def known(user: User) -> BillingCustomer | None:
    """The user's customer, when there is one."""
    found: BillingCustomer | None = BillingCustomer.objects.filter(user=user).first()
    return found
