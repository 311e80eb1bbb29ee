"""The adapter: the provider's Protocol, answered from the demo's own table."""

# ruff: noqa: ARG002 - the signatures are the Protocol's

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP
from decimal import Decimal
from typing import ClassVar
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from billing.errors import InvalidSignature
from billing.errors import PaymentRefused
from billing.models import DemoObject
from billing.providers import tier_of
from billing.providers.base import Account
from billing.providers.base import Charged
from billing.providers.base import Checkout
from billing.providers.base import Due
from billing.providers.base import Event
from billing.providers.base import Intent
from billing.providers.base import Invoice
from billing.providers.base import Name
from billing.providers.base import Priced
from billing.providers.base import Subscribed
from billing.providers.demo import objects
from billing.providers.demo import shapes
from billing.providers.demo import tickets


class DemoProvider:
    """The adapter; see :class:`billing.providers.base.Provider`."""

    name: ClassVar[Name] = "demo"
    mode: Literal["test", "live", "demo"] = "demo"

    def create_customer(self, user_id: UUID, *, email: str, key: str) -> str:
        customer_id = objects.id_for("cus", key)
        objects.make(customer_id, "customer", customer_id, {"user_id": str(user_id), "declines": False})
        return customer_id

    def create_checkout(
        self, customer_id: str, *, user_id: UUID, plan: str, price_id: str, success_url: str, cancel_url: str, key: str
    ) -> Checkout:
        data = {"price": price_id, "state": "pending", "success_url": success_url, "cancel_url": cancel_url}
        return shapes.checkout(objects.make(objects.id_for("cs", key), "checkout", customer_id, data))

    def create_order_checkout(
        self,
        customer_id: str,
        *,
        title: str,
        amount: int,
        currency: str,
        reference: str,
        success_url: str,
        cancel_url: str,
        key: str,
    ) -> Checkout:
        data = {"title": title, "amount": amount, "currency": currency, "state": "pending", "intent": ""}
        data |= {"success_url": success_url, "cancel_url": cancel_url}
        return shapes.checkout(objects.make(objects.id_for("cs", key), "checkout", customer_id, data))

    @transaction.atomic
    def expire_checkout(self, session_id: str, *, key: str) -> Checkout | None:
        return shapes.checkout(objects.close_page(session_id, "expired"))

    def retrieve_checkout(self, session_id: str) -> Checkout | None:
        row = DemoObject.objects.filter(pk=session_id, kind="checkout").first()
        return shapes.checkout(row) if row else None

    def create_portal(self, customer_id: str, *, return_url: str, key: str) -> str:
        return reverse("billing-demo-portal", args=[tickets.sign(customer_id)])

    def subscriptions_of(self, customer_id: str) -> Sequence[Subscribed]:
        rows = DemoObject.objects.filter(customer_id=customer_id, kind="subscription")
        return [shapes.subscribed(row) for row in rows.order_by("created_at", "pk")]

    def retrieve_subscription(self, subscription_id: str) -> Subscribed | None:
        row = DemoObject.objects.filter(pk=subscription_id, kind="subscription").first()
        return shapes.subscribed(row) if row else None

    @transaction.atomic
    def upgrade(self, subscription: Subscribed, *, price_id: str, key: str) -> Subscribed:
        row = objects.lock(subscription.id)
        if row.data["price"] != price_id:
            objects.refuse_declined(row.customer_id)
            amount = _difference(row, price_id)
            row.data |= {"price": price_id, "pending_price": "", "cancel_at_period_end": False}
            row.save()
            objects.invoice_for(row, amount=amount, is_paid=True, is_proration=True)
            objects.notify("customer.subscription.updated", row)
        return shapes.subscribed(row)

    def upgrade_costs(self, subscription: Subscribed, *, price_id: str) -> Due:
        row = DemoObject.objects.get(pk=subscription.id, kind="subscription")
        return Due(_difference(row, price_id), settings.PLAN_CURRENCY.upper())

    def downgrade(self, subscription: Subscribed, *, price_id: str, key: str) -> Subscribed:
        return objects.change(subscription.id, pending_price=price_id, cancel_at_period_end=False)

    def keep(self, subscription: Subscribed, *, key: str) -> Subscribed:
        return objects.change(subscription.id, pending_price="", cancel_at_period_end=False)

    def cancel(self, subscription: Subscribed, *, at_once: bool, key: str) -> Subscribed:
        if at_once:
            with transaction.atomic():
                return shapes.subscribed(objects.end(objects.lock(subscription.id)))
        return objects.change(subscription.id, pending_price="", cancel_at_period_end=True)

    def read_account(self, customer_id: str, *, intent_ids: Sequence[str] = ()) -> Account:
        rows = list(DemoObject.objects.filter(customer_id=customer_id).order_by("created_at", "pk"))
        intents = [row for row in rows if row.kind == "intent"]
        return Account(
            subscriptions=[shapes.subscribed(row) for row in rows if row.kind == "subscription"],
            invoices=[shapes.invoice(row) for row in rows if row.kind == "invoice"],
            charges=[
                Charged(row.pk, row.data["amount"], row.data["refunded"], row.data["disputed"])
                for row in intents
                if row.data["status"] == "succeeded"
            ],
            intents=[shapes.intent(row) for row in intents if row.pk in intent_ids],
        )

    def retrieve_invoice(self, invoice_id: str) -> Invoice | None:
        row = DemoObject.objects.filter(pk=invoice_id, kind="invoice").first()
        return shapes.invoice(row) if row else None

    def create_intent(self, customer_id: str, *, amount: int, currency: str, reference: str, key: str) -> Intent:
        data = {"amount": amount, "currency": currency, "status": "pending", "refunded": 0, "disputed": False}
        return shapes.intent(objects.make(objects.id_for("pi", key), "intent", customer_id, data))

    def retrieve_intent(self, intent_id: str) -> Intent | None:
        row = DemoObject.objects.filter(pk=intent_id, kind="intent").first()
        return shapes.intent(row) if row else None

    @transaction.atomic
    def cancel_intent(self, intent_id: str, *, key: str) -> None:
        row = objects.lock(intent_id)
        if row.data["status"] in {"pending", "failed"}:
            row.data["status"] = "canceled"
            row.save()
            objects.notify("payment_intent.canceled", row)

    @transaction.atomic
    def refund(self, intent_id: str, *, amount: int, key: str) -> None:
        row = objects.lock(intent_id)
        refund_id = objects.id_for("re", key)
        if DemoObject.objects.filter(pk=refund_id).exists():
            return
        if row.data["refunded"] + amount > row.data["amount"]:
            raise PaymentRefused("More than was paid cannot be given back.")
        objects.make(refund_id, "refund", row.customer_id, {"amount": amount})
        row.data["refunded"] += amount
        row.save()
        objects.notify("charge.refunded", row)

    def retrieve_price(self, price_id: str) -> Priced | None:
        tier = tier_of("demo", price_id)
        if tier is None:
            return None
        return Priced(settings.PLANS[tier]["price_cents"], settings.PLAN_CURRENCY, is_active=True, is_monthly=True)

    def parse_event(self, body: bytes, signature: str) -> Event:
        """The demo has no door to the outside: its events are made in this house."""
        raise InvalidSignature


def _difference(row: DemoObject, price_id: str) -> int:
    """Of two prices for what is left of the period, rounded to cents; never a negative one."""
    difference = Decimal(objects.price_of(price_id) - objects.price_of(row.data["price"])) * objects.share_left(row)
    return max(0, int(difference.to_integral_value(ROUND_HALF_UP)))
