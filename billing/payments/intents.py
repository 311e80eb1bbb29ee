"""Single payments, outside of a plan: each pays an order, whose amount is the server's."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from accounts.models import User
from billing import providers
from billing.errors import AmountMismatch
from billing.errors import OrderConflict
from billing.errors import PaymentsError
from billing.models import Order
from billing.models import Payment
from billing.payments import customers
from billing.providers.base import Intent
from core.errors import IdempotencyMismatch
from core.errors import NotFound

_OPEN = [Payment.Status.PENDING, Payment.Status.FAILED]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A payment that waits, and what the provider's form needs for it."""

    payment: Payment
    intent: Intent


def create(
    user: User,
    *,
    amount: int,
    currency: str,
    document_id: UUID | None = None,
    order: UUID | None = None,
    key: str = "",
) -> Prepared:
    """Prepare the payment of an open order of the user's; what the client says it costs is compared, never taken.

    The order is the one that is named, or that of a document, or the newest with this amount. Raises NotFound for a
    foreign or unknown one, OrderConflict when none is open, AmountMismatch, IdempotencyMismatch when the ``key`` came
    with another order, and children of PaymentsError.
    """
    currency = currency.upper()
    first = Payment.objects.visible_to(user).filter(request_key=key).first() if key else None
    found = (
        Order.objects.filter(pk=first.order_id).first() if first else _find(user, amount, currency, document_id, order)
    )
    if found is None:
        raise OrderConflict("There is no open order of this amount.")
    if first and (order or found.pk) != found.pk:
        raise IdempotencyMismatch
    if (found.amount, found.currency) != (amount, currency):
        raise IdempotencyMismatch if first else AmountMismatch(amount=found.amount, currency=found.currency)
    if first is None and found.state != Order.State.OPEN:
        raise OrderConflict("There is nothing left to pay for this order.")
    prepared = for_order(found)
    if key and first is None:
        unnamed = Payment.objects.filter(pk=prepared.payment.pk, request_key=None)
        unnamed.update(request_key=key, document_id=document_id)
    return prepared


def for_order(order: Order) -> Prepared:
    """The one payment of an order that waits for the provider's form; made on first use."""
    user = User.objects.get(pk=order.user_id)
    provider = providers.active()
    known = order.payments.filter(provider=provider.name, status__in=_OPEN).order_by("pk").first()
    if known:
        return _as_it_stands(known)
    intent = customers.asked(
        user,
        lambda customer: provider.create_intent(
            customer.customer_id,
            amount=order.amount,
            currency=order.currency,
            reference=order.reference,
            key=f"{order.reference}:intent:{customer.customer_id}",
        ),
    )
    row = Payment(
        user=user,
        provider=provider.name,
        provider_id=intent.id,
        intent_id=intent.id,
        customer_id=intent.customer_id,
        amount=order.amount,
        currency=order.currency,
        purpose=Payment.Purpose.ORDER,
        order=order,
    )
    # Requests at once share the provider's key, so they have one intent.
    Payment.objects.bulk_create([row], ignore_conflicts=True)
    return Prepared(Payment.objects.get(provider_id=intent.id), intent)


def waiting(order: Order) -> list[str]:
    """The provider's ids of the payments of an order that may still be made."""
    return list(order.payments.filter(status__in=_OPEN).values_list("provider_id", flat=True))


def _find(user: User, amount: int, currency: str, document_id: UUID | None, order: UUID | None) -> Order | None:
    own = Order.objects.visible_to(user).order_by("-id")
    if order is not None:
        named: Order | None = own.filter(pk=order).first()
        if named is None:
            raise NotFound
        return named
    still_open = own.filter(state=Order.State.OPEN)
    if document_id is not None:
        of_document: Order | None = still_open.filter(
            quote__feature="documents", quote__reference=str(document_id)
        ).first()
        return of_document
    newest: Order | None = still_open.filter(amount=amount, currency=currency).first()
    return newest


def _as_it_stands(payment: Payment) -> Prepared:
    intent = providers.get(payment.provider).retrieve_intent(payment.provider_id)
    if intent is None:
        raise PaymentsError
    return Prepared(payment, intent)
