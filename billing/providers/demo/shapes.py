"""Rows of the demo's table in the shapes of :mod:`billing.providers.base`."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from billing.models import DemoObject
from billing.providers.base import Checkout
from billing.providers.base import Intent
from billing.providers.base import Invoice
from billing.providers.base import Line
from billing.providers.base import Subscribed
from billing.providers.demo import tickets


def checkout(row: DemoObject) -> Checkout:
    url = reverse("billing-demo-checkout", args=[tickets.sign(row.pk)])
    return Checkout(
        id=row.pk,
        url=url,
        state=row.data["state"],
        customer_id=row.customer_id,
        intent_id=row.data.get("intent", ""),
        amount=row.data.get("amount", 0),
        currency=row.data.get("currency", ""),
    )


def subscribed(row: DemoObject) -> Subscribed:
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


def invoice(row: DemoObject) -> Invoice:
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


def intent(row: DemoObject) -> Intent:
    return Intent(
        id=row.pk,
        customer_id=row.customer_id,
        status=row.data["status"],
        amount=row.data["amount"],
        currency=row.data["currency"],
        client_secret=f"{row.pk}_secret_demo",
    )
