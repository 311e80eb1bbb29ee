"""Single payments, outside of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from accounts.models import User
from billing import providers
from billing.errors import PaymentsError
from billing.models import Payment
from billing.payments import customers
from billing.providers.base import Intent
from core.errors import IdempotencyMismatch
from core.ids import uuid7


@dataclass(frozen=True, slots=True)
class Prepared:
    """A payment that waits, and what the provider's form needs for it."""

    payment: Payment
    intent: Intent


def create(user: User, *, amount: int, currency: str, document_id: UUID | None = None, key: str = "") -> Prepared:
    """Prepare a payment of so many of the currency's smallest units; a repeated ``key`` returns the first.

    Raises IdempotencyMismatch when the key came with another payment, and children of PaymentsError.
    """
    currency = currency.upper()
    first = Payment.objects.visible_to(user).filter(request_key=key).first() if key else None
    if first:
        return _repeated(first, amount=amount, currency=currency, document_id=document_id)
    provider, customer = providers.active(), customers.of(user)
    intent = provider.create_intent(
        customer.customer_id,
        amount=amount,
        currency=currency,
        reference=str(document_id or ""),
        key=f"intent:{user.pk}:{key or uuid7()}",
    )
    row = Payment(
        user=user,
        provider=provider.name,
        provider_id=intent.id,
        intent_id=intent.id,
        customer_id=customer.customer_id,
        amount=amount,
        currency=currency,
        purpose=Payment.Purpose.DOCUMENT if document_id else Payment.Purpose.OTHER,
        document_id=document_id,
        request_key=key or None,
    )
    # Requests at once share the provider's key, so they have one intent.
    Payment.objects.bulk_create([row], ignore_conflicts=True)
    stored = Payment.objects.visible_to(user).get(provider_id=intent.id)
    return _repeated(stored, amount=amount, currency=currency, document_id=document_id, intent=intent)


def _repeated(
    payment: Payment, *, amount: int, currency: str, document_id: UUID | None, intent: Intent | None = None
) -> Prepared:
    if (payment.amount, payment.currency, payment.document_id) != (amount, currency, document_id):
        raise IdempotencyMismatch
    intent = intent or providers.get(payment.provider).retrieve_intent(payment.provider_id)
    if intent is None:
        raise PaymentsError
    return Prepared(payment, intent)
