"""Holds of known size: all or nothing, kept for as long as a vendor takes, and paid by an order where there is one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from billing import metering
from billing import orders
from billing.models import PlatformDay
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from billing.tests.factories import quota
from billing.tests.order_kit import ordered
from billing.tests.order_kit import paid_order
from core.errors import IdempotencyMismatch

TTL = timedelta(hours=2)

pytestmark = pytest.mark.django_db


def exact(user: User, tokens: int, key: str = "k", **more: Any) -> metering.Hold:
    return metering.hold_exact(user.pk, key=key, tokens=tokens, feature="translation", ttl=TTL, **more)


class TestAllOrNothing:
    def test_to_the_last_token_and_not_one_more(self, alice: User) -> None:
        with pytest.raises(metering.TokenLimitExceeded):
            exact(alice, 100_001)
        assert (TokenHold.objects.count(), metering.allowance(alice.pk).held) == (0, 0)
        held = exact(alice, 100_000)
        assert (held.amount, held.max_tokens, held.created, quota(alice).tokens_held) == (100_000, 0, True, 100_000)
        with pytest.raises(metering.TokenLimitExceeded):
            exact(alice, 1, "another")

    def test_a_repeated_key_is_the_first_hold(self, alice: User, bob: User) -> None:
        first = exact(alice, 70)
        again = exact(alice, 90)
        assert (again.id, again.amount, again.created) == (first.id, 70, False)
        with pytest.raises(IdempotencyMismatch):
            exact(bob, 70)

    def test_it_is_settled_as_any_other(self, alice: User) -> None:
        exact(alice, 70)
        assert metering.settle("k", prompt_tokens=60, completion_tokens=0, source="local") is True
        assert (quota(alice).tokens_used, quota(alice).tokens_held) == (60, 0)

    @pytest.mark.parametrize(("tokens", "ttl"), [(0, TTL), (-1, TTL), (1, timedelta())])
    def test_nonsense(self, alice: User, tokens: int, ttl: timedelta) -> None:
        with pytest.raises(ValueError, match="exact hold"):
            metering.hold_exact(alice.pk, key="k", tokens=tokens, feature="x", ttl=ttl)


class TestKeeping:
    def test_it_outlives_the_sweeper_as_long_as_it_is_kept(self, alice: User) -> None:
        exact(alice, 70)
        now = timezone.now()
        assert metering.sweep(now + TTL - timedelta(minutes=1)) == 0
        assert metering.keep("k", timedelta(hours=5)) is True
        assert metering.keep("k", timedelta(hours=1)) is True, "it is never made shorter"
        assert metering.sweep(now + timedelta(hours=4)) == 0
        assert metering.sweep(now + timedelta(hours=6)) == 1
        assert (quota(alice).tokens_used, quota(alice).tokens_held) == (0, 0)
        assert metering.keep("k", TTL) is False
        assert metering.keep("unknown", TTL) is False


class TestFunding:
    def test_the_order_pays_and_the_window_does_not(self, alice: User, settings: Settings) -> None:
        settings.DAILY_TOKEN_LIMIT = 500_000
        order = paid_order(alice)
        held = exact(alice, 250_000, funded_by=order.reference)
        assert held.amount == 250_000, "more than the window has"
        assert PlatformDay.objects.get().tokens_held == 250_000
        assert not TokenQuota.objects.filter(pk=alice.pk, tokens_held__gt=0).exists()
        metering.settle("k", prompt_tokens=200_000, completion_tokens=1_000, source="provider")
        day, entry = PlatformDay.objects.get(), UsageEntry.objects.get()
        assert (day.tokens_used, day.tokens_held) == (201_000, 0)
        assert (entry.total_tokens, entry.funded_by, entry.window) == (201_000, order.reference, 0)
        assert metering.allowance(alice.pk).left == 100_000

    def test_the_platforms_day_refuses_it_too(self, alice: User, settings: Settings) -> None:
        settings.DAILY_TOKEN_LIMIT = 1000
        with pytest.raises(metering.PlatformLimitReached):
            exact(alice, 1001, funded_by=paid_order(alice).reference)
        assert not TokenHold.objects.exists()

    def test_an_abandoned_one_is_swept_at_its_progress(self, alice: User) -> None:
        exact(alice, 70, funded_by=paid_order(alice).reference)
        metering.sweep(timezone.now() + timedelta(hours=3))
        assert (UsageEntry.objects.get().total_tokens, metering.allowance(alice.pk).left) == (0, 100_000)

    def test_only_a_paid_order_of_ones_own(self, alice: User, bob: User) -> None:
        ended = paid_order(alice)
        orders.close(ended.pk, reason="Enough")
        for reference in (ordered(alice).reference, ended.reference, paid_order(bob).reference, "order:x", "x"):
            with pytest.raises(metering.OrderNotPaid):
                exact(alice, 1, funded_by=reference)
        assert not TokenHold.objects.exists()
