"""One plan for one person, customers that are gone, and former prices, against `localstripe`."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from accounts.models import User
from billing import metering
from billing.models import BillingCustomer
from billing.models import Grant
from billing.models import Payment
from billing.models import Subscription
from billing.payments import repair
from billing.providers.stripe.adapter import StripeProvider
from billing.tests.order_kit import again
from billing.tests.order_kit import ordered
from billing.tests.order_kit import pay
from billing.tests.test_provider_stripe import bought
from billing.tests.test_provider_stripe import buy
from billing.tests.test_provider_stripe import taken
from conftest import JsonClient
from tests.peers import StripePeer

pytestmark = pytest.mark.django_db(transaction=True)


class TestOnePlan:
    def test_one_page_is_open_and_another_plan_closes_it(
        self, alice_client: JsonClient, stripe_server: StripePeer
    ) -> None:
        def choose(plan: str) -> str:
            return str(alice_client.post("/api/subscription/checkout", {"plan": plan}).json()["session_id"])

        first = choose("premium_pro")
        assert choose("premium_pro") == first
        second = choose("premium_ultra")
        assert alice_client.get(f"/api/subscription/checkout/{first}").json() == {"state": "expired"}
        stripe_server.front(f"checkout/{second}/pay")
        assert alice_client.post("/api/subscription/checkout", {"plan": "premium_pro"}).status_code == 409

    def test_of_two_that_were_paid_one_ends_and_goes_back(
        self, alice: User, alice_client: JsonClient, stripe_server: StripePeer
    ) -> None:
        alice_client.post("/api/subscription/checkout", {"plan": "premium_pro"})
        urls = {"success_url": "https://a.test", "cancel_url": "https://a.test"}
        customer_id = BillingCustomer.objects.get().customer_id
        other = StripeProvider().create_checkout(
            customer_id, user_id=alice.pk, plan="premium_pro", price_id="price_premium_pro", key="other", **urls
        )
        for session in (BillingCustomer.objects.get().checkout_id, other.id):
            stripe_server.front(f"checkout/{session}/pay")
        assert repair.reconcile(everybody=True).failed == {}
        found = StripeProvider().subscriptions_of(customer_id)
        assert sorted(one.status for one in found) == ["active", "canceled"]
        [kept] = [one.id for one in found if one.status == "active"]
        assert Subscription.objects.get().stripe_subscription_id == kept
        assert sorted(one["amount_refunded"] for one in taken(stripe_server)) == [0, 2999]
        assert metering.tier_of(alice.pk) == "premium_pro"


class TestGone:
    """A customer that was deleted at Stripe, and one of the test key with the live key: the error is the same."""

    def test_the_user_is_introduced_anew_once_and_pays(
        self, alice: User, alice_client: JsonClient, stripe_server: StripePeer
    ) -> None:
        bought(alice_client, stripe_server)
        gone = BillingCustomer.objects.get().customer_id
        stripe_server.front("gone", customer=gone)
        assert metering.tier_of(alice.pk) == "premium_pro", "until somebody asks"
        buy(alice_client, stripe_server, "premium_ultra")
        customer = BillingCustomer.objects.get()
        assert (customer.customer_id != gone, customer.mode) == (True, "test")
        assert len([one for one in stripe_server.requests() if one["path"] == "/v1/customers"]) == 2
        assert repair.reconcile(everybody=True).failed == {}
        assert metering.tier_of(alice.pk) == "premium_ultra"

    def test_an_order_is_paid_as_well(self, alice: User, alice_client: JsonClient, stripe_server: StripePeer) -> None:
        order = ordered(alice)
        assert pay(alice_client, order).status_code == 201
        stripe_server.front("gone", customer=BillingCustomer.objects.get().customer_id)
        stripe_server.front(f"checkout/{again(order).checkout_id}/forget")
        answer = pay(alice_client, order)
        assert answer.status_code == 201, answer.json()

    def test_there_is_nothing_to_manage_and_nothing_to_cancel(
        self, alice: User, alice_client: JsonClient, stripe_server: StripePeer
    ) -> None:
        bought(alice_client, stripe_server)
        stripe_server.front("gone", customer=BillingCustomer.objects.get().customer_id)
        answer = alice_client.post("/api/subscription/portal")
        assert (answer.status_code, "nothing to manage yet" in answer.json()["error"]) == (409, True)
        assert (Subscription.objects.get().status, metering.tier_of(alice.pk)) == ("canceled", "basic")
        assert alice_client.post("/api/subscription/cancel").status_code == 409

    def test_reconcile_only_tells_the_operator(
        self, alice: User, alice_client: JsonClient, stripe_server: StripePeer
    ) -> None:
        """A key of another account would make all of them look gone."""
        bought(alice_client, stripe_server)
        gone = BillingCustomer.objects.get().customer_id
        stripe_server.front("gone", customer=gone)
        assert list(repair.reconcile(everybody=True).failed) == [gone]
        assert metering.tier_of(alice.pk) == "premium_pro"

    def test_the_mode_of_the_key_is_kept_with_the_customer(
        self, alice: User, alice_client: JsonClient, stripe_server: StripePeer, settings: Settings
    ) -> None:
        bought(alice_client, stripe_server)
        tried = BillingCustomer.objects.get().customer_id
        settings.STRIPE_SECRET_KEY = "sk_live_canary7f"
        assert repair.retire_demo_plans() == 1
        assert metering.tier_of(alice.pk) == "basic", "nobody paid for it"
        assert repair.reconcile(everybody=True).checked == 0
        assert alice_client.post("/api/subscription/checkout", {"plan": "premium_pro"}).status_code == 201
        customer = BillingCustomer.objects.get()
        assert (customer.mode, customer.customer_id == tried) == ("live", False)


class TestPrices:
    def test_a_former_price_is_the_plan_it_was(
        self, alice: User, alice_client: JsonClient, stripe_server: StripePeer, settings: Settings
    ) -> None:
        settings.STRIPE_PRICES = settings.STRIPE_PRICES | {"premium_pro": "price_premium_ultra", "premium_ultra": "x"}
        buy(alice_client, stripe_server)
        settings.STRIPE_PRICES = settings.STRIPE_PRICES | {"premium_pro": "price_unlimited", "unlimited": "y"}
        settings.STRIPE_FORMER_PRICES = {"price_premium_ultra": "premium_pro"}
        assert repair.reconcile(everybody=True).failed == {}
        assert (metering.tier_of(alice.pk), Payment.objects.get().tier) == ("premium_pro", "premium_pro")

    def test_what_we_wrote_down_tells_the_plan(
        self, alice: User, alice_client: JsonClient, stripe_server: StripePeer, settings: Settings
    ) -> None:
        buy(alice_client, stripe_server)
        settings.STRIPE_PRICES = settings.STRIPE_PRICES | {"premium_pro": "price_new"}
        assert repair.reconcile(everybody=True).failed == {}
        assert metering.tier_of(alice.pk) == "premium_pro"
        assert Grant.objects.get().tier == "premium_pro"
