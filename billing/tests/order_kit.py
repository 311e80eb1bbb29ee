"""Orders as the apps of above make them, and pay pages as people use them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.test import Client

from accounts.models import User
from billing import orders
from billing.models import DemoObject
from billing.models import Order
from billing.models import Payment
from billing.models import Quote
from billing.payments import customers
from billing.providers.demo import objects
from billing.tests.demo_pages import press
from conftest import JsonClient
from core.ids import uuid7

FEATURE = "documents"


def quoted(user: User, *, pages: int = 10, price: str = "0.50", reference: str = "", **terms: Any) -> Quote:
    """So many pages at a price in euros, delivered page by page."""
    line = orders.Line(unit="pages", count=pages, billed=pages, price=Decimal(price))
    values: dict[str, Any] = {"title": "A long paper", "units": pages, "currency": "EUR"} | terms
    return orders.quote(user, feature=FEATURE, reference=reference or str(uuid7()), lines=[line], **values)


def ordered(user: User, **terms: Any) -> Order:
    """An open order: 5.00 EUR for ten pages unless told otherwise."""
    quote = quoted(user, **terms)
    return orders.open_order(user, feature=FEATURE, reference=quote.reference, digest=quote.digest)


def paid_order(user: User, **terms: Any) -> Order:
    """One whose money is here, as a notification would have told."""
    order = ordered(user, **terms)
    customer = customers.of(user)
    intent = objects.take(customer.customer_id, amount=order.amount, currency=order.currency)
    payment = Payment.objects.create(
        user=user,
        provider="demo",
        provider_id=intent.pk,
        intent_id=intent.pk,
        customer_id=customer.customer_id,
        amount=order.amount,
        currency=order.currency,
        status=Payment.Status.SUCCEEDED,
        purpose=Payment.Purpose.ORDER,
        order=order,
    )
    Order.objects.filter(pk=order.pk).update(state=Order.State.PAID, payment=payment)
    return again(order)


def pay(client: JsonClient, order: Order) -> Any:
    """The answer to the wish to pay."""
    return client.post(f"/api/orders/{order.pk}/pay")


def pay_on_page(client: JsonClient, browser: Client, order: Order, action: str = "pay") -> Any:
    """From the wish to pay to the way back."""
    answer = pay(client, order)
    assert answer.status_code == 201, answer.json()
    return press(browser, answer.json()["url"], action)


def again(order: Order) -> Order:
    """As it stands now."""
    found: Order = Order.objects.select_related("payment", "quote").get(pk=order.pk)
    return found


def returned(order: Order) -> list[int]:
    """What the provider gave back of the payment of an order, refund by refund; the sum is what it says itself."""
    payment = again(order).payment
    assert payment
    made = [row.data["amount"] for row in DemoObject.objects.filter(kind="refund", customer_id=payment.customer_id)]
    assert DemoObject.objects.get(pk=payment.intent_id).data["refunded"] <= sum(made)
    return made
