"""What notifications mean for the plan, and what time does to it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from billing import metering
from billing.models import Grant
from billing.models import Payment
from billing.models import Subscription
from billing.models import WebhookEvent
from billing.payments import prices
from billing.payments import repair
from billing.payments import webhooks
from billing.providers import base
from billing.tests.stripe_mirror import CUSTOMER
from billing.tests.stripe_mirror import NOW
from billing.tests.stripe_mirror import Mirror
from billing.tests.stripe_mirror import account
from billing.tests.stripe_mirror import body_of
from billing.tests.stripe_mirror import invoice
from billing.tests.stripe_mirror import send
from billing.tests.stripe_mirror import stripe
from billing.tests.stripe_mirror import subscribed

__all__ = ["stripe"]


pytestmark = pytest.mark.django_db(transaction=True)


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

    def test_an_unknown_price_alone_grants_nothing_but_can_be_ended(self, alice: User) -> None:
        account(subscribed(price_id="price_unheard_of"), invoice(lines=[]))
        send(body_of())
        row = Subscription.objects.get()
        assert (row.tier, row.status, row.is_managed, row.price_id) == ("basic", "active", True, "price_unheard_of")
        assert metering.tier_of(alice.pk) == "basic"

    def test_an_unknown_price_leaves_a_present_of_the_staff_alone(self, alice: User) -> None:
        from billing.services.plans import grant_plan

        grant_plan(None, user=alice, tier="premium_ultra", reason="Gift")
        account(subscribed(price_id="price_unheard_of"))
        send(body_of())
        assert Subscription.objects.get().stripe_subscription_id is None
        assert metering.tier_of(alice.pk) == "premium_ultra"

    @pytest.mark.parametrize(
        ("status", "stands", "tier"),
        [("canceled", "canceled", "basic"), ("unpaid", "unpaid", "basic"), ("past_due", "past_due", "premium_pro")],
    )
    def test_how_it_stands_is_heard_whatever_its_price_is_called(
        self, alice: User, status: base.SubscriptionStatus, stands: str, tier: str
    ) -> None:
        """Its price was taken out of the settings while people paid it."""
        account(subscribed(price_id="price_old", plan="premium_pro"), invoice())
        send(body_of())
        assert metering.tier_of(alice.pk) == "premium_pro"
        account(subscribed(status, price_id="price_old"), invoice())
        send(body_of("customer.subscription.updated", "evt_2"))
        row = Subscription.objects.get()
        assert (row.status, row.tier, metering.tier_of(alice.pk)) == (stands, "premium_pro", tier)

    def test_the_end_of_the_period_is_heard_too(self, alice: User) -> None:
        account(subscribed(), invoice())
        send(body_of())
        account(subscribed(price_id="price_unheard_of", cancel_at_period_end=True), invoice())
        send(body_of("customer.subscription.updated", "evt_2"))
        row = Subscription.objects.get()
        assert (row.tier, row.cancel_at_period_end, metering.tier_of(alice.pk)) == ("premium_pro", True, "premium_pro")

    def test_a_product_of_one_plan_tells_the_plan(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        def price(_self: Mirror, price_id: str) -> base.Priced:
            shared = price_id in {"price_premium_starter", "price_premium_ultra"}
            product = "prod_shared" if shared else price_id.replace("price", "prod")
            return base.Priced(1, "USD", is_active=True, is_monthly=True, product_id=product)

        prices._by_product.cache_clear()
        monkeypatch.setattr(Mirror, "retrieve_price", price)
        account(subscribed(price_id="price_of_2020", product_id="prod_premium_pro"), invoice())
        send(body_of())
        assert (metering.tier_of(alice.pk), WebhookEvent.objects.get().state) == ("premium_pro", "done")
        account(subscribed(price_id="price_of_2019", product_id="prod_shared", id="sub_1"), invoice())
        send(body_of(event_id="evt_2"))
        assert WebhookEvent.objects.get(event_id="evt_2").state == "failed", "two plans have that product"
        prices._by_product.cache_clear()

    def test_a_first_payment_that_is_not_made_counts_for_nothing(self, alice: User) -> None:
        account(subscribed("incomplete"), invoice(status="open"))
        send(body_of("customer.subscription.created"))
        assert (Subscription.objects.exists(), metering.tier_of(alice.pk)) == (False, "basic")

    def test_an_unpaid_upgrade_counts_for_nothing(self, alice: User) -> None:
        account(subscribed(), invoice(), invoice(2, "open", "premium_ultra"))
        send(body_of("customer.subscription.updated"))
        assert metering.tier_of(alice.pk) == "premium_pro"

    def test_of_two_subscriptions_the_newer_ends_and_is_given_back(
        self, alice: User, caplog: pytest.LogCaptureFixture
    ) -> None:
        newer = subscribed(id="sub_2", tier="premium_ultra", created=NOW + timedelta(seconds=1))
        account(newer, subscribed(), invoice(), invoice(2, tier="premium_ultra", subscription_id="sub_2"))
        send(body_of("customer.subscription.created"))
        assert metering.tier_of(alice.pk) == "premium_pro", "the older stays, though it is the smaller"
        assert (Mirror.ended, Mirror.given_back) == (["sub_2"], [("pi_2", 2999)])
        assert "billing.two_subscriptions" in [record.message for record in caplog.records]
        send(body_of("customer.subscription.updated", "evt_2"))
        assert (Mirror.ended, Mirror.given_back) == (["sub_2"], [("pi_2", 2999)]), "once"

    def test_money_that_comes_after_a_double_has_ended_goes_back_too(self, alice: User) -> None:
        newer = subscribed(id="sub_2", created=NOW + timedelta(seconds=1))
        account(newer, subscribed(), invoice())
        send(body_of("customer.subscription.created"))
        assert (Mirror.ended, Mirror.given_back) == (["sub_2"], [])
        account(*Mirror.account.subscriptions, invoice(), invoice(2, subscription_id="sub_2"))
        send(body_of(event_id="evt_2"))
        assert Mirror.given_back == [("pi_2", 2999)]

    def test_a_first_subscription_that_has_ended_makes_none_a_double(self, alice: User) -> None:
        account(subscribed("canceled"), subscribed(id="sub_2", created=NOW + timedelta(seconds=1)), invoice())
        send(body_of())
        assert (Mirror.ended, metering.tier_of(alice.pk)) == ([], "premium_pro")

    def test_a_present_of_the_staff_outlives_an_old_subscription(self, alice: User) -> None:
        from billing.services.plans import grant_plan

        account(subscribed("canceled"), invoice())
        send(body_of())
        grant_plan(None, user=alice, tier="premium_ultra", reason="Gift")
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
