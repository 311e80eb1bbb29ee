"""The demo provider through the front door: buy, fail, change, cancel, resume, renew, refund."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django import Settings

from accounts.models import User
from accounts.tests.letterbox import work
from billing import following
from billing import metering
from billing import services
from billing.models import BillingCustomer
from billing.models import DemoObject
from billing.models import Grant
from billing.models import Payment
from billing.models import Subscription
from billing.models import WebhookEvent
from billing.tests.factories import quota
from billing.tests.factories import spent
from conftest import PASSWORD
from conftest import JsonClient
from conftest import make_user
from conftest import signed_in
from core.errors import DomainError
from core.models import Job
from core.models import StreamEvent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def press(browser: Client, url: str, action: str, **fields: str) -> Any:
    """Open one of the demo's pages and press a button on it."""
    path = re.sub(r"^https?://[^/]+", "", url)
    page = browser.get(path)
    assert page.status_code == 200
    assert "demo" in page.content.decode().lower()
    assert (page["Referrer-Policy"], "no-store" in page["Cache-Control"]) == ("same-origin", True)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    assert token
    return browser.post(path, {"action": action, "csrfmiddlewaretoken": token[1]} | fields)


def buy(client: JsonClient, browser: Client, plan: str = "premium_pro", action: str = "pay") -> str:
    """From the button to the return; gives the session's id."""
    answer = client.post("/api/subscription/checkout", {"plan": plan})
    assert answer.status_code == 201, answer.json()
    back = press(browser, answer.json()["url"], action)
    assert back.status_code == 302
    return str(answer.json()["session_id"])


def now(client: JsonClient) -> dict[str, Any]:
    body: dict[str, Any] = client.get("/api/subscription").json()
    return body


def press_portal(client: JsonClient, browser: Client, action: str, kind: str) -> Any:
    subject = DemoObject.objects.filter(kind=kind).order_by("-created_at", "-pk").first()
    assert subject
    return press(browser, client.post("/api/subscription/portal").json()["url"], action, id=subject.pk)


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

    def test_it_waits_and_is_paid(self, alice_client: JsonClient, browser: Client) -> None:
        made = self.make(alice_client)
        body = made.json()
        assert (made.status_code, body["amount"], body["currency"]) == (201, 500, "USD")
        assert made["Cache-Control"] == "no-store"
        path = f"/api/payment/{body['payment_id']}"
        assert (alice_client.get(path).json()["status"], alice_client.get(path).json()["purpose"]) == (
            "pending",
            "other",
        )
        press_portal(alice_client, browser, "fail_intent", "intent")
        assert alice_client.get(path).json()["status"] == "failed"
        press_portal(alice_client, browser, "pay_intent", "intent")
        assert alice_client.get(path).json()["status"] == "succeeded"
        assert alice_client.get("/api/subscription/payments").json()["results"] == []

    def test_a_repeated_key_returns_the_first(self, alice_client: JsonClient, bob_client: JsonClient) -> None:
        first, second = self.make(alice_client, "k"), self.make(alice_client, "k")
        assert first.json() == second.json()
        other = self.make(alice_client, "k", amount=600)
        assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")
        assert self.make(bob_client, "k").json()["payment_id"] != first.json()["payment_id"]
        assert Payment.objects.count() == 2

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


class TestStaff:
    @pytest.fixture
    def staff(self) -> User:
        return make_user("staff", is_staff=True)

    def test_a_full_refund_takes_the_plan_and_what_came_with_it(
        self, staff: User, alice: User, alice_client: JsonClient, browser: Client
    ) -> None:
        buy(alice_client, browser)
        payment = Payment.objects.get()
        services.grant_tokens(staff, user=alice, tokens=1000, reference="welcome", reason="Welcome", payment=payment)
        services.refund_payment(staff, payment=payment, amount=999, reason="A third")
        assert (now(alice_client)["tier"], quota(alice).tokens_bonus) == ("premium_pro", 667)
        done = services.refund_payment(staff, payment=payment, reason="All of it")
        assert (done.status, done.refunded_amount) == ("refunded", 2999)
        assert (now(alice_client)["tier"], now(alice_client)["plan"]) == ("basic", "premium_pro")
        assert (metering.tier_of(alice.pk), quota(alice).tokens_bonus) == ("basic", 0)
        taken = Grant.objects.filter(kind="claw_back").order_by("id").values_list("tokens", "asked")
        assert list(taken) == [(-333, 333), (-667, 667)]
        from billing.payments import repair

        repair.reconcile(everybody=True)
        assert Grant.objects.filter(kind="claw_back").count() == 2

    def test_tokens_that_are_used_cannot_be_taken(self, staff: User, alice: User) -> None:
        services.grant_tokens(staff, user=alice, tokens=1000, reference="a", reason="Sorry")
        spent(alice, 100_400)
        grant, is_new = services.claw_back_tokens(staff, user=alice, tokens=1000, reference="a", reason="Mistake")
        assert (grant.tokens, grant.asked, is_new) == (-600, 1000, True)
        assert quota(alice).tokens_bonus == 400
        assert services.claw_back_tokens(staff, user=alice, tokens=1000, reference="a", reason="Again")[1] is False
        assert metering.allowance(alice.pk).left == 0

    def test_granted_tokens_come_on_top_and_outlive_the_window(self, staff: User, alice: User) -> None:
        for is_new in (True, False):
            assert services.grant_tokens(staff, user=alice, tokens=1000, reference="a", reason="Sorry")[1] is is_new
        assert metering.allowance(alice.pk).left == 101_000
        spent(alice, 100_400)
        services.reset_tokens(staff, users=[alice], reason="New window")
        assert metering.allowance(alice.pk).left == 100_600

    def test_a_lost_dispute_takes_the_plan_and_a_won_one_returns_it(
        self, staff: User, alice: User, alice_client: JsonClient, browser: Client
    ) -> None:
        from billing.providers import demo

        buy(alice_client, browser)
        payment = Payment.objects.get()
        services.grant_tokens(staff, user=alice, tokens=1000, reference="gift", reason="Gift", payment=payment)
        demo.dispute(payment.intent_id)
        assert (Payment.objects.get().status, metering.tier_of(alice.pk)) == ("disputed", "basic")
        assert quota(alice).tokens_bonus == 0
        demo.dispute(payment.intent_id, is_lost=False)
        assert (Payment.objects.get().status, metering.tier_of(alice.pk)) == ("succeeded", "premium_pro")
        assert quota(alice).tokens_bonus == 1000

    def test_a_plan_that_is_paid_for_is_changed_at_the_provider(
        self, staff: User, alice: User, alice_client: JsonClient, browser: Client
    ) -> None:
        buy(alice_client, browser)
        from billing.errors import PlanConflict

        with pytest.raises(PlanConflict):
            services.grant_plan(staff, user=alice, tier="unlimited", reason="Gift")
        assert services.change_plan_by_staff(staff, user=alice, tier="premium_ultra", reason="Asked for it") == (
            True,
            "",
        )
        assert Subscription.objects.get().tier == "premium_ultra"

    def test_strangers_may_do_none_of_it(self, alice: User, bob: User) -> None:
        from core.errors import Forbidden

        payment = Payment.objects.create(
            user=alice,
            provider="demo",
            provider_id="in_1",
            intent_id="pi_1",
            amount=1,
            currency="USD",
            status="succeeded",
        )
        deeds: list[Callable[[], object]] = [
            lambda: services.refund_payment(bob, payment=payment, reason="Mine"),
            lambda: services.grant_tokens(bob, user=bob, tokens=1, reference="b", reason="Me"),
            lambda: services.claw_back_tokens(bob, user=alice, tokens=1, reference="b", reason="Her"),
            lambda: services.change_plan_by_staff(bob, user=bob, tier="unlimited", reason="Me"),
        ]
        for deed in deeds:
            with pytest.raises(Forbidden):
                deed()
        assert not Grant.objects.exists()


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("post", "/api/subscription/checkout"),
        ("get", "/api/subscription/checkout/cs_1"),
        ("post", "/api/subscription/portal"),
        ("post", "/api/subscription/change"),
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


def test_two_users_have_two_customers(
    alice: User, bob: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    for user in (alice, bob):
        assert signed_in(user).post("/api/subscription/portal").status_code == 201
    assert BillingCustomer.objects.values("customer_id").distinct().count() == 2


def together(count: int, work: Callable[[], Any]) -> list[Any]:
    """The same thing from so many threads at one moment."""
    gate, results = threading.Barrier(count), []

    def once() -> None:
        gate.wait()
        try:
            results.append(work())
        except DomainError as error:
            results.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=once) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


class TestAtOnce:
    def test_eight_checkouts_make_one_customer(self, alice_client: JsonClient) -> None:
        def buy_one() -> int:
            return int(alice_client.post("/api/subscription/checkout", {"plan": "premium_pro"}).status_code)

        assert together(8, buy_one) == [201] * 8
        assert BillingCustomer.objects.count() == DemoObject.objects.filter(kind="customer").count() == 1

    def test_eight_presses_of_pay_are_one_plan(self, alice: User, alice_client: JsonClient) -> None:
        from billing.providers import demo

        session = alice_client.post("/api/subscription/checkout", {"plan": "premium_pro"}).json()["session_id"]
        together(8, lambda: demo.pay_checkout(session))
        assert DemoObject.objects.filter(kind="subscription").count() == Payment.objects.count() == 1
        assert metering.tier_of(alice.pk) == "premium_pro"

    def test_eight_refunds_give_the_money_back_once(self, alice_client: JsonClient, browser: Client) -> None:
        buy(alice_client, browser)
        staff, payment = make_user("staff", is_staff=True), Payment.objects.get()
        together(8, lambda: services.refund_payment(staff, payment=payment, reason="Sorry"))
        payment.refresh_from_db()
        assert (payment.status, payment.refunded_amount) == ("refunded", 2999)
        assert DemoObject.objects.filter(kind="refund").count() == 1
        assert Grant.objects.filter(kind="claw_back").count() == 1

    def test_eight_grants_of_one_reference_are_one(self, alice: User) -> None:
        staff = make_user("staff", is_staff=True)
        made = together(
            8, lambda: services.grant_tokens(staff, user=alice, tokens=500, reference="a", reason="Sorry")[1]
        )
        assert sorted(made) == [False] * 7 + [True]
        assert quota(alice).tokens_bonus == 500

    def test_eight_intents_of_one_key_are_one(self, alice_client: JsonClient) -> None:
        def make() -> str:
            answer = alice_client.post(
                "/api/payment/create-intent",
                {"amount": 500, "currency": "USD"},
                headers={"Idempotency-Key": "one"},
            )
            return str(answer.json().get("payment_id"))

        assert len(set(together(8, make))) == Payment.objects.count() == 1


class TestLeaving:
    def test_who_leaves_is_not_charged_again_and_who_comes_back_decides(
        self, alice: User, alice_client: JsonClient, browser: Client
    ) -> None:
        buy(alice_client, browser)
        assert alice_client.delete("/api/auth/me", {"password": PASSWORD}).status_code == 202
        subscription = Subscription.objects.get(user=alice)
        assert (subscription.tier, subscription.cancel_at_period_end) == ("premium_pro", True)
        back = JsonClient().post("/api/auth/login", {"email": "alice", "password": PASSWORD, "restore": True})
        client = JsonClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {back.json()['access_token']}")
        assert (now(client)["tier"], now(client)["cancel_at_period_end"]) == ("premium_pro", True)
        assert client.post("/api/subscription/resume").status_code == 200
        assert now(client)["cancel_at_period_end"] is False

    def test_a_process_that_dies_before_its_signal_is_made_up_for(
        self, alice: User, alice_client: JsonClient, browser: Client
    ) -> None:
        buy(alice_client, browser)
        assert following.sweep() == 0
        with patch("billing.following.jobs.enqueue"):  # what a dead process does
            assert alice_client.delete("/api/auth/me", {"password": PASSWORD}).status_code == 202
        assert not Subscription.objects.get(user=alice).cancel_at_period_end
        assert following.sweep() == 1
        assert Subscription.objects.get(user=alice).cancel_at_period_end
        assert following.sweep() == 0

    def test_who_never_paid_leaves_as_well(self, alice_client: JsonClient) -> None:
        assert alice_client.delete("/api/auth/me", {"password": PASSWORD}).status_code == 202
        assert Job.objects.get(kind=following.KIND).state == Job.State.SUCCEEDED


def test_a_refused_payment_is_told_by_mail(alice_client: JsonClient, browser: Client) -> None:
    buy(alice_client, browser)
    press_portal(alice_client, browser, "decline", "customer")
    press_portal(alice_client, browser, "renew", "subscription")
    work()
    assert "Your payment did not go through" in [letter.subject for letter in mail.outbox]
