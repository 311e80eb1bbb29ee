"""Paying an order at the provider: on a page of its own, or with an intent in a form of the client's."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from accounts.clients import NOBODY
from accounts.clients import ClientInfo
from accounts.models import User
from accounts.services import audit
from billing import providers
from billing.errors import OrderConflict
from billing.errors import PaymentRequired
from billing.errors import QuoteExpired
from billing.errors import UnknownPrice
from billing.models import BillingCustomer
from billing.models import Order
from billing.models import Payment
from billing.payments import customers
from billing.payments import intents
from billing.payments import orders
from billing.payments import sync
from billing.providers.base import Checkout
from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Offer:
    """The ways to pay an order: the page ``url`` (a path in the demo), or the intent's ``client_secret``."""

    order: Order
    url: str
    client_secret: str
    payment: Payment


def own(user: User, order_id: UUID) -> Order:
    """An order of the user's. Raises NotFound for another's."""
    found: Order | None = Order.objects.visible_to(user).select_related("quote").filter(pk=order_id).first()
    if found is None:
        raise NotFound
    return found


def offer(user: User, order_id: UUID, *, client: ClientInfo = NOBODY) -> Offer:
    """How an open order can be paid. The same page is returned while it is open.

    Raises OrderConflict when there is nothing to pay, QuoteExpired when it is too late, and children of PaymentsError.
    """
    _require_open(own(user, order_id))
    return customers.asked(user, lambda customer: _offer(user, order_id, customer, client))


def _offer(user: User, order_id: UUID, customer: BillingCustomer, client: ClientInfo) -> Offer:
    order = own(user, order_id)
    if order.checkouts:
        # A payment made a moment ago, whose notification is still on its way, is not to be made twice.
        with suppress(UnknownPrice):
            sync.refresh(customer, intent_ids=intents.waiting(order))
        order = own(user, order_id)
        _require_open(order)
    prepared = intents.for_order(order)
    page = _page(order, customer)
    audit.record("order.payment_started", actor=user, client=client, on=user, order=str(order.pk))
    return Offer(own(user, order_id), page.url, prepared.intent.client_secret, prepared.payment)


def require_paid(user: User, order_id: UUID, *, client: ClientInfo = NOBODY) -> Order:
    """The order, when it is paid. Raises PaymentRequired with the ways to pay it, and what :func:`offer` raises."""
    order = own(user, order_id)
    if order.state in {Order.State.PAID, Order.State.DONE}:
        return order
    made = offer(user, order_id, client=client)
    url = f"{settings.PUBLIC_URL}{made.url}" if made.url.startswith("/") else made.url
    raise PaymentRequired(order=made.order.pk, url=url, client_secret=made.client_secret)


def close_pages(order_id: UUID) -> None:
    """Close what is open for an order that is paid or cancelled, and read what was paid there all the same."""
    order = Order.objects.select_related("quote").get(pk=order_id)
    customer = BillingCustomer.objects.filter(user_id=order.user_id).first()
    if order.state == Order.State.OPEN or customer is None:
        return
    if order.checkout_id:
        providers.get(order.provider).expire_checkout(order.checkout_id, key=f"{order.reference}:expire")
    waiting = order.payments.filter(status__in=[Payment.Status.PENDING, Payment.Status.FAILED])
    for payment in waiting:
        providers.get(payment.provider).cancel_intent(payment.provider_id, key=f"{order.reference}:{payment.pk}:cancel")
    with suppress(UnknownPrice):
        sync.refresh(customer, intent_ids=[payment.provider_id for payment in waiting])


def _require_open(order: Order) -> None:
    if order.state != Order.State.OPEN:
        raise OrderConflict("There is nothing left to pay for this order.")
    if order.expires_at <= timezone.now():
        orders.cancel(order.pk)
        raise QuoteExpired


def _page(order: Order, customer: BillingCustomer) -> Checkout:
    """The page that is open, or the next one when the last is over."""
    provider = providers.active()
    if order.checkout_id and order.provider == provider.name:
        known = provider.retrieve_checkout(order.checkout_id)
        if known and known.state == "pending" and known.url:
            return known
    number = order.checkouts + 1
    app = f"{settings.PUBLIC_URL}/app/billing/orders"
    page = provider.create_order_checkout(
        customer.customer_id,
        title=order.quote.title,
        amount=order.amount,
        currency=order.currency,
        reference=order.reference,
        success_url=f"{app}?{urlencode({'order': str(order.pk)})}",
        cancel_url=f"{app}?{urlencode({'order': str(order.pk), 'checkout': 'cancelled'})}",
        key=f"{order.reference}:checkout:{number}:{customer.customer_id}",
    )
    same = Order.objects.filter(pk=order.pk, state=Order.State.OPEN)
    if same.filter(checkouts=order.checkouts).update(
        checkouts=F("checkouts") + 1, checkout_id=page.id, provider=provider.name
    ):
        return page
    if not same.filter(checkout_id=page.id).exists():  # paid or cancelled meanwhile
        provider.expire_checkout(page.id, key=f"{order.reference}:expire:{number}")
        close_pages(order.pk)
        raise OrderConflict("There is nothing left to pay for this order.")
    return page
