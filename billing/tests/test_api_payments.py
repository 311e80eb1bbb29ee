"""The demo provider through the front door: buy, fail, change, cancel, resume, renew, refund."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django import Settings

from accounts.models import User
from accounts.tests.letterbox import work
from billing import metering
from billing.models import BillingCustomer
from billing.models import DemoObject
from billing.models import Grant
from billing.models import Payment
from billing.models import WebhookEvent
from billing.tests.demo_pages import browser
from billing.tests.demo_pages import buy
from billing.tests.demo_pages import now
from billing.tests.demo_pages import press
from billing.tests.demo_pages import press_portal
from billing.tests.factories import quota
from billing.tests.factories import spent
from conftest import JsonClient
from conftest import signed_in
from core.models import StreamEvent

__all__ = ["browser"]


pytestmark = pytest.mark.django_db(transaction=True)


class TestBuying:
    def test_paying_gives_the_plan(self, alice: User, alice_client: JsonClient, browser: Client) -> None:
        spent(alice, 900)
        answer = alice_client.post("/api/subscription/checkout", {"plan": "premium_pro"})
        session = answer.json()["session_id"]
        state = f"/api/subscription/checkout/{session}"
        assert alice_client.get(state).json() == {"state": "pending"}
        assert now(alice_client)["tier"] == "basic"
        back = press(browser, answer.json()["url"], "pay")
        assert back["Location"] == f"/app/billing/return?session_id={session}"
        assert alice_client.get(state).json() == {"state": "paid"}
        body = now(alice_client)
        assert (body["plan"], body["tier"], body["status"]) == ("premium_pro", "premium_pro", "active")
        assert (body["is_managed"], body["provider"], body["cancel_at_period_end"]) == (True, "demo", False)
        assert (quota(alice).tokens_limit, quota(alice).tokens_used) == (2_000_000, 0), "a paid period opens a window"
        payment = alice_client.get("/api/subscription/payments").json()["results"]
        assert [(one["amount"], one["currency"], one["status"], one["plan"]) for one in payment] == [
            (2999, "USD", "succeeded", "premium_pro")
        ]
        assert alice_client.get(f"/api/payment/{payment[0]['id']}").json() == payment[0]
        assert Grant.objects.get().tier == "premium_pro"
        assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"done"}
        told = list(StreamEvent.objects.order_by("seq").values_list("type", flat=True))
        assert sorted(set(told)) == ["payment.updated", "subscription.updated"]

    def test_pressing_twice_buys_once(self, alice_client: JsonClient, browser: Client) -> None:
        url = alice_client.post("/api/subscription/checkout", {"plan": "premium_pro"}).json()["url"]
        press(browser, url, "pay")
        path = re.sub(r"^https?://[^/]+", "", url)
        assert browser.get(path).status_code == 302, "the page is over"
        assert DemoObject.objects.filter(kind="subscription").count() == Payment.objects.count() == 1

    def test_a_failure_gives_nothing(self, alice_client: JsonClient, browser: Client) -> None:
        session = buy(alice_client, browser, action="fail")
        assert alice_client.get(f"/api/subscription/checkout/{session}").json() == {"state": "failed"}
        assert (now(alice_client)["tier"], Payment.objects.count()) == ("basic", 0)

    def test_going_back_gives_nothing(self, alice_client: JsonClient, browser: Client) -> None:
        url = alice_client.post("/api/subscription/checkout", {"plan": "premium_pro"}).json()["url"]
        assert press(browser, url, "cancel")["Location"] == "/app/billing?checkout=cancelled"
        assert now(alice_client)["tier"] == "basic"

    def test_a_second_plan_is_refused(self, alice_client: JsonClient, browser: Client) -> None:
        buy(alice_client, browser)
        answer = alice_client.post("/api/subscription/checkout", {"plan": "premium_ultra"})
        assert (answer.status_code, answer.json()["code"]) == (409, "plan_conflict")

    def test_a_repeated_key_opens_one_page(self, alice_client: JsonClient) -> None:
        sessions = {
            alice_client.post(
                "/api/subscription/checkout", {"plan": "premium_pro"}, headers={"Idempotency-Key": "one"}
            ).json()["session_id"]
            for _ in range(2)
        }
        assert len(sessions) == 1
        assert DemoObject.objects.filter(kind="customer").count() == BillingCustomer.objects.count() == 1

    @pytest.mark.parametrize("plan", ["basic", "gold", ""])
    def test_only_paid_plans_are_sold(self, alice_client: JsonClient, plan: str) -> None:
        answer = alice_client.post("/api/subscription/checkout", {"plan": plan})
        assert (answer.status_code, list(answer.json()["details"])) == (400, ["plan"])

    def test_charlie_finds_nothing(self, alice_client: JsonClient, charlie_client: JsonClient, browser: Client) -> None:
        session = buy(alice_client, browser)
        payment = Payment.objects.get()
        buy(charlie_client, browser, "premium_starter", "fail")
        for path in (f"/api/subscription/checkout/{session}", f"/api/payment/{payment.pk}"):
            assert charlie_client.get(path).status_code == 404
        for path in ("/api/subscription/payments", "/api/payment/history"):
            assert charlie_client.get(path).json()["results"] == []
        assert now(charlie_client)["tier"] == "basic"

    def test_a_foreign_or_forged_ticket_opens_nothing(self, alice_client: JsonClient, browser: Client) -> None:
        url = alice_client.post("/api/subscription/checkout", {"plan": "premium_pro"}).json()["url"]
        path = re.sub(r"^https?://[^/]+", "", url)
        assert browser.get(path[:-2] + "xx").status_code == 404
        assert browser.get(path.replace("checkout", "portal")).status_code == 404
        assert browser.post(path, {"action": "pay"}).status_code == 403, "without the CSRF token"
        assert now(alice_client)["tier"] == "basic"

    def test_the_pages_are_gone_where_the_demo_is_off(
        self, alice_client: JsonClient, browser: Client, settings: Settings
    ) -> None:
        url = alice_client.post("/api/subscription/checkout", {"plan": "premium_pro"}).json()["url"]
        settings.DEMO_PROVIDERS = False
        assert browser.get(re.sub(r"^https?://[^/]+", "", url)).status_code == 404
        answer = alice_client.post("/api/subscription/checkout", {"plan": "premium_pro"})
        assert (answer.status_code, answer.json()["code"]) == (503, "payments_off")
        assert now(alice_client)["provider"] == "none"


class TestChanging:
    def test_up_at_once(self, alice: User, alice_client: JsonClient, browser: Client) -> None:
        buy(alice_client, browser)
        spent(alice, 900)
        answer = alice_client.post("/api/subscription/change", {"plan": "premium_ultra"})
        assert (answer.status_code, answer.json()["tier"], answer.json()["payment_url"]) == (200, "premium_ultra", None)
        assert (metering.tier_of(alice.pk), quota(alice).tokens_used) == ("premium_ultra", 900)
        amounts = [one["amount"] for one in alice_client.get("/api/payment/history").json()["results"]]
        assert amounts == [7000, 2999], "the difference of a whole month, rounded to cents"

    def test_what_it_costs_now_is_told_before(self, alice: User, alice_client: JsonClient, browser: Client) -> None:
        path = "/api/subscription/change/price"
        refused = alice_client.post(path, {"plan": "premium_ultra"})
        assert (refused.status_code, refused.json()["code"]) == (409, "plan_conflict")
        buy(alice_client, browser)
        told = alice_client.post(path, {"plan": "premium_ultra"})
        assert (told.status_code, told.json()) == (200, {"amount": 7000, "currency": "USD"})
        assert alice_client.post(path, {"plan": "premium_starter"}).json()["amount"] == 0
        assert alice_client.post(path, {"plan": "gold"}).status_code == 400
        assert (metering.tier_of(alice.pk), Payment.objects.count()) == ("premium_pro", 1)
        row = DemoObject.objects.get(kind="subscription")
        half = timezone.now() + (datetime.fromisoformat(row.data["end"]) - timezone.now()) / 2
        row.data["end"] = half.isoformat()
        row.save()
        told = alice_client.post(path, {"plan": "premium_ultra"}).json()["amount"]
        alice_client.post("/api/subscription/change", {"plan": "premium_ultra"})
        charged = alice_client.get("/api/payment/history").json()["results"][0]["amount"]
        assert told == charged
        assert 3400 < told < 3700

    def test_up_is_refused_when_it_is_not_paid(self, alice: User, alice_client: JsonClient, browser: Client) -> None:
        buy(alice_client, browser)
        press_portal(alice_client, browser, "decline", "customer")
        answer = alice_client.post("/api/subscription/change", {"plan": "premium_ultra"})
        assert (answer.status_code, answer.json()["code"]) == (402, "payment_refused")
        assert metering.tier_of(alice.pk) == "premium_pro"

    def test_down_at_the_end_of_the_period(self, alice: User, alice_client: JsonClient, browser: Client) -> None:
        buy(alice_client, browser)
        answer = alice_client.post("/api/subscription/change", {"plan": "premium_starter"}).json()
        assert (answer["tier"], answer["pending_plan"]) == ("premium_pro", "premium_starter")
        press_portal(alice_client, browser, "renew", "subscription")
        body = now(alice_client)
        assert (body["tier"], body["pending_plan"], metering.tier_of(alice.pk)) == (
            "premium_starter",
            None,
            "premium_starter",
        )
        assert [one.amount for one in Payment.objects.order_by("created_at")] == [2999, 999]

    def test_the_present_plan_forgets_what_was_planned(self, alice_client: JsonClient, browser: Client) -> None:
        buy(alice_client, browser)
        alice_client.post("/api/subscription/change", {"plan": "premium_starter"})
        answer = alice_client.post("/api/subscription/change", {"plan": "premium_pro"}).json()
        assert (answer["tier"], answer["pending_plan"]) == ("premium_pro", None)

    def test_cancel_and_resume(self, alice: User, alice_client: JsonClient, browser: Client) -> None:
        buy(alice_client, browser)
        body = alice_client.post("/api/subscription/cancel").json()
        assert (body["tier"], body["cancel_at_period_end"]) == ("premium_pro", True)
        assert alice_client.post("/api/subscription/resume").json()["cancel_at_period_end"] is False
        assert alice_client.post("/api/subscription/change", {"plan": "basic"}).json()["cancel_at_period_end"] is True
        press_portal(alice_client, browser, "renew", "subscription")
        body = now(alice_client)
        assert (body["tier"], body["status"], body["is_managed"]) == ("basic", "canceled", False)
        assert metering.tier_of(alice.pk) == "basic"
        assert alice_client.post("/api/subscription/resume").status_code == 409
        buy(alice_client, browser, "premium_starter")
        assert (now(alice_client)["tier"], metering.tier_of(alice.pk)) == ("premium_starter", "premium_starter")

    @pytest.mark.parametrize(("path", "body"), [("change", {"plan": "premium_pro"}), ("cancel", {}), ("resume", {})])
    def test_without_a_plan_there_is_nothing_to_change(
        self, alice_client: JsonClient, path: str, body: dict[str, str]
    ) -> None:
        answer = alice_client.post(f"/api/subscription/{path}", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "plan_conflict")

    def test_a_renewal_that_fails_keeps_the_plan_and_says_so(
        self, alice: User, alice_client: JsonClient, browser: Client
    ) -> None:
        buy(alice_client, browser)
        press_portal(alice_client, browser, "decline", "customer")
        press_portal(alice_client, browser, "renew", "subscription")
        body = now(alice_client)
        assert (body["tier"], body["status"]) == ("premium_pro", "past_due")
        assert body["grace_ends_at"] is not None
        refused = alice_client.post("/api/subscription/change", {"plan": "premium_ultra"})
        assert (refused.status_code, refused.json()["code"]) == (409, "plan_conflict")
        press_portal(alice_client, browser, "pay_invoice", "invoice")
        assert now(alice_client)["status"] == "past_due", "the card is still declined"
        press_portal(alice_client, browser, "accept", "customer")
        press_portal(alice_client, browser, "pay_invoice", "invoice")
        assert (now(alice_client)["status"], metering.tier_of(alice.pk)) == ("active", "premium_pro")


class TestSinglePayments:
    def make(self, client: JsonClient, key: str = "", **body: Any) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return client.post("/api/payment/create-intent", {"amount": 500, "currency": "usd"} | body, headers=headers)

    @pytest.mark.parametrize(
        ("field", "value"),
        [("amount", 49), ("amount", 100_000_000), ("amount", 9.5), ("currency", "dollars"), ("document_id", "x")],
    )
    def test_nonsense_is_refused(self, alice_client: JsonClient, field: str, value: Any) -> None:
        answer = self.make(alice_client, **{field: value})
        assert (answer.status_code, list(answer.json()["details"])) == (400, [field])
        assert not Payment.objects.exists()

    def test_the_queries_of_the_list_do_not_grow(self, alice: User, alice_client: JsonClient) -> None:
        counts = []
        for number in (1, 20):
            for one in range(number):
                Payment.objects.create(
                    user=alice,
                    provider="demo",
                    provider_id=f"x{number}{one}",
                    amount=1,
                    currency="USD",
                    purpose="other",
                )
            with CaptureQueriesContext(connection) as queries:
                assert alice_client.get("/api/payment/history").status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1] == 2, "the session, the payments"


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("post", "/api/subscription/checkout"),
        ("get", "/api/subscription/checkout/cs_1"),
        ("post", "/api/subscription/portal"),
        ("post", "/api/subscription/change"),
        ("post", "/api/subscription/change/price"),
        ("post", "/api/subscription/cancel"),
        ("post", "/api/subscription/resume"),
        ("get", "/api/subscription/payments"),
        ("get", "/api/payment/history"),
        ("post", "/api/payment/create-intent"),
        ("get", "/api/payment/01990000-0000-7000-8000-000000000001"),
    ],
)
def test_nobody_gets_in(anonymous: JsonClient, verb: str, path: str) -> None:
    assert getattr(anonymous, verb)(path, {}).status_code == 401


def test_without_a_customer_there_is_nothing_to_manage(alice_client: JsonClient) -> None:
    answer = alice_client.post("/api/subscription/portal")
    assert (answer.status_code, answer.json()["code"]) == (409, "plan_conflict")
    assert "nothing to manage yet" in answer.json()["error"]
    assert not BillingCustomer.objects.exists()


def test_two_users_have_two_customers(
    alice: User, bob: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    for user in (alice, bob):
        assert signed_in(user).post("/api/subscription/checkout", {"plan": "premium_pro"}).status_code == 201
    assert BillingCustomer.objects.values("customer_id").distinct().count() == 2


def test_a_refused_payment_is_told_by_mail(alice_client: JsonClient, browser: Client) -> None:
    buy(alice_client, browser)
    press_portal(alice_client, browser, "decline", "customer")
    press_portal(alice_client, browser, "renew", "subscription")
    work()
    assert "Your payment did not go through" in [letter.subject for letter in mail.outbox]
