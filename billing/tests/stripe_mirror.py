"""A Stripe whose account the tests write, and notifications signed as the real ones are.

What Stripe would answer to the re-reading is the demo's world here: :class:`Mirror` shows it as the provider "stripe".
The adapter itself is tested against a server in ``test_provider_stripe``.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any
from typing import ClassVar

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from billing import providers
from billing.errors import PaymentsUnavailable
from billing.models import BillingCustomer
from billing.providers import base
from billing.providers.stripe import adapter

OLD, NEW = "whsec_old_secret", "whsec_new_secret"


CUSTOMER = "cus_alice"


class Mirror(adapter.StripeProvider):
    """Stripe with an account that the test writes; its signatures are the real ones."""

    account = base.Account(subscriptions=[], invoices=[], charges=[])
    is_down = False
    reads = 0
    ended: ClassVar[list[str]] = []
    given_back: ClassVar[list[tuple[str, int]]] = []

    def read_account(self, customer_id: str, *, intent_ids: Any = ()) -> base.Account:
        Mirror.reads += 1
        if Mirror.is_down:
            raise PaymentsUnavailable
        assert not connection.in_atomic_block, "no transaction is open while the provider is asked"
        return Mirror.account

    def retrieve_subscription(self, subscription_id: str) -> base.Subscribed | None:
        return next((one for one in Mirror.account.subscriptions if one.id == subscription_id), None)

    def cancel(self, subscription: base.Subscribed, *, at_once: bool, key: str) -> base.Subscribed:
        assert at_once
        Mirror.ended.append(subscription.id)
        ended = replace(subscription, status="canceled")
        others = [one for one in Mirror.account.subscriptions if one.id != subscription.id]
        Mirror.account = replace(Mirror.account, subscriptions=[*others, ended])
        return ended

    def refund(self, intent_id: str, *, amount: int, key: str) -> None:
        Mirror.given_back.append((intent_id, amount))
        charge = base.Charged(intent_id, amount, amount, disputed=False)
        Mirror.account = replace(Mirror.account, charges=[*Mirror.account.charges, charge])


@pytest.fixture(autouse=True)
def stripe(alice: User, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> type[Mirror]:
    settings.STRIPE_SECRET_KEY = "sk_test_canary"
    settings.STRIPE_WEBHOOK_SECRETS = [NEW, OLD]
    settings.STRIPE_PRICES = {tier: f"price_{tier}" for tier in settings.TIERS[1:]}
    monkeypatch.setitem(providers.PROVIDERS, "stripe", f"{__name__}.Mirror")
    BillingCustomer.objects.create(user=alice, provider="stripe", customer_id=CUSTOMER)
    Mirror.account, Mirror.is_down, Mirror.reads = base.Account([], [], []), False, 0
    Mirror.ended.clear()
    Mirror.given_back.clear()
    return Mirror


NOW = timezone.now().replace(microsecond=0)


LATER = NOW + timedelta(days=30)


def subscribed(status: base.SubscriptionStatus = "active", tier: str = "premium_pro", **fields: Any) -> base.Subscribed:
    values: dict[str, Any] = {
        "id": "sub_1",
        "customer_id": CUSTOMER,
        "status": status,
        "price_id": f"price_{tier}",
        "created": NOW,
        "period_start": NOW,
        "period_end": LATER,
        "cancel_at_period_end": False,
    }
    return base.Subscribed(**values | fields)


def invoice(number: int = 1, status: str = "paid", tier: str = "premium_pro", **fields: Any) -> base.Invoice:
    values: dict[str, Any] = {
        "id": f"in_{number}",
        "customer_id": CUSTOMER,
        "subscription_id": "sub_1",
        "status": status,
        "amount": 2999,
        "currency": "USD",
        "created": NOW + timedelta(days=number),
        "paid_at": NOW if status == "paid" else None,
        "attempted": True,
        "url": "https://invoice.example",
        "intent_id": f"pi_{number}",
        "lines": [base.Line(f"il_{number}", f"price_{tier}", 2999, NOW, LATER, is_proration=False)],
    }
    return base.Invoice(**values | fields)


def account(*things: base.Subscribed | base.Invoice | base.Charged) -> None:
    Mirror.account = base.Account(
        subscriptions=[one for one in things if isinstance(one, base.Subscribed)],
        invoices=[one for one in things if isinstance(one, base.Invoice)],
        charges=[one for one in things if isinstance(one, base.Charged)],
    )


def body_of(kind: str = "invoice.paid", event_id: str = "evt_1", **about: Any) -> bytes:
    thing = {"id": "in_1", "object": "invoice", "customer": CUSTOMER} | about
    return json.dumps(
        {"id": event_id, "type": kind, "created": int(NOW.timestamp()), "data": {"object": thing}}
    ).encode()


def sign(body: bytes, secret: str = NEW, *, at: float | None = None) -> str:
    stamp = str(int(time.time() if at is None else at))
    mac = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256)
    return f"t={stamp},v1={mac.hexdigest()}"


def send(body: bytes, signature: str | None = None, **headers: str) -> Any:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    headers = {"Stripe-Signature": sign(body) if signature is None else signature} | headers
    return client.post("/webhook/stripe", body, content_type="application/json", headers=headers)
