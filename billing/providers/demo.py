"""The provider that takes no money, so that the whole flow can be tried without an account anywhere.

It behaves as Stripe does: what is bought here lives in a world of its own (:class:`billing.models.DemoObject`), changes
there are told by events, and the events take the way of every webhook. The pages of :mod:`billing.demo` are its
Checkout and its Portal.
"""

# ruff: noqa: ARG002 - the signatures are the Protocol's

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta
from decimal import ROUND_HALF_UP
from decimal import Decimal
from typing import Any
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from billing.errors import InvalidSignature
from billing.errors import PaymentRefused
from billing.models import DemoObject
from billing.providers import tier_of
from billing.providers.base import Account
from billing.providers.base import Charged
from billing.providers.base import Checkout
from billing.providers.base import Event
from billing.providers.base import Intent
from billing.providers.base import Invoice
from billing.providers.base import Line
from billing.providers.base import Name
from billing.providers.base import Priced
from billing.providers.base import Subscribed
from core.ids import uuid7

PERIOD = timedelta(days=30)
TICKET_SECONDS = 3600
_SALT = "billing.demo"


class DemoProvider:
    """The adapter; see :class:`billing.providers.base.Provider`."""

    name: ClassVar[Name] = "demo"

    def create_customer(self, user_id: UUID, *, email: str, key: str) -> str:
        customer_id = _named("cus", key)
        _make(customer_id, "customer", customer_id, {"user_id": str(user_id), "declines": False})
        return customer_id

    def create_checkout(
        self, customer_id: str, *, user_id: UUID, price_id: str, success_url: str, cancel_url: str, key: str
    ) -> Checkout:
        data = {"price": price_id, "state": "pending", "success_url": success_url, "cancel_url": cancel_url}
        return _checkout(_make(_named("cs", key), "checkout", customer_id, data))

    def retrieve_checkout(self, session_id: str) -> Checkout | None:
        row = DemoObject.objects.filter(pk=session_id, kind="checkout").first()
        return _checkout(row) if row else None

    def create_portal(self, customer_id: str, *, return_url: str, key: str) -> str:
        return reverse("billing-demo-portal", args=[ticket(customer_id)])

    def retrieve_subscription(self, subscription_id: str) -> Subscribed | None:
        row = DemoObject.objects.filter(pk=subscription_id, kind="subscription").first()
        return _subscribed(row) if row else None

    @transaction.atomic
    def upgrade(self, subscription: Subscribed, *, price_id: str, key: str) -> Subscribed:
        row = _lock(subscription.id)
        if row.data["price"] != price_id:
            _refuse_declined(row.customer_id)
            share = _share_left(row)
            difference = Decimal(_price(price_id) - _price(row.data["price"])) * share
            row.data |= {"price": price_id, "pending_price": "", "cancel_at_period_end": False}
            row.save()
            amount = int(difference.to_integral_value(ROUND_HALF_UP))
            _invoice_for(row, amount=max(0, amount), is_paid=True, is_proration=True)
            _tell("customer.subscription.updated", row)
        return _subscribed(row)

    def downgrade(self, subscription: Subscribed, *, price_id: str, key: str) -> Subscribed:
        return change(subscription.id, pending_price=price_id, cancel_at_period_end=False)

    def keep(self, subscription: Subscribed, *, key: str) -> Subscribed:
        return change(subscription.id, pending_price="", cancel_at_period_end=False)

    def cancel(self, subscription: Subscribed, *, at_once: bool, key: str) -> Subscribed:
        if at_once:
            with transaction.atomic():
                return _subscribed(_end(_lock(subscription.id)))
        return change(subscription.id, pending_price="", cancel_at_period_end=True)

    def read_account(self, customer_id: str, *, intent_ids: Sequence[str] = ()) -> Account:
        rows = list(DemoObject.objects.filter(customer_id=customer_id).order_by("created_at", "pk"))
        intents = [row for row in rows if row.kind == "intent"]
        return Account(
            subscriptions=[_subscribed(row) for row in rows if row.kind == "subscription"],
            invoices=[_invoice(row) for row in rows if row.kind == "invoice"],
            charges=[
                Charged(row.pk, row.data["amount"], row.data["refunded"], row.data["disputed"])
                for row in intents
                if row.data["status"] == "succeeded"
            ],
            intents=[_intent(row) for row in intents if row.pk in intent_ids],
        )

    def retrieve_invoice(self, invoice_id: str) -> Invoice | None:
        row = DemoObject.objects.filter(pk=invoice_id, kind="invoice").first()
        return _invoice(row) if row else None

    def create_intent(self, customer_id: str, *, amount: int, currency: str, reference: str, key: str) -> Intent:
        data = {"amount": amount, "currency": currency, "status": "pending", "refunded": 0, "disputed": False}
        return _intent(_make(_named("pi", key), "intent", customer_id, data))

    def retrieve_intent(self, intent_id: str) -> Intent | None:
        row = DemoObject.objects.filter(pk=intent_id, kind="intent").first()
        return _intent(row) if row else None

    @transaction.atomic
    def refund(self, intent_id: str, *, amount: int, key: str) -> None:
        row = _lock(intent_id)
        refund_id = _named("re", key)
        if DemoObject.objects.filter(pk=refund_id).exists():
            return
        if row.data["refunded"] + amount > row.data["amount"]:
            raise PaymentRefused("More than was paid cannot be given back.")
        _make(refund_id, "refund", row.customer_id, {"amount": amount})
        row.data["refunded"] += amount
        row.save()
        _tell("charge.refunded", row)

    def retrieve_price(self, price_id: str) -> Priced | None:
        tier = tier_of("demo", price_id)
        if tier is None:
            return None
        return Priced(settings.PLANS[tier]["price_cents"], settings.PLAN_CURRENCY, is_active=True, is_monthly=True)

    def parse_event(self, body: bytes, signature: str) -> Event:
        """The demo has no door to the outside: its events are made in this house."""
        raise InvalidSignature


# What happens on the demo's own pages ------------------------------------------------------------------------------


def ticket(object_id: str) -> str:
    """What opens a page of the demo for an hour: whoever was given the address, as with the real pages."""
    return signing.dumps(object_id, salt=_SALT)


def open_ticket(text: str) -> str | None:
    """The id of what it opens, or None."""
    try:
        return str(signing.loads(text, salt=_SALT, max_age=TICKET_SECONDS))
    except signing.BadSignature:
        return None


@transaction.atomic
def pay_checkout(session_id: str) -> DemoObject:
    """The first payment goes through; a second press changes nothing."""
    row = _lock(session_id)
    if row.data["state"] == "pending":
        row.data["state"] = "paid"
        row.save()
        now = timezone.now()
        data = {
            "status": "active",
            "price": row.data["price"],
            "pending_price": "",
            "cancel_at_period_end": False,
            "start": now.isoformat(),
            "end": (now + PERIOD).isoformat(),
        }
        subscription = _make(_new("sub"), "subscription", row.customer_id, data)
        _invoice_for(subscription, amount=_price(row.data["price"]), is_paid=True)
        _tell("customer.subscription.created", subscription)
        _tell("checkout.session.completed", row)
    return row


@transaction.atomic
def fail_checkout(session_id: str) -> DemoObject:
    """The first payment is refused, and the page is closed."""
    row = _lock(session_id)
    if row.data["state"] == "pending":
        row.data["state"] = "failed"
        row.save()
        _tell("checkout.session.async_payment_failed", row)
    return row


@transaction.atomic
def end_period(subscription_id: str) -> None:
    """As if the month were over: the plan ends, or changes, and is paid anew, unless the card is declined."""
    row = _lock(subscription_id)
    if row.data["status"] not in {"active", "past_due"}:
        return
    if row.data["cancel_at_period_end"]:
        _end(row)
        return
    now = timezone.now()
    is_paid = not _declines(row.customer_id)
    row.data |= {
        "price": row.data["pending_price"] or row.data["price"],
        "pending_price": "",
        "start": now.isoformat(),
        "end": (now + PERIOD).isoformat(),
        "status": "active" if is_paid and row.data["status"] == "active" else "past_due",
    }
    row.save()
    _invoice_for(row, amount=_price(row.data["price"]), is_paid=is_paid)
    _tell("customer.subscription.updated", row)


@transaction.atomic
def pay_invoice(invoice_id: str) -> None:
    """An open invoice is paid. Raises PaymentRefused when the card is declined."""
    row = _lock(invoice_id)
    if row.data["status"] != "open":
        return
    _refuse_declined(row.customer_id)
    _pay(row)
    subscription = _lock(row.data["subscription"])
    others = DemoObject.objects.filter(kind="invoice", customer_id=row.customer_id, data__status="open")
    if subscription.data["status"] in {"past_due", "unpaid"} and not others.exists():
        subscription.data["status"] = "active"
        subscription.save()
    _tell("customer.subscription.updated", subscription)


@transaction.atomic
def give_up(subscription_id: str) -> None:
    """The provider stops trying to charge, and ends the subscription."""
    row = _lock(subscription_id)
    if row.data["status"] == "past_due":
        _end(row)


@transaction.atomic
def finish_intent(intent_id: str, *, is_paid: bool) -> None:
    """A single payment goes through, or fails; a failed one can be tried again."""
    row = _lock(intent_id)
    if row.data["status"] != "succeeded":
        row.data["status"] = "succeeded" if is_paid else "failed"
        row.save()
        _tell("payment_intent.succeeded" if is_paid else "payment_intent.payment_failed", row)


@transaction.atomic
def dispute(intent_id: str, *, is_lost: bool = True) -> None:
    """A bank takes a payment back, or gives it up."""
    row = _lock(intent_id)
    row.data["disputed"] = is_lost
    row.save()
    _tell("charge.dispute.created" if is_lost else "charge.dispute.closed", row)


@transaction.atomic
def set_card(customer_id: str, *, declines: bool) -> None:
    """Whether the next payments are refused."""
    row = _lock(customer_id)
    row.data["declines"] = declines
    row.save()


# The demo's world --------------------------------------------------------------------------------------------------


def _new(prefix: str) -> str:
    return f"{prefix}_demo_{uuid7().hex}"


def _named(prefix: str, key: str) -> str:
    """One id for one key: that is all an idempotency key must do here."""
    return f"{prefix}_demo_{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def _make(object_id: str, kind: str, customer_id: str, data: dict[str, Any]) -> DemoObject:
    row = DemoObject(pk=object_id, kind=kind, customer_id=customer_id, data=data, created_at=timezone.now())
    DemoObject.objects.bulk_create([row], ignore_conflicts=True)
    return DemoObject.objects.get(pk=object_id)


def _lock(object_id: str) -> DemoObject:
    """The object, under its customer's lock: nothing of one customer happens at once."""
    customer_id = DemoObject.objects.values_list("customer_id", flat=True).get(pk=object_id)
    DemoObject.objects.select_for_update().get(pk=customer_id)
    return DemoObject.objects.get(pk=object_id)


@transaction.atomic
def change(subscription_id: str, **data: Any) -> Subscribed:
    """Write into a subscription, and tell when that made a difference."""
    row = _lock(subscription_id)
    if row.data != row.data | data:
        row.data |= data
        row.save()
        _tell("customer.subscription.updated", row)
    return _subscribed(row)


def _end(row: DemoObject) -> DemoObject:
    row.data |= {"status": "canceled", "pending_price": "", "cancel_at_period_end": False}
    row.save()
    for invoice in DemoObject.objects.filter(kind="invoice", customer_id=row.customer_id, data__status="open"):
        invoice.data["status"] = "void"
        invoice.save()
    _tell("customer.subscription.deleted", row)
    return row


def _declines(customer_id: str) -> bool:
    return bool(DemoObject.objects.get(pk=customer_id).data["declines"])


def _refuse_declined(customer_id: str) -> None:
    if _declines(customer_id):
        raise PaymentRefused("The demo's card is set to be declined.")


def _price(price_id: str) -> int:
    tier = tier_of("demo", price_id)
    cents: int = settings.PLANS[tier]["price_cents"] if tier else 0
    return cents


def _share_left(row: DemoObject) -> Decimal:
    """Which part of the period is still to come."""
    end = datetime.fromisoformat(row.data["end"])
    left = Decimal((end - timezone.now()).total_seconds()) / Decimal(PERIOD.total_seconds())
    return min(Decimal(1), max(Decimal(0), left))


def _invoice_for(subscription: DemoObject, *, amount: int, is_paid: bool, is_proration: bool = False) -> None:
    data = {
        "subscription": subscription.pk,
        "status": "open",
        "amount": amount,
        "paid_at": None,
        "intent": "",
        "lines": [
            {
                "id": _new("il"),
                "price": subscription.data["price"],
                "amount": amount,
                "start": subscription.data["start"],
                "end": subscription.data["end"],
                "is_proration": is_proration,
            }
        ],
    }
    invoice = _make(_new("in"), "invoice", subscription.customer_id, data)
    if is_paid:
        _pay(invoice)
    else:
        _tell("invoice.payment_failed", invoice)


def _pay(invoice: DemoObject) -> None:
    data = {"amount": invoice.data["amount"], "currency": settings.PLAN_CURRENCY, "status": "succeeded"}
    data |= {"refunded": 0, "disputed": False}
    intent = _make(_new("pi"), "intent", invoice.customer_id, data)
    invoice.data |= {"status": "paid", "paid_at": timezone.now().isoformat(), "intent": intent.pk}
    invoice.save()
    _tell("invoice.payment_succeeded", invoice)


def _tell(kind: str, row: DemoObject) -> None:
    """Send a webhook: stored with the change it tells of, worked after the commit."""
    from billing.payments import webhooks

    payload = {"object": row.kind, "id": row.pk, "payment_intent": row.pk if row.kind == "intent" else ""}
    webhooks.receive("demo", Event(_new("evt"), kind, timezone.now(), row.customer_id, payload))


def _checkout(row: DemoObject) -> Checkout:
    url = reverse("billing-demo-checkout", args=[ticket(row.pk)])
    return Checkout(id=row.pk, url=url, state=row.data["state"], customer_id=row.customer_id)


def _subscribed(row: DemoObject) -> Subscribed:
    return Subscribed(
        id=row.pk,
        customer_id=row.customer_id,
        status=row.data["status"],
        price_id=row.data["price"],
        created=row.created_at,
        period_start=datetime.fromisoformat(row.data["start"]),
        period_end=datetime.fromisoformat(row.data["end"]),
        cancel_at_period_end=row.data["cancel_at_period_end"],
        pending_price_id=row.data["pending_price"],
    )


def _invoice(row: DemoObject) -> Invoice:
    paid_at = row.data["paid_at"]
    return Invoice(
        id=row.pk,
        customer_id=row.customer_id,
        subscription_id=row.data["subscription"],
        status=row.data["status"],
        amount=row.data["amount"],
        currency=settings.PLAN_CURRENCY,
        created=row.created_at,
        paid_at=datetime.fromisoformat(paid_at) if paid_at else None,
        attempted=True,
        url="",
        intent_id=row.data["intent"],
        lines=[
            Line(
                id=line["id"],
                price_id=line["price"],
                amount=line["amount"],
                period_start=datetime.fromisoformat(line["start"]),
                period_end=datetime.fromisoformat(line["end"]),
                is_proration=line["is_proration"],
            )
            for line in row.data["lines"]
        ],
    )


def _intent(row: DemoObject) -> Intent:
    return Intent(
        id=row.pk,
        customer_id=row.customer_id,
        status=row.data["status"],
        amount=row.data["amount"],
        currency=row.data["currency"],
        client_secret=f"{row.pk}_secret_demo",
    )
