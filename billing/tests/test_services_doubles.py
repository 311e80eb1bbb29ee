"""Two tabs, two pages, two payments: one plan, and what was paid too much goes back."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail as django_mail
from django.test import Client

from accounts.models import User
from billing import metering
from billing import tasks
from billing.models import BillingCustomer
from billing.models import DemoObject
from billing.models import Payment
from billing.models import Refund
from billing.models import Subscription
from billing.payments import customers
from billing.payments import doubles
from billing.payments import repair
from billing.payments import subscriptions
from billing.providers.demo import actions
from billing.providers.demo.adapter import DemoProvider
from billing.services import account_deletion
from billing.services.metering import prove_ledger
from billing.tests.demo_pages import browser
from billing.tests.demo_pages import buy
from billing.tests.demo_pages import now
from billing.tests.demo_pages import press
from billing.tests.factories import run_scheduled
from billing.tests.factories import spent
from billing.tests.test_services_orders import race
from conftest import PASSWORD
from conftest import JsonClient
from core.models import Job

__all__ = ["browser"]

pytestmark = pytest.mark.django_db(transaction=True)


def choose(client: JsonClient, plan: str = "premium_pro") -> dict[str, Any]:
    answer = client.post("/api/subscription/checkout", {"plan": plan})
    assert answer.status_code == 201, answer.json()
    body: dict[str, Any] = answer.json()
    return body


def pages(state: str) -> list[str]:
    """The pages at the provider that stand so."""
    found = DemoObject.objects.filter(kind="checkout", data__state=state).order_by("created_at", "pk")
    return [row.data["price"].removeprefix("price_demo_") for row in found]


def subscribed(status: str = "active") -> list[DemoObject]:
    """The subscriptions at the provider, the oldest first."""
    found = DemoObject.objects.filter(kind="subscription", data__status=status)
    return list(found.order_by("created_at", "pk"))


def second_page(user: User, plan: str = "premium_pro") -> str:
    """One that nobody here knows of: of the release before, or of a process that died."""
    customer = customers.of(user)
    page = DemoProvider().create_checkout(
        customer.customer_id,
        user_id=user.pk,
        plan=plan,
        price_id=f"price_demo_{plan}",
        success_url="",
        cancel_url="",
        key="second",
    )
    return page.id


@pytest.fixture
def bought_twice(alice: User, alice_client: JsonClient, browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two subscriptions, the second not ended yet."""
    other = second_page(alice)
    buy(alice_client, browser)
    with monkeypatch.context() as patched:
        patched.setattr(doubles, "note", lambda *_: None)
        actions.pay_checkout(other)
    assert len(subscribed()) == 2


class TestPages:
    def test_one_is_open_for_a_plan(self, alice_client: JsonClient) -> None:
        assert len({choose(alice_client)["session_id"] for _ in range(3)}) == 1
        assert pages("pending") == ["premium_pro"]

    def test_another_plan_closes_it(self, alice_client: JsonClient) -> None:
        stale = choose(alice_client)
        choose(alice_client, "premium_ultra")
        assert (pages("expired"), pages("pending")) == (["premium_pro"], ["premium_ultra"])
        actions.pay_checkout(stale["session_id"])
        assert (subscribed(), now(alice_client)["tier"]) == ([], "basic")
        choose(alice_client)
        assert (len(pages("expired")), pages("pending")) == (2, ["premium_pro"])

    def test_one_that_is_over_is_followed_by_the_next(self, alice_client: JsonClient, browser: Client) -> None:
        first = choose(alice_client)
        press(browser, first["url"], "fail")
        second = choose(alice_client)
        assert second["session_id"] != first["session_id"]
        press(browser, second["url"], "pay")
        assert now(alice_client)["tier"] == "premium_pro"
        assert alice_client.post("/api/subscription/checkout", {"plan": "premium_pro"}).status_code == 409

    def test_paid_at_the_moment_of_another_choice(
        self, alice_client: JsonClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        choose(alice_client)
        expire = DemoProvider.expire_checkout

        def just_paid(self: DemoProvider, session_id: str, *, key: str) -> Any:
            actions.pay_checkout(session_id)
            return expire(self, session_id, key=key)

        monkeypatch.setattr(DemoProvider, "expire_checkout", just_paid)
        answer = alice_client.post("/api/subscription/checkout", {"plan": "premium_ultra"})
        assert (answer.status_code, answer.json()["code"]) == (409, "plan_conflict")
        assert (pages("paid"), pages("pending")) == (["premium_pro"], [])

    def test_everybody_has_their_own(self, alice_client: JsonClient, charlie_client: JsonClient) -> None:
        assert choose(alice_client)["session_id"] != choose(charlie_client, "premium_ultra")["session_id"]
        assert sorted(pages("pending")) == ["premium_pro", "premium_ultra"]


class TestTwoPayments:
    def test_the_newer_ends_and_all_of_it_goes_back(
        self, alice: User, alice_client: JsonClient, browser: Client, mailoutbox: list[Any]
    ) -> None:
        other = second_page(alice, "premium_ultra")
        buy(alice_client, browser)
        spent(alice, 900)
        mailoutbox.clear()
        actions.pay_checkout(other)
        [kept] = subscribed()
        assert (kept.data["price"], len(subscribed("canceled"))) == ("price_demo_premium_pro", 1)
        assert now(alice_client)["tier"] == "premium_pro"
        assert sorted(Payment.objects.values_list("amount", "refunded_amount", "status")) == [
            (2999, 0, "succeeded"),
            (9999, 9999, "refunded"),
        ]
        assert metering.allowance(alice.pk).used == 900, "what is given back opens no window"
        assert [letter.subject for letter in django_mail.outbox].count("You paid for a plan twice") == 1
        repair.reconcile(everybody=True)
        assert Refund.objects.get().state == "made"
        assert [letter.subject for letter in django_mail.outbox].count("You paid for a plan twice") == 1
        assert prove_ledger() == []

    def test_a_provider_that_is_away_is_asked_again(
        self, alice: User, alice_client: JsonClient, browser: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from billing.errors import PaymentsUnavailable

        def down(*_arguments: object, **_named: object) -> None:
            raise PaymentsUnavailable

        other = second_page(alice)
        buy(alice_client, browser)
        with monkeypatch.context() as patched:
            patched.setattr(DemoProvider, "cancel", down)
            actions.pay_checkout(other)
        job = Job.objects.get(kind=doubles.END_DOUBLE)
        assert (job.state, len(subscribed())) == ("queued", 2)
        Job.objects.filter(pk=job.pk).update(state="failed")  # as after the last attempt
        repair.reconcile(everybody=True)
        assert len(subscribed()) == 1


@pytest.mark.usefixtures("bought_twice")
class TestAllOfThem:
    def test_cancelling_cancels_both(self, alice_client: JsonClient) -> None:
        assert alice_client.post("/api/subscription/cancel").json()["cancel_at_period_end"] is True
        assert [one.data["cancel_at_period_end"] for one in subscribed()] == [True]
        assert len(subscribed("canceled")) == 1, "the reading that followed found the double"

    def test_cancelling_alone_goes_over_both(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(doubles, "note", lambda *_: None)
        subscriptions.cancel(alice)
        assert [one.data["cancel_at_period_end"] for one in subscribed()] == [True, True]

    def test_ending_at_once_ends_both(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(doubles, "note", lambda *_: None)
        assert subscriptions.end_now(alice, reason="The account is deleted.") is True
        assert (subscribed(), len(subscribed("canceled"))) == ([], 2)

    def test_the_sweep_finds_one_beside_a_plan_that_has_ended(
        self, alice: User, alice_client: JsonClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(doubles, "note", lambda *_: None)
        with monkeypatch.context() as patched:
            patched.setattr(subscriptions, "cancel", lambda *_: None)  # the release before: one of the two
            assert alice_client.delete("/api/auth/me", {"password": PASSWORD}).status_code == 202
        first = Subscription.objects.get().stripe_subscription_id
        DemoProvider().cancel(DemoProvider().retrieve_subscription(str(first)), at_once=False, key="")  # type: ignore[arg-type]
        assert Subscription.objects.get().cancel_at_period_end
        assert BillingCustomer.objects.get().renewing == 1
        run_scheduled(account_deletion.END_MISSED_PLANS)
        assert [one.data["cancel_at_period_end"] for one in subscribed()] == [True, True]
        assert account_deletion.sweep() == 0


class TestLeaving:
    def test_the_open_page_closes_with_the_account(self, alice_client: JsonClient) -> None:
        page = choose(alice_client)
        assert alice_client.delete("/api/auth/me", {"password": PASSWORD}).status_code == 202
        actions.pay_checkout(page["session_id"])
        assert (pages("expired"), subscribed()) == (["premium_pro"], [])
        assert account_deletion.sweep() == 0


def assert_one_plan(user: User) -> None:
    """One subscription goes on, one price was kept, and here and at the provider they say the same."""
    [kept] = subscribed()
    assert Subscription.objects.get(user=user).stripe_subscription_id == kept.pk
    left = [amount - back for amount, back in Payment.objects.values_list("amount", "refunded_amount")]
    assert sorted(left)[:-1] == [0] * (len(left) - 1)
    taken = DemoObject.objects.filter(kind="intent", data__status="succeeded")
    assert sum(one.data["amount"] - one.data["refunded"] for one in taken) == sum(left) > 0
    assert not Refund.objects.exclude(state="made").exists()


class TestRaces:
    """Real processes that begin together; the last two are the controls."""

    def test_three_who_choose_one_plan_have_one_page(self, alice: User) -> None:
        told = race(*[["choose", str(alice.pk), "premium_pro"]] * 3)
        assert len(set(told)) == 1
        assert pages("pending") == ["premium_pro"]

    def test_whoever_chooses_different_plans_at_once_has_one_page_open(self, alice: User) -> None:
        customers.of(alice)
        race(*[["choose", str(alice.pk), plan] for plan in ("premium_pro", "premium_ultra", "premium_starter")])
        assert len(pages("pending")) == 1
        assert BillingCustomer.objects.get().checkout_id == DemoObject.objects.get(data__state="pending").pk

    def test_three_pages_that_are_paid_at_once_are_one_plan(self, alice: User) -> None:
        sessions = self.three_pages(alice)
        assert race(*[["buy", one] for one in sessions]) == ["buy paid"] * 3
        run_scheduled(tasks.RECONCILE)
        assert_one_plan(alice)

    def test_without_a_shared_key_there_would_be_three_pages(self, alice: User) -> None:
        race(*[["choose", str(alice.pk), "premium_pro"]] * 3, careless=True)
        assert len(pages("pending")) > 1

    def test_without_the_look_three_would_go_on(self, alice: User) -> None:
        race(*[["buy", one] for one in self.three_pages(alice)], careless=True)
        with pytest.raises((AssertionError, ValueError)):
            assert_one_plan(alice)

    def three_pages(self, user: User) -> list[str]:
        customer = customers.of(user)
        made = [
            DemoProvider().create_checkout(
                customer.customer_id,
                user_id=user.pk,
                plan=plan,
                price_id=f"price_demo_{plan}",
                success_url="",
                cancel_url="",
                key=plan,
            )
            for plan in ("premium_pro", "premium_ultra", "premium_starter")
        ]
        return [page.id for page in made]
