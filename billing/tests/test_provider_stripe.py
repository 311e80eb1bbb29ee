"""The adapter against `localstripe`, a server that nobody of this project wrote, through its own SDK and our API."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from billing import doctor
from billing import metering
from billing import orders
from billing.models import BillingCustomer
from billing.models import Grant
from billing.models import Payment
from billing.models import Refund
from billing.models import Subscription
from billing.models import WebhookEvent
from billing.payments import refunds
from billing.payments import repair
from billing.services.payments import refund_payment
from billing.tests.factories import spent
from billing.tests.order_kit import again
from billing.tests.order_kit import ordered
from billing.tests.order_kit import pay
from conftest import JsonClient
from conftest import make_user
from tests.kit.processes import free_port
from tests.peers import StripePeer
from tests.stripe_peer import DECLINED_CARD

pytestmark = pytest.mark.django_db(transaction=True)


def buy(client: JsonClient, peer: StripePeer, plan: str = "premium_pro", **card: str) -> str:
    """Through Checkout; notifications are lost unless somebody asked for them."""
    answer = client.post("/api/subscription/checkout", {"plan": plan})
    assert answer.status_code == 201, answer.json()
    assert answer.json()["url"].startswith("https://checkout.test/")
    session: str = answer.json()["session_id"]
    peer.front(f"checkout/{session}/pay", **card)
    return session


def bought(client: JsonClient, peer: StripePeer, plan: str = "premium_pro") -> None:
    buy(client, peer, plan)
    report = repair.reconcile(everybody=True)
    assert (len(report.repaired), report.failed) == (1, {})


def eventually(look: Callable[[], Any]) -> Any:
    """What it finds, within ten seconds."""
    for _ in range(200):
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come")


class TestFlow:
    def test_paying_tells_by_signed_webhooks_and_gives_the_plan(
        self, alice: User, alice_client: JsonClient, stripe_server: StripePeer, live_server: LiveServer
    ) -> None:
        spent(alice, 900)
        stripe_server.send_webhooks_to(f"{live_server.url}/webhook/stripe", "whsec_localstripe")
        session = buy(alice_client, stripe_server)
        assert alice_client.get(f"/api/subscription/checkout/{session}").json() == {"state": "paid"}
        eventually(lambda: metering.tier_of(alice.pk) == "premium_pro")
        eventually(lambda: WebhookEvent.objects.filter(type="invoice.payment_succeeded", state="done").exists())
        body = alice_client.get("/api/subscription").json()
        assert (body["tier"], body["status"], body["provider"], body["is_managed"]) == (
            "premium_pro",
            "active",
            "stripe",
            True,
        )
        assert body["current_period_end"] > body["current_period_start"]
        payment = Payment.objects.get()
        assert (payment.amount, payment.currency, payment.status, payment.tier) == (
            2999,
            "USD",
            "succeeded",
            "premium_pro",
        )
        assert payment.intent_id.startswith("pi_")
        assert Grant.objects.count() == 1
        stripe_server.send_webhooks_to("http://127.0.0.1:9", "whsec_localstripe")

    def test_a_wrong_secret_tells_nothing_and_reconcile_repairs(
        self, alice: User, alice_client: JsonClient, stripe_server: StripePeer
    ) -> None:
        buy(alice_client, stripe_server)
        assert metering.tier_of(alice.pk) == "basic"
        assert len(repair.reconcile(everybody=True).repaired) == 1
        assert metering.tier_of(alice.pk) == "premium_pro"

    def test_a_refused_card_gives_nothing(
        self, alice: User, alice_client: JsonClient, stripe_server: StripePeer
    ) -> None:
        session = buy(alice_client, stripe_server, card="4000000000000341")
        repair.reconcile(everybody=True)
        assert (metering.tier_of(alice.pk), Subscription.objects.exists()) == ("basic", False)
        assert alice_client.get(f"/api/subscription/checkout/{session}").json() == {"state": "pending"}

    def test_up_at_once_with_proration(self, alice: User, alice_client: JsonClient, stripe_server: StripePeer) -> None:
        bought(alice_client, stripe_server)
        spent(alice, 900)
        answer = alice_client.post("/api/subscription/change", {"plan": "premium_ultra"})
        assert (answer.json()["tier"], answer.json()["payment_url"]) == ("premium_ultra", None)
        assert sorted(Payment.objects.values_list("amount", flat=True)) == [2999, 7000]
        asked = next(one["form"] for one in stripe_server.requests() if "items[0][price]" in one["form"])
        assert (asked["proration_behavior"], asked["payment_behavior"]) == ("always_invoice", "pending_if_incomplete")
        assert metering.allowance(alice.pk).used == 900, "a proration opens no window"

    def test_what_up_charges_is_the_providers_own_sum(
        self, alice: User, alice_client: JsonClient, stripe_server: StripePeer
    ) -> None:
        bought(alice_client, stripe_server)
        told = alice_client.post("/api/subscription/change/price", {"plan": "premium_ultra"}).json()
        assert told["currency"] == "USD"
        assert abs(told["amount"] - 7000) <= 1
        assert metering.tier_of(alice.pk) == "premium_pro"
        asked = [one for one in stripe_server.requests() if one["path"] == "/v1/invoices/create_preview"]
        assert [one["form"]["subscription_details[proration_behavior]"] for one in asked] == ["always_invoice"]

    def test_up_waits_for_its_payment(self, alice: User, alice_client: JsonClient, stripe_server: StripePeer) -> None:
        bought(alice_client, stripe_server)
        stripe_server.front("decline", customer=BillingCustomer.objects.get().customer_id)
        answer = alice_client.post("/api/subscription/change", {"plan": "premium_ultra"}).json()
        assert (answer["tier"], answer["payment_url"]) == ("premium_pro", "https://pay.test/1")
        assert metering.tier_of(alice.pk) == "premium_pro"

    def test_down_at_the_end_cancel_and_resume(self, alice_client: JsonClient, stripe_server: StripePeer) -> None:
        bought(alice_client, stripe_server)
        for plan in ("premium_starter", "premium_starter"):
            answer = alice_client.post("/api/subscription/change", {"plan": plan}).json()
            assert (answer["tier"], answer["pending_plan"]) == ("premium_pro", "premium_starter")
        answer = alice_client.post("/api/subscription/cancel").json()
        assert (answer["pending_plan"], answer["cancel_at_period_end"]) == (None, True)
        assert alice_client.post("/api/subscription/resume").json()["cancel_at_period_end"] is False
        alice_client.post("/api/subscription/change", {"plan": "premium_starter"})
        assert alice_client.post("/api/subscription/resume").json()["pending_plan"] is None

    def test_the_end_takes_the_plan(self, alice: User, alice_client: JsonClient, stripe_server: StripePeer) -> None:
        from billing.payments import subscriptions

        bought(alice_client, stripe_server)
        assert subscriptions.end_now(alice, reason="The account is deleted.") is True
        assert (Subscription.objects.get().status, metering.tier_of(alice.pk)) == ("canceled", "basic")
        assert subscriptions.end_now(alice, reason="Again") is False

    def test_a_refund_takes_the_plan_once(
        self, alice: User, alice_client: JsonClient, stripe_server: StripePeer
    ) -> None:
        bought(alice_client, stripe_server)
        staff = make_user("staff", is_staff=True)
        payment = refund_payment(staff, payment=Payment.objects.get(), reason="Sorry")
        assert (payment.status, payment.refunded_amount, metering.tier_of(alice.pk)) == ("refunded", 2999, "basic")
        repair.reconcile(everybody=True)
        assert Grant.objects.filter(kind="claw_back").count() == 1

    def test_a_dispute_takes_the_plan_until_it_is_won(
        self, alice: User, alice_client: JsonClient, stripe_server: StripePeer
    ) -> None:
        bought(alice_client, stripe_server)
        charge = stripe_server.charges()[0]["id"]
        stripe_server.front("dispute", charge=charge, status="needs_response")
        repair.reconcile(everybody=True)
        assert (Payment.objects.get().status, metering.tier_of(alice.pk)) == ("disputed", "basic")
        stripe_server.front("dispute", charge=charge, status="won")
        repair.reconcile(everybody=True)
        assert (Payment.objects.get().status, metering.tier_of(alice.pk)) == ("succeeded", "premium_pro")

    def test_the_portal_is_the_customers_own(self, alice_client: JsonClient, stripe_server: StripePeer) -> None:
        alice_client.post("/api/subscription/checkout", {"plan": "premium_pro"})
        url = alice_client.post("/api/subscription/portal").json()["url"]
        assert url == f"https://portal.test/{BillingCustomer.objects.get().customer_id}"

    def test_an_intent_waits_to_be_paid(self, alice: User, alice_client: JsonClient, stripe_server: StripePeer) -> None:
        order = ordered(alice)
        body = alice_client.post("/api/payment/create-intent", {"amount": 500, "currency": "EUR"}).json()
        assert body["client_secret"]
        assert alice_client.get(f"/api/payment/{body['payment_id']}").json()["status"] == "pending"
        [asked] = [one["form"] for one in stripe_server.requests() if one["path"] == "/v1/payment_intents"]
        assert (asked["amount"], asked["currency"], asked["metadata[reference]"]) == ("500", "eur", order.reference)

    def test_charlie_finds_nothing(
        self, alice_client: JsonClient, charlie_client: JsonClient, stripe_server: StripePeer
    ) -> None:
        session = buy(alice_client, stripe_server)
        charlie_client.post("/api/subscription/checkout", {"plan": "premium_pro"})
        assert charlie_client.get(f"/api/subscription/checkout/{session}").status_code == 404
        assert alice_client.get("/api/subscription/checkout/cs_test_unknown").status_code == 404


class TestOrders:
    def test_paid_on_the_page_and_the_rest_given_back_once(
        self, alice: User, alice_client: JsonClient, stripe_server: StripePeer, settings: Settings
    ) -> None:
        order = ordered(alice)
        url = pay(alice_client, order).json()["url"]
        assert pay(alice_client, order).json()["url"] == url, "the page stays while it is open"
        session = url.rpartition("/")[2]
        asked = next(one["form"] for one in stripe_server.requests() if one["path"] == "/v1/checkout/sessions")
        assert (asked["mode"], asked["line_items[0][price_data][unit_amount]"]) == ("payment", "500")
        assert asked["success_url"] == f"{settings.PUBLIC_URL}/app/billing/orders?order={order.pk}"
        stripe_server.front(f"checkout/{session}/pay", card=DECLINED_CARD)
        repair.reconcile(everybody=True)
        assert again(order).state == "open"
        stripe_server.front(f"checkout/{session}/pay")
        assert len(repair.reconcile(everybody=True).repaired) == 1
        payments = {one.status: one for one in Payment.objects.filter(order=order)}
        assert set(payments) == {"succeeded", "canceled"}, "the intent for a form is not to be paid any more"
        assert (again(order).state, again(order).payment) == ("paid", payments["succeeded"])
        orders.deliver(order.pk, key="a", units=4)
        orders.close(order.pk, reason="Enough")
        assert (again(order).refunded, [one["amount_refunded"] for one in taken(stripe_server)]) == (300, [300])
        # A day later Stripe has forgotten the key, and finds the refund all the same.
        stripe_server.front("forget")
        Refund.objects.update(state="asked")
        refunds.make(Refund.objects.get().pk)
        assert [one["amount_refunded"] for one in taken(stripe_server)] == [300]

    def test_a_cancelled_order_cannot_be_paid(
        self, alice: User, alice_client: JsonClient, stripe_server: StripePeer
    ) -> None:
        order = ordered(alice)
        pay(alice_client, order)
        assert alice_client.post(f"/api/orders/{order.pk}/cancel").json()["state"] == "cancelled"
        paths = [one["path"] for one in stripe_server.requests() if one["method"] == "POST"]
        assert [path.rpartition("/")[2] for path in paths[-2:]] == ["expire", "cancel"]
        assert (Payment.objects.get().status, again(order).checkout_id) == ("canceled", "")


def taken(peer: StripePeer) -> list[dict[str, Any]]:
    return [one for one in peer.charges() if one["status"] == "succeeded"]


class TestRequests:
    def test_every_post_has_a_key_of_its_own_and_the_pinned_version(
        self, alice_client: JsonClient, stripe_server: StripePeer
    ) -> None:
        bought(alice_client, stripe_server)
        alice_client.post("/api/subscription/change", {"plan": "premium_ultra"})
        alice_client.post("/api/subscription/change", {"plan": "premium_pro"})
        alice_client.post("/api/subscription/cancel")
        alice_client.post("/api/subscription/resume")
        seen = stripe_server.requests()
        posts = [one for one in seen if one["method"] == "POST"]
        assert len(posts) >= 8
        assert all(one["key"].startswith("kintsugi:") for one in posts)
        assert len({one["key"] for one in posts}) == len(posts)
        assert {one["Stripe-Version"] for one in seen} == {"2026-10-28.endive"}

    def test_checkout_asks_for_what_was_promised(
        self, alice: User, alice_client: JsonClient, stripe_server: StripePeer, settings: Settings
    ) -> None:
        alice_client.post("/api/subscription/checkout", {"plan": "premium_pro"})
        form = stripe_server.requests()[-1]["form"]
        assert form["mode"] == "subscription"
        assert form["line_items[0][price]"] == "price_premium_pro"
        assert form["subscription_data[metadata][user_id]"] == str(alice.pk)
        assert form["allow_promotion_codes"].lower() == "true"
        assert form["success_url"] == f"{settings.PUBLIC_URL}/app/billing/return?session_id={{CHECKOUT_SESSION_ID}}"
        assert form["cancel_url"] == f"{settings.PUBLIC_URL}/app/billing?checkout=cancelled"

    def test_a_hiccup_is_tried_again_under_the_same_key(
        self, alice_client: JsonClient, stripe_server: StripePeer
    ) -> None:
        stripe_server.front("fault", status=500, times=1)
        assert alice_client.post("/api/subscription/checkout", {"plan": "premium_pro"}).status_code == 201
        keys = [one["key"] for one in stripe_server.requests() if one["path"] == "/v1/customers"]
        assert len(keys) == 2
        assert len(set(keys)) == 1


class TestOutage:
    def test_a_broken_stripe_is_a_sentence_and_takes_nothing(
        self, alice: User, alice_client: JsonClient, stripe_server: StripePeer
    ) -> None:
        bought(alice_client, stripe_server)
        stripe_server.front("fault", status=503, times=3)
        answer = alice_client.post("/api/subscription/cancel")
        assert (answer.status_code, answer.json()["code"]) == (503, "payments_unavailable")
        assert int(answer["Retry-After"]) > 0
        assert alice_client.get("/api/subscription").json()["tier"] == "premium_pro"

    def test_the_circuit_opens_and_is_asked_no_more(self, alice_client: JsonClient, stripe_server: StripePeer) -> None:
        stripe_server.front("fault", status=500, times=50)
        for _ in range(2):
            assert alice_client.post("/api/subscription/checkout", {"plan": "premium_pro"}).status_code == 503
        before = len(stripe_server.requests())
        answer = alice_client.post("/api/subscription/checkout", {"plan": "premium_pro"})
        assert (answer.status_code, len(stripe_server.requests())) == (503, before)

    def test_an_address_that_nobody_answers_at(self, alice_client: JsonClient, settings: Settings) -> None:
        settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = "sk_test_canary7f", "http://127.0.0.1:9"
        answer = alice_client.post("/api/subscription/checkout", {"plan": "premium_pro"})
        assert (answer.status_code, answer.json()["code"]) == (503, "payments_unavailable")

    def test_a_wrong_key_is_an_alert_without_the_key(
        self, alice_client: JsonClient, stripe_server: StripePeer, settings: Settings, caplog: pytest.LogCaptureFixture
    ) -> None:
        settings.STRIPE_SECRET_KEY = "sk_test_canary7f"
        stripe_server.front("fault", status=401, times=1)
        answer = alice_client.post("/api/subscription/checkout", {"plan": "premium_pro"})
        assert (answer.status_code, answer.json()["code"]) == (502, "payments_failed")
        assert "stripe.refused" in [record.message for record in caplog.records]
        assert "canary7f" not in caplog.text + answer.content.decode()


class TestDoctor:
    def test_prices_that_are_those_of_the_plans(self, stripe_server: StripePeer) -> None:
        [finding] = doctor.payments()
        assert (finding.state, finding.sentence) == ("ok", "Stripe answers, and its prices are those of the plans.")

    def test_a_price_that_is_another_one_or_none(self, stripe_server: StripePeer, settings: Settings) -> None:
        settings.PLANS = settings.PLANS | {"premium_pro": settings.PLANS["premium_pro"] | {"price_cents": 2000}}
        settings.STRIPE_PRICES = settings.STRIPE_PRICES | {"unlimited": "price_of_nobody"}
        found = {finding.sentence: finding.state for finding in doctor.payments()}
        assert found == {
            "STRIPE_PRICE_PREMIUM_PRO: Stripe takes 2999 USD, the plan says 2000 USD (cents).": "fail",
            "STRIPE_PRICE_UNLIMITED: Stripe does not know this price.": "fail",
        }

    def test_nobody_there(self, stripe_server: StripePeer, settings: Settings) -> None:
        settings.STRIPE_API_BASE = f"http://127.0.0.1:{free_port()}"
        [finding] = doctor.payments()
        assert finding.state == "fail"
        assert "sk_test" not in finding.sentence


def test_the_demo_and_nobody_are_said(settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY, settings.DEMO_PROVIDERS = "", True
    assert [finding.state for finding in doctor.payments()] == ["warn"]
    settings.DEMO_PROVIDERS = False
    assert "Nobody takes payments" in next(iter(doctor.payments())).sentence
