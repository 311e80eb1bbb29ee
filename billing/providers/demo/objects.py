"""The demo's world: one table of objects, each under the lock of its customer, and the events that tell of changes."""

from __future__ import annotations

import hashlib
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from billing.errors import PaymentRefused
from billing.models import DemoObject
from billing.providers import tier_of
from billing.providers.base import Event
from billing.providers.base import Subscribed
from billing.providers.demo import shapes
from core.ids import uuid7

PERIOD = timedelta(days=30)
"""The demo's month."""

demo_notified = Signal()
"""The demo's webhook. Argument: ``event``. Sent inside the transaction of the change, so both are stored or neither."""


def new_id(prefix: str) -> str:
    """An id of its own."""
    return f"{prefix}_demo_{uuid7().hex}"


def id_for(prefix: str, key: str) -> str:
    """One id for one key: that is all an idempotency key must do here."""
    return f"{prefix}_demo_{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def make(object_id: str, kind: str, customer_id: str, data: dict[str, Any]) -> DemoObject:
    """Store an object, or find the one that has its id."""
    row = DemoObject(pk=object_id, kind=kind, customer_id=customer_id, data=data, created_at=timezone.now())
    DemoObject.objects.bulk_create([row], ignore_conflicts=True)
    return DemoObject.objects.get(pk=object_id)


def lock(object_id: str) -> DemoObject:
    """The object, under its customer's lock: nothing of one customer happens at once."""
    customer_id = DemoObject.objects.values_list("customer_id", flat=True).get(pk=object_id)
    DemoObject.objects.select_for_update().get(pk=customer_id)
    return DemoObject.objects.get(pk=object_id)


@transaction.atomic
def change(subscription_id: str, **data: Any) -> Subscribed:
    """Write into a subscription, and tell when that made a difference."""
    row = lock(subscription_id)
    if row.data != row.data | data:
        row.data |= data
        row.save()
        notify("customer.subscription.updated", row)
    return shapes.subscribed(row)


def end(row: DemoObject) -> DemoObject:
    """End a subscription, and void what was left to pay for it."""
    row.data |= {"status": "canceled", "pending_price": "", "cancel_at_period_end": False}
    row.save()
    for invoice in DemoObject.objects.filter(kind="invoice", customer_id=row.customer_id, data__status="open"):
        invoice.data["status"] = "void"
        invoice.save()
    notify("customer.subscription.deleted", row)
    return row


def declines(customer_id: str) -> bool:
    """Whether the customer's payments are refused."""
    return bool(DemoObject.objects.get(pk=customer_id).data["declines"])


def refuse_declined(customer_id: str) -> None:
    """Raises PaymentRefused when the customer's payments are refused."""
    if declines(customer_id):
        raise PaymentRefused("The demo's card is set to be declined.")


def price_of(price_id: str) -> int:
    """A month, in hundredths of the currency; nothing for a price that belongs to no plan."""
    tier = tier_of("demo", price_id)
    cents: int = settings.PLANS[tier]["price_cents"] if tier else 0
    return cents


def share_left(row: DemoObject) -> Decimal:
    """Which part of the period is still to come."""
    ends = datetime.fromisoformat(row.data["end"])
    left = Decimal((ends - timezone.now()).total_seconds()) / Decimal(PERIOD.total_seconds())
    return min(Decimal(1), max(Decimal(0), left))


def invoice_for(subscription: DemoObject, *, amount: int, is_paid: bool, is_proration: bool = False) -> None:
    """Make an invoice of one line, and pay it or say that it could not be paid."""
    data = {
        "subscription": subscription.pk,
        "status": "open",
        "amount": amount,
        "paid_at": None,
        "intent": "",
        "lines": [
            {
                "id": new_id("il"),
                "price": subscription.data["price"],
                "amount": amount,
                "start": subscription.data["start"],
                "end": subscription.data["end"],
                "is_proration": is_proration,
            }
        ],
    }
    invoice = make(new_id("in"), "invoice", subscription.customer_id, data)
    if is_paid:
        pay(invoice)
    else:
        notify("invoice.payment_failed", invoice)


def close_page(session_id: str, state: str) -> DemoObject:
    """A page on which nothing was paid is over; the caller has a transaction."""
    row = lock(session_id)
    if row.data["state"] == "pending":
        row.data["state"] = state
        row.save()
        notify("checkout.session.expired" if state == "expired" else "checkout.session.async_payment_failed", row)
    return row


def pay(invoice: DemoObject) -> None:
    """The money for an invoice goes through."""
    intent = take(invoice.customer_id, amount=invoice.data["amount"], currency=settings.PLAN_CURRENCY)
    invoice.data |= {"status": "paid", "paid_at": timezone.now().isoformat(), "intent": intent.pk}
    invoice.save()
    notify("invoice.payment_succeeded", invoice)


def take(customer_id: str, *, amount: int, currency: str) -> DemoObject:
    """Money of the customer that went through."""
    data = {"amount": amount, "currency": currency, "status": "succeeded", "refunded": 0, "disputed": False}
    return make(new_id("pi"), "intent", customer_id, data)


def notify(kind: str, row: DemoObject) -> None:
    """Send a webhook: stored with the change it tells of, worked after the commit."""
    payload = {"object": row.kind, "id": row.pk, "payment_intent": row.pk if row.kind == "intent" else ""}
    event = Event(new_id("evt"), kind, timezone.now(), row.customer_id, payload)
    demo_notified.send(None, event=event)
