"""What staff do with money and tokens, and what happens when many do it at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from billing import metering
from billing.models import BillingCustomer
from billing.models import DemoObject
from billing.models import Grant
from billing.models import Payment
from billing.models import Subscription
from billing.services.metering import claw_back_tokens
from billing.services.metering import grant_tokens
from billing.services.metering import reset_tokens
from billing.services.payments import refund_payment
from billing.services.plans import change_plan_by_staff
from billing.services.plans import grant_plan
from billing.tests.demo_pages import browser
from billing.tests.demo_pages import buy
from billing.tests.demo_pages import now
from billing.tests.factories import quota
from billing.tests.factories import spent
from billing.tests.order_kit import ordered
from conftest import JsonClient
from conftest import make_user
from core.errors import DomainError

__all__ = ["browser"]


pytestmark = pytest.mark.django_db(transaction=True)


class TestStaff:
    @pytest.fixture
    def staff(self) -> User:
        return make_user("staff", is_staff=True)

    def test_a_full_refund_takes_the_plan_and_what_came_with_it(
        self, staff: User, alice: User, alice_client: JsonClient, browser: Client
    ) -> None:
        buy(alice_client, browser)
        payment = Payment.objects.get()
        grant_tokens(staff, user=alice, tokens=1000, reference="welcome", reason="Welcome", payment=payment)
        refund_payment(staff, payment=payment, amount=999, reason="A third")
        assert (now(alice_client)["tier"], quota(alice).tokens_bonus) == ("premium_pro", 667)
        done = refund_payment(staff, payment=payment, reason="All of it")
        assert (done.status, done.refunded_amount) == ("refunded", 2999)
        assert (now(alice_client)["tier"], now(alice_client)["plan"]) == ("basic", "premium_pro")
        assert (metering.tier_of(alice.pk), quota(alice).tokens_bonus) == ("basic", 0)
        taken = Grant.objects.filter(kind="claw_back").order_by("id").values_list("tokens", "asked")
        assert list(taken) == [(-333, 333), (-667, 667)]
        from billing.payments import repair

        repair.reconcile(everybody=True)
        assert Grant.objects.filter(kind="claw_back").count() == 2

    def test_tokens_that_are_used_cannot_be_taken(self, staff: User, alice: User) -> None:
        grant_tokens(staff, user=alice, tokens=1000, reference="a", reason="Sorry")
        spent(alice, 100_400)
        grant, is_new = claw_back_tokens(staff, user=alice, tokens=1000, reference="a", reason="Mistake")
        assert (grant.tokens, grant.asked, is_new) == (-600, 1000, True)
        assert quota(alice).tokens_bonus == 400
        assert claw_back_tokens(staff, user=alice, tokens=1000, reference="a", reason="Again")[1] is False
        assert metering.allowance(alice.pk).left == 0

    def test_granted_tokens_come_on_top_and_outlive_the_window(self, staff: User, alice: User) -> None:
        for is_new in (True, False):
            assert grant_tokens(staff, user=alice, tokens=1000, reference="a", reason="Sorry")[1] is is_new
        assert metering.allowance(alice.pk).left == 101_000
        spent(alice, 100_400)
        reset_tokens(staff, users=[alice], reason="New window")
        assert metering.allowance(alice.pk).left == 100_600

    def test_a_lost_dispute_takes_the_plan_and_a_won_one_returns_it(
        self, staff: User, alice: User, alice_client: JsonClient, browser: Client
    ) -> None:
        from billing.providers.demo import actions

        buy(alice_client, browser)
        payment = Payment.objects.get()
        grant_tokens(staff, user=alice, tokens=1000, reference="gift", reason="Gift", payment=payment)
        actions.dispute(payment.intent_id)
        assert (Payment.objects.get().status, metering.tier_of(alice.pk)) == ("disputed", "basic")
        assert quota(alice).tokens_bonus == 0
        actions.dispute(payment.intent_id, is_lost=False)
        assert (Payment.objects.get().status, metering.tier_of(alice.pk)) == ("succeeded", "premium_pro")
        assert quota(alice).tokens_bonus == 1000

    def test_a_plan_that_is_paid_for_is_changed_at_the_provider(
        self, staff: User, alice: User, alice_client: JsonClient, browser: Client
    ) -> None:
        buy(alice_client, browser)
        from billing.errors import PlanConflict

        with pytest.raises(PlanConflict):
            grant_plan(staff, user=alice, tier="unlimited", reason="Gift")
        assert change_plan_by_staff(staff, user=alice, tier="premium_ultra", reason="Asked for it") == (
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
            lambda: refund_payment(bob, payment=payment, reason="Mine"),
            lambda: grant_tokens(bob, user=bob, tokens=1, reference="b", reason="Me"),
            lambda: claw_back_tokens(bob, user=alice, tokens=1, reference="b", reason="Her"),
            lambda: change_plan_by_staff(bob, user=bob, tier="unlimited", reason="Me"),
        ]
        for deed in deeds:
            with pytest.raises(Forbidden):
                deed()
        assert not Grant.objects.exists()


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
        from billing.providers.demo import actions

        session = alice_client.post("/api/subscription/checkout", {"plan": "premium_pro"}).json()["session_id"]
        together(8, lambda: actions.pay_checkout(session))
        assert DemoObject.objects.filter(kind="subscription").count() == Payment.objects.count() == 1
        assert metering.tier_of(alice.pk) == "premium_pro"

    def test_eight_refunds_give_the_money_back_once(self, alice_client: JsonClient, browser: Client) -> None:
        buy(alice_client, browser)
        staff, payment = make_user("staff", is_staff=True), Payment.objects.get()
        together(8, lambda: refund_payment(staff, payment=payment, reason="Sorry"))
        payment.refresh_from_db()
        assert (payment.status, payment.refunded_amount) == ("refunded", 2999)
        assert DemoObject.objects.filter(kind="refund").count() == 1
        assert Grant.objects.filter(kind="claw_back").count() == 1

    def test_eight_grants_of_one_reference_are_one(self, alice: User) -> None:
        staff = make_user("staff", is_staff=True)
        made = together(8, lambda: grant_tokens(staff, user=alice, tokens=500, reference="a", reason="Sorry")[1])
        assert sorted(made) == [False] * 7 + [True]
        assert quota(alice).tokens_bonus == 500

    def test_eight_intents_of_one_key_are_one(self, alice: User, alice_client: JsonClient) -> None:
        ordered(alice)

        def make() -> str:
            answer = alice_client.post(
                "/api/payment/create-intent",
                {"amount": 500, "currency": "EUR"},
                headers={"Idempotency-Key": "one"},
            )
            return str(answer.json().get("payment_id"))

        assert len(set(together(8, make))) == Payment.objects.count() == 1
