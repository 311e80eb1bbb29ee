"""``POST /webhook/stripe``: proven or refused, stored once, worked once, in any order.

What Stripe would answer to the re-reading is the demo's world here: :class:`Mirror` shows it as the provider "stripe".
The adapter itself is tested against a server in ``test_provider_stripe``.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from billing import metering
from billing import providers
from billing.errors import PaymentsUnavailable
from billing.models import BillingCustomer
from billing.models import Grant
from billing.models import Payment
from billing.models import Subscription
from billing.models import WebhookEvent
from billing.payments import repair
from billing.payments import webhooks
from billing.providers import base
from billing.providers import stripe as adapter
from billing.tests.factories import quota
from billing.tests.factories import spent
from core.models import StreamEvent

pytestmark = pytest.mark.django_db(transaction=True)

OLD, NEW = "whsec_old_secret", "whsec_new_secret"
CUSTOMER = "cus_alice"


class Mirror(adapter.StripeProvider):
    """Stripe with an account that the test writes; its signatures are the real ones."""

    account = base.Account(subscriptions=[], invoices=[], charges=[])
    is_down = False
    reads = 0

    def read_account(self, customer_id: str, *, intent_ids: Any = ()) -> base.Account:
        Mirror.reads += 1
        if Mirror.is_down:
            raise PaymentsUnavailable
        assert not connection.in_atomic_block, "no transaction is open while the provider is asked"
        return Mirror.account


@pytest.fixture(autouse=True)
def stripe(alice: User, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> type[Mirror]:
    settings.STRIPE_SECRET_KEY = "sk_test_canary"
    settings.STRIPE_WEBHOOK_SECRETS = [NEW, OLD]
    settings.STRIPE_PRICES = {tier: f"price_{tier}" for tier in settings.TIERS[1:]}
    monkeypatch.setitem(providers.PROVIDERS, "stripe", f"{__name__}.Mirror")
    BillingCustomer.objects.create(user=alice, provider="stripe", customer_id=CUSTOMER)
    Mirror.account, Mirror.is_down, Mirror.reads = base.Account([], [], []), False, 0
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


class TestSignature:
    def test_a_good_one_is_taken(self) -> None:
        answer = send(body_of())
        assert (answer.status_code, answer.json()) == (200, {"received": True})
        row = WebhookEvent.objects.get()
        assert (row.event_id, row.type, row.customer_id, row.state) == ("evt_1", "invoice.paid", CUSTOMER, "done")
        assert row.payload == {"object": "invoice", "id": "in_1", "payment_intent": ""}

    @pytest.mark.parametrize("secret", [OLD, NEW])
    def test_both_secrets_are_good_while_they_are_changed(self, secret: str) -> None:
        body = body_of()
        assert send(body, sign(body, secret)).status_code == 200

    def test_one_good_signature_of_several_is_enough(self) -> None:
        body = body_of()
        assert send(body, sign(body) + ",v1=" + "0" * 64).status_code == 200

    @pytest.mark.parametrize("offset", [-299, 299])
    def test_five_minutes_of_clock_are_allowed_both_ways(self, offset: int) -> None:
        body = body_of()
        assert send(body, sign(body, at=time.time() + offset)).status_code == 200

    @pytest.mark.parametrize("offset", [-302, 302, -86_400, 86_400, 10**9])
    def test_the_past_and_the_future_are_not(self, offset: int) -> None:
        body = body_of()
        self.refused(send(body, sign(body, at=time.time() + offset)))

    def test_a_changed_body_is_not(self) -> None:
        body = body_of()
        self.refused(send(body.replace(b"in_1", b"in_2"), sign(body)))
        self.refused(send(body + b" ", sign(body)))

    def test_a_wrong_secret_is_not(self) -> None:
        body = body_of()
        self.refused(send(body, sign(body, "whsec_other")))
        self.refused(send(body, sign(body, "")))

    @pytest.mark.parametrize(
        "header",
        ["", "t=1", "v1=00", "t=,v1=", "nonsense", "t=x,v1=y", "t=١٧٠٠٠٠٠٠٠٠,v1=00", "t=1,t=2,v1=00", "t=" + "9" * 400],
    )
    def test_nonsense_is_not(self, header: str) -> None:
        self.refused(send(body_of(), header))

    def test_a_signature_of_another_scheme_is_not(self) -> None:
        body = body_of()
        self.refused(send(body, sign(body).replace("v1=", "v0=")))

    def test_no_header_chooses_a_secret(self) -> None:
        body = body_of()
        self.refused(
            send(body, sign(body, "whsec_mine"), **{"Stripe-Webhook-Secret": "whsec_mine", "X-Secret": "whsec_mine"})
        )

    def test_signed_nonsense_is_refused(self) -> None:
        for body in (b"{}", b"[]", b"nonsense", b"\xff", json.dumps({"id": "evt_1", "type": "x"}).encode()):
            self.refused(send(body))

    def test_without_secrets_there_is_no_door(self, settings: Settings) -> None:
        settings.STRIPE_WEBHOOK_SECRETS = []
        body = body_of()
        assert send(body, sign(body, "")).status_code == 404
        assert not WebhookEvent.objects.exists()

    def test_it_is_a_post(self) -> None:
        assert Client().get("/webhook/stripe").status_code == 405

    def refused(self, answer: Any) -> None:
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_signature")
        assert not WebhookEvent.objects.exists()


class TestOnce:
    def test_ten_at_once_are_ten_answers_and_one_effect(self, alice: User) -> None:
        account(subscribed(), invoice())
        spent(alice, 900)
        body, answers = body_of(), []
        gate = threading.Barrier(10)

        def deliver() -> None:
            gate.wait()
            answers.append(send(body, sign(body)).status_code)
            connection.close()

        threads = [threading.Thread(target=deliver) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [200] * 10
        assert WebhookEvent.objects.get().state == "done"
        assert Grant.objects.count() == Payment.objects.count() == Subscription.objects.count() == 1
        assert (quota(alice).window, quota(alice).tokens_used) == (2, 0), "one window was opened"
        assert Mirror.reads == 1
        assert StreamEvent.objects.count() == 2, "one payment, one plan"

    def test_different_events_of_one_invoice_at_once_grant_once(self, alice: User) -> None:
        account(subscribed(), invoice())
        spent(alice, 900)
        gate = threading.Barrier(8)
        answers = []

        def deliver(number: int) -> None:
            body = body_of(event_id=f"evt_{number}")
            gate.wait()
            answers.append(send(body, sign(body)).status_code)
            connection.close()

        threads = [threading.Thread(target=deliver, args=[number]) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [200] * 8
        assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"done"}
        assert Grant.objects.count() == Payment.objects.count() == 1
        assert quota(alice).window == 2

    def test_a_later_invoice_opens_another_window(self, alice: User) -> None:
        account(subscribed(), invoice())
        send(body_of())
        spent(alice, 900)
        account(subscribed(), invoice(), invoice(2))
        send(body_of(event_id="evt_2"))
        assert (Grant.objects.count(), quota(alice).tokens_used) == (2, 0)


def state_of(user: User) -> tuple[Any, ...]:
    row = Subscription.objects.filter(user=user).first()
    return (
        row and (row.tier, row.status, row.effective_tier, row.cancel_at_period_end, row.stripe_subscription_id),
        metering.tier_of(user.pk),
        sorted(Payment.objects.values_list("provider_id", "status", "amount")),
        sorted(Grant.objects.values_list("key", "tier")),
    )


FOUR = [
    ("customer.subscription.created", {"id": "sub_1", "object": "subscription"}),
    ("customer.subscription.updated", {"id": "sub_1", "object": "subscription"}),
    ("invoice.payment_succeeded", {"id": "in_1", "object": "invoice"}),
    ("customer.subscription.deleted", {"id": "sub_1", "object": "subscription"}),
]


class TestOrder:
    @pytest.mark.parametrize("order", list(permutations(range(4))), ids=lambda order: "".join(map(str, order)))
    def test_every_order_ends_the_same(self, alice: User, order: tuple[int, ...]) -> None:
        account(subscribed("canceled"), invoice())
        for number in order:
            kind, about = FOUR[number]
            assert send(body_of(kind, f"evt_{number}", **about)).status_code == 200
        assert state_of(alice) == (
            ("premium_pro", "canceled", "basic", False, "sub_1"),
            "basic",
            [("in_1", "succeeded", 2999)],
            [("in_1:il_1", "premium_pro")],
        )

    @pytest.mark.parametrize("late", range(4))
    def test_an_old_event_that_comes_late_changes_nothing(self, alice: User, late: int) -> None:
        stages = [
            (subscribed("incomplete"), invoice(status="open", attempted=False)),
            (subscribed("active"), invoice(status="open", attempted=False)),
            (subscribed("active"), invoice()),
            (subscribed("canceled"), invoice()),
        ]
        for number, things in enumerate(stages):
            account(*things)
            if number != late:
                send(body_of(FOUR[number][0], f"evt_{number}", **FOUR[number][1]))
        send(body_of(FOUR[late][0], f"evt_{late}", **FOUR[late][1]))
        assert state_of(alice) == (
            ("premium_pro", "canceled", "basic", False, "sub_1"),
            "basic",
            [("in_1", "succeeded", 2999)],
            [("in_1:il_1", "premium_pro")],
        )

    def test_a_reader_that_was_overtaken_writes_nothing(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        from billing.payments import sync

        customer = BillingCustomer.objects.get()
        real = Mirror.read_account

        def slow(self: Mirror, customer_id: str, *, intent_ids: Any = ()) -> base.Account:
            found = real(self, customer_id)
            # While this answer is on its way, the plan is canceled and somebody else reads that.
            monkeypatch.setattr(Mirror, "read_account", real)
            account(subscribed("canceled"), invoice())
            sync.refresh(customer)
            return found

        account(subscribed("active"), invoice())
        monkeypatch.setattr(Mirror, "read_account", slow)
        sync.refresh(customer)
        assert (Subscription.objects.get().status, metering.tier_of(alice.pk)) == ("canceled", "basic")


class TestMeaning:
    def test_an_unknown_type_is_taken_and_ignored(self) -> None:
        assert send(body_of("payout.paid")).status_code == 200
        assert (WebhookEvent.objects.get().state, Mirror.reads) == ("ignored", 0)

    def test_a_customer_that_is_not_ours_is_ignored(self) -> None:
        assert send(body_of(customer="cus_other")).status_code == 200
        assert (WebhookEvent.objects.get().state, Mirror.reads) == ("ignored", 0)

    def test_an_unknown_price_is_refused_and_alerted(self, alice: User, caplog: pytest.LogCaptureFixture) -> None:
        account(subscribed(), invoice())
        send(body_of())
        account(subscribed(price_id="price_unheard_of"), invoice())
        assert send(body_of(event_id="evt_2")).status_code == 200
        row = WebhookEvent.objects.get(event_id="evt_2")
        assert (row.state, "price_unheard_of" in row.error) == ("failed", True)
        assert "billing.unknown_price" in [record.message for record in caplog.records]
        assert metering.tier_of(alice.pk) == "premium_pro", "never mapped to basic"

    def test_an_unknown_price_alone_grants_nothing(self, alice: User) -> None:
        account(subscribed(price_id="price_unheard_of"), invoice(lines=[]))
        send(body_of())
        assert not Subscription.objects.exists()
        assert metering.tier_of(alice.pk) == "basic"

    def test_a_first_payment_that_is_not_made_counts_for_nothing(self, alice: User) -> None:
        account(subscribed("incomplete"), invoice(status="open"))
        send(body_of("customer.subscription.created"))
        assert (Subscription.objects.exists(), metering.tier_of(alice.pk)) == (False, "basic")

    def test_an_unpaid_upgrade_counts_for_nothing(self, alice: User) -> None:
        account(subscribed(), invoice(), invoice(2, "open", "premium_ultra"))
        send(body_of("customer.subscription.updated"))
        assert metering.tier_of(alice.pk) == "premium_pro"

    def test_two_subscriptions_are_alerted_and_the_larger_counts(
        self, alice: User, caplog: pytest.LogCaptureFixture
    ) -> None:
        account(subscribed(), subscribed(id="sub_2", tier="premium_ultra"))
        send(body_of("customer.subscription.created"))
        assert metering.tier_of(alice.pk) == "premium_ultra"
        assert "billing.two_subscriptions" in [record.message for record in caplog.records]

    def test_a_present_of_the_staff_outlives_an_old_subscription(self, alice: User) -> None:
        from billing import services

        account(subscribed("canceled"), invoice())
        send(body_of())
        services.grant_plan(None, user=alice, tier="premium_ultra", reason="Gift")
        repair.reconcile(everybody=True)
        assert metering.tier_of(alice.pk) == "premium_ultra"

    @pytest.mark.parametrize("kind", ["charge.dispute.created", "charge.refunded"])
    def test_a_notification_without_customer_finds_it_by_its_payment(self, alice: User, kind: str) -> None:
        account(subscribed(), invoice())
        send(body_of())
        account(subscribed(), invoice(), base.Charged("pi_1", 2999, 2999, disputed=False))
        send(body_of(kind, "evt_2", id="dp_1", object="dispute", customer=None, payment_intent="pi_1"))
        assert (Payment.objects.get().status, metering.tier_of(alice.pk)) == ("refunded", "basic")
        row = Grant.objects.get(kind="claw_back")
        assert (row.key, row.tokens, row.reason) == ("in_1:refund:2999", 0, "2999 of 2999 was refunded.")

    def test_a_new_plan_after_a_refund_is_not_touched_by_it(self, alice: User) -> None:
        refund = base.Charged("pi_1", 2999, 2999, disputed=False)
        account(subscribed("canceled"), invoice(), refund)
        send(body_of())
        fresh = invoice(2, subscription_id="sub_2")
        account(subscribed("canceled"), subscribed(id="sub_2"), invoice(), fresh, refund)
        send(body_of(event_id="evt_2"))
        assert metering.tier_of(alice.pk) == "premium_pro"


class TestFailure:
    def test_an_outage_takes_nothing_and_is_made_up_for(self, alice: User) -> None:
        account(subscribed(), invoice())
        send(body_of())
        Mirror.is_down = True
        account(subscribed(tier="premium_ultra"), invoice())
        assert send(body_of(event_id="evt_2")).status_code == 200
        row = WebhookEvent.objects.get(event_id="evt_2")
        assert (row.state, row.attempts, metering.tier_of(alice.pk)) == ("failed", 1, "premium_pro")
        assert webhooks.sweep() == 0, "not before its pause is over"
        Mirror.is_down = False
        WebhookEvent.objects.filter(pk=row.pk).update(due_at=timezone.now())
        assert webhooks.sweep() == 1
        row.refresh_from_db()
        assert (row.state, row.attempts, metering.tier_of(alice.pk)) == ("done", 2, "premium_ultra")

    def test_a_task_that_was_lost_is_found(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        from billing import tasks

        def away(*_arguments: Any) -> None:
            raise ConnectionError("no broker")

        account(subscribed(), invoice())
        with monkeypatch.context() as broken:
            broken.setattr(tasks.work_event, "delay", away)
            assert send(body_of()).status_code == 200
        assert WebhookEvent.objects.get().state == "received"
        WebhookEvent.objects.update(due_at=timezone.now())
        tasks.sweep_events.delay()
        assert (WebhookEvent.objects.get().state, metering.tier_of(alice.pk)) == ("done", "premium_pro")

    def test_a_worker_that_died_is_replaced_after_its_lease(self, alice: User) -> None:
        account(subscribed(), invoice())
        send(body_of())
        WebhookEvent.objects.update(state="working", due_at=timezone.now() + timedelta(minutes=1))
        assert (webhooks.sweep(), Mirror.reads) == (0, 1)
        WebhookEvent.objects.update(due_at=timezone.now() - timedelta(seconds=1))
        assert (webhooks.sweep(), Mirror.reads) == (1, 2)
        assert WebhookEvent.objects.get().state == "done"

    def test_it_is_given_up_in_the_end(self, caplog: pytest.LogCaptureFixture) -> None:
        Mirror.is_down = True
        send(body_of())
        for _ in range(20):
            WebhookEvent.objects.update(due_at=timezone.now())
            webhooks.sweep()
        assert WebhookEvent.objects.get().attempts == webhooks.MAX_ATTEMPTS
        assert [record.message for record in caplog.records].count("billing.event_given_up") == 1

    def test_one_reading_does_for_all_that_waited(self) -> None:
        account(subscribed(), invoice())
        Mirror.is_down = True
        for number in range(3):
            send(body_of(event_id=f"evt_{number}"))
        WebhookEvent.objects.update(state="received", due_at=timezone.now())
        Mirror.is_down, Mirror.reads = False, 0
        webhooks.sweep()
        assert (Mirror.reads, set(WebhookEvent.objects.values_list("state", flat=True))) == (1, {"done"})

    def test_a_database_that_is_away_asks_stripe_to_come_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from django.db import OperationalError

        def away(*_arguments: Any) -> None:
            raise OperationalError("gone")

        monkeypatch.setattr(webhooks, "receive", away)
        answer = send(body_of())
        assert (answer.status_code, answer["Retry-After"]) == (503, "30")


class TestTime:
    def test_an_hour_without_webhooks_is_repaired(self, alice: User) -> None:
        account(subscribed(), invoice())
        dry = repair.reconcile(dry_run=True)
        assert (list(dry.repaired), metering.tier_of(alice.pk), Payment.objects.count()) == ([CUSTOMER], "basic", 0)
        report = repair.reconcile()
        assert (report.checked, list(report.repaired), report.failed) == (1, [CUSTOMER], {})
        assert metering.tier_of(alice.pk) == "premium_pro"
        assert repair.reconcile().checked == 0, "read a moment ago"
        assert (repair.reconcile(everybody=True).repaired, Grant.objects.count()) == ({}, 1)

    def test_an_outage_takes_nothing_and_is_reported(self, alice: User) -> None:
        account(subscribed(), invoice())
        repair.reconcile()
        Mirror.is_down = True
        assert list(repair.reconcile(everybody=True).failed) == [CUSTOMER]
        assert metering.tier_of(alice.pk) == "premium_pro"

    def test_the_grace_ends(self, alice: User, settings: Settings) -> None:
        unpaid = invoice(2, "open", created=NOW - timedelta(days=6))
        account(subscribed("past_due"), invoice(), unpaid)
        send(body_of("invoice.payment_failed"))
        row = Subscription.objects.get()
        assert row.grace_ends_at == NOW + timedelta(days=1)
        assert (repair.end_grace(), metering.tier_of(alice.pk)) == (0, "premium_pro")
        assert Payment.objects.get(provider_id="in_2").status == "failed"
        settings.PAYMENT_GRACE = timedelta(days=5)
        assert (repair.end_grace(), metering.tier_of(alice.pk)) == (1, "basic")
        assert repair.end_grace() == 0
        account(subscribed(), invoice(), invoice(2, created=NOW - timedelta(days=6)))
        send(body_of(event_id="evt_2"))
        assert (Subscription.objects.get().past_due_since, metering.tier_of(alice.pk)) == (None, "premium_pro")

    def test_old_notifications_are_forgotten_and_open_ones_are_not(self) -> None:
        for number, state in enumerate(["done", "ignored", "failed", "done"]):
            send(body_of("payout.paid", f"evt_{number}"))
            age = timedelta(days=91 if number < 3 else 89)
            row = WebhookEvent.objects.filter(event_id=f"evt_{number}")
            row.update(state=state, received_at=timezone.now() - age)
        assert webhooks.purge() == 2
        assert sorted(WebhookEvent.objects.values_list("event_id", flat=True)) == ["evt_2", "evt_3"]

    def test_demo_plans_end_when_a_real_provider_is_there(self, bob: User) -> None:
        Subscription.objects.create(user=bob, tier="unlimited", provider="demo", stripe_subscription_id="sub_demo_1")
        metering.allowance(bob.pk)
        repair.reconcile()
        assert (Subscription.objects.get(user=bob).status, metering.tier_of(bob.pk)) == ("canceled", "basic")


def test_secrets_stand_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    body = body_of(card_number="4242 canary")
    send(body, sign(body, "whsec_canary_wrong"))
    send(body)
    assert "canary" not in caplog.text
    assert NEW not in caplog.text
    assert "canary" not in str(list(WebhookEvent.objects.values()))
