"""Granting plans and resetting windows: by whom, why, and what is written down."""

from __future__ import annotations

import pytest
from django.utils import translation
from pytest_django import Settings

from accounts.models import AuditEvent
from accounts.models import User
from billing import metering
from billing import plans
from billing.models import Subscription
from billing.services.metering import reset_tokens
from billing.services.plans import grant_plan
from billing.tests.factories import held
from billing.tests.factories import quota
from billing.tests.factories import spent
from conftest import make_user
from core.errors import Forbidden
from core.errors import InvalidInput


@pytest.fixture
def staff(db: None) -> User:
    return make_user("staff", is_staff=True)


class TestGrant:
    def test_it_takes_effect_at_once(self, staff: User, alice: User) -> None:
        spent(alice, 700)
        subscription, changed = grant_plan(staff, user=alice, tier="premium_pro", reason="Won the raffle")
        assert changed
        assert (subscription.tier, subscription.status) == ("premium_pro", "active")
        assert subscription.current_period_start is not None
        assert metering.tier_of(alice.pk) == "premium_pro"
        assert (quota(alice).tokens_limit, quota(alice).tokens_used) == (2_000_000, 700)

    def test_it_is_audited(self, staff: User, alice: User) -> None:
        grant_plan(staff, user=alice, tier="premium_pro", reason=" Won the raffle ")
        event = AuditEvent.objects.get(event="plan.granted")
        assert (event.actor_id, event.object_ref) == (staff.pk, f"user:{alice.pk}")
        assert event.data == {"before": "basic", "after": "premium_pro", "reason": "Won the raffle"}

    def test_again_changes_nothing(self, staff: User, alice: User) -> None:
        for expected in (True, False):
            _subscription, changed = grant_plan(staff, user=alice, tier="premium_pro", reason="Raffle")
            assert changed is expected
        assert AuditEvent.objects.filter(event="plan.granted").count() == 1

    def test_basic_to_a_user_without_a_plan_changes_nothing(self, staff: User, alice: User) -> None:
        assert grant_plan(staff, user=alice, tier="basic", reason="Nothing")[1] is False

    def test_it_revives_a_lost_plan(self, staff: User, alice: User) -> None:
        Subscription.objects.create(user=alice, tier="premium_pro", status="unpaid")
        assert metering.tier_of(alice.pk) == "basic"
        subscription, changed = grant_plan(staff, user=alice, tier="premium_pro", reason="Paid by transfer")
        assert (changed, subscription.status) == (True, "active")
        assert metering.tier_of(alice.pk) == "premium_pro"

    @pytest.mark.parametrize(("tier", "reason", "field"), [("gold", "Because", "tier"), ("premium_pro", " ", "reason")])
    def test_nonsense_is_refused(self, staff: User, alice: User, tier: str, reason: str, field: str) -> None:
        with pytest.raises(InvalidInput) as refusal:
            grant_plan(staff, user=alice, tier=tier, reason=reason)
        assert list(refusal.value.details or {}) == [field]
        assert not Subscription.objects.exists()

    def test_only_staff_may(self, alice: User, charlie: User, staff: User) -> None:
        for actor, user in ((charlie, charlie), (charlie, alice), (staff, staff)):
            with pytest.raises(Forbidden):
                grant_plan(actor, user=user, tier="unlimited", reason="I would like it")
        assert not Subscription.objects.exists()


class TestReset:
    def test_it_opens_a_window_and_keeps_holds(self, staff: User, alice: User) -> None:
        spent(alice, 700)
        held(alice)
        end = quota(alice).reset_at
        assert reset_tokens(staff, users=[alice], reason="Outage") == 1
        row = quota(alice)
        assert (row.tokens_used, row.tokens_held, row.window, row.reset_at) == (0, 1_000, 2, end)

    def test_each_user_is_audited_once(self, staff: User, alice: User, bob: User) -> None:
        spent(alice, 700)
        assert [reset_tokens(staff, users=[bob, alice], reason="Outage") for _ in range(2)] == [1, 0]
        event = AuditEvent.objects.get(event="tokens.reset")
        assert (event.actor_id, event.object_ref, event.data) == (staff.pk, f"user:{alice.pk}", {"reason": "Outage"})

    def test_only_staff_may_and_only_with_a_reason(self, staff: User, alice: User, charlie: User) -> None:
        spent(alice, 700)
        with pytest.raises(Forbidden):
            reset_tokens(charlie, users=[alice], reason="Please")
        with pytest.raises(InvalidInput):
            reset_tokens(staff, users=[alice], reason="")
        assert quota(alice).tokens_used == 700


class TestEffectiveTier:
    @pytest.mark.parametrize(
        ("status", "tier"),
        [("active", "premium_pro"), ("past_due", "premium_pro"), ("canceled", "basic"), ("unpaid", "basic")],
    )
    def test_it_follows_the_status(self, alice: User, status: str, tier: str) -> None:
        Subscription.objects.create(user=alice, tier="premium_pro", status=status)
        assert metering.allowance(alice.pk).tier == tier
        assert metering.tier_of(alice.pk) == tier


class TestPlans:
    def test_they_are_data(self, settings: Settings) -> None:
        settings.PLANS = settings.PLANS | {
            "premium_pro": {"name": "Pro", "price_cents": 1234, "call_minutes": 7, "agents": 3}
        }
        plan = plans.plan("premium_pro")
        assert (plan.name, plan.price_cents, plan.currency, plan.call_minutes) == ("Pro", 1234, "USD", 7)
        assert plan.agents == 3
        assert plan.tokens_limit == 2_000_000

    def test_nothing_is_sold_that_a_missing_app_would_deliver(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("billing.plans.apps.is_installed", lambda _name: False)
        with translation.override("en"):
            assert plans.plan("unlimited").features == ["Unlimited tokens"]

    def test_phrases_speak_of_the_settings(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("billing.plans.apps.is_installed", lambda name: name in {"calls", "agents"})
        with translation.override("en"):
            assert plans.plan("basic").features[0] == "100,000 tokens every 6 hours"
            assert plans.plan("unlimited").features == [
                "Unlimited tokens",
                "Unlimited call minutes",
                "Unlimited agents",
            ]
            assert [plans.plan(tier).features[2:] for tier in settings.TIERS[:3]] == [[], ["1 agent"], ["10 agents"]]
        with translation.override("uk"):
            said = [plans.plan(tier).features[2:] for tier in settings.TIERS[:4]]
            assert said == [[], ["1 агент"], ["10 агентів"], ["Агенти без обмеження"]]
