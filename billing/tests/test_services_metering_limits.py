"""The platform's limit, tiers, and a ledger that only grows."""

from __future__ import annotations

import pytest
from django.db import IntegrityError
from django.db import connection
from pytest_django import Settings

from accounts.models import User
from billing import metering
from billing.models import PlatformDay
from billing.models import UsageEntry
from billing.tests.factories import held
from billing.tests.factories import quota
from billing.tests.factories import spent


@pytest.fixture(autouse=True)
def _small_balance(settings: Settings) -> None:
    settings.TOKEN_LIMITS = settings.TOKEN_LIMITS | {"basic": 10_000}


class TestPlatformLimit:
    @pytest.fixture(autouse=True)
    def _limit(self, settings: Settings) -> None:
        settings.TOKEN_LIMITS = settings.TOKEN_LIMITS | {"basic": -1}
        settings.DAILY_TOKEN_LIMIT = 3_000

    def test_generation_stops_for_everybody(self, alice: User, bob: User) -> None:
        held(alice)
        held(bob)
        held(bob, "message:3")
        with pytest.raises(metering.PlatformLimitReached) as refusal:
            held(alice)
        body = refusal.value.body()
        assert (refusal.value.status, body["code"]) == (503, "platform_limit_reached")
        assert 0 < body["retry_after"] <= 24 * 3600
        assert quota(alice).tokens_held == 1_000, "the user's own hold is undone with it"
        metering.settle("message:3", prompt_tokens=100, completion_tokens=0, source="local")
        with pytest.raises(metering.PlatformLimitReached):
            held(alice, answer=1_000)
        assert held(alice, answer=700).amount == 810

    def test_what_was_spent_before_it_was_switched_on_counts(self, alice: User, settings: Settings) -> None:
        settings.DAILY_TOKEN_LIMIT = -1
        spent(alice, 2_500)
        settings.DAILY_TOKEN_LIMIT = 3_000
        with pytest.raises(metering.PlatformLimitReached):
            held(alice)
        assert held(alice, prompt=0, answer=500).created
        assert PlatformDay.objects.get().tokens_before == 2_500

    def test_zero_allows_nothing(self, alice: User, settings: Settings) -> None:
        settings.DAILY_TOKEN_LIMIT = 0
        with pytest.raises(metering.PlatformLimitReached):
            held(alice)

    def test_off_means_not_counted(self, alice: User, settings: Settings) -> None:
        settings.DAILY_TOKEN_LIMIT = -1
        spent(alice, 100)
        assert not PlatformDay.objects.exists()


class TestTiers:
    def test_a_smaller_plan_is_asked_to_upgrade(self, alice: User) -> None:
        with pytest.raises(metering.UpgradeRequired) as refusal:
            metering.require_tier(alice.pk, "premium_starter")
        assert refusal.value.status == 403
        assert refusal.value.body() == {
            "error": "Upgrade required",
            "code": "upgrade_required",
            "required_tier": "premium_starter",
        }
        metering.require_tier(alice.pk, "basic")

    @pytest.mark.parametrize(
        ("have", "need", "allowed"),
        [
            ("basic", "basic", True),
            ("basic", "premium_starter", False),
            ("unlimited", "premium_ultra", True),
            ("premium_pro", "premium_ultra", False),
            ("retired_plan", "basic", True),
            ("retired_plan", "premium_starter", False),
        ],
    )
    def test_tiers_are_ordered(self, have: str, need: str, allowed: bool) -> None:
        assert metering.tier_allows(have, need) is allowed


class TestLedger:
    def test_it_cannot_be_rewritten_in_python(self, alice: User) -> None:
        spent(alice, 100)
        entry = UsageEntry.objects.get()
        for rewrite in (
            entry.save,
            entry.delete,
            UsageEntry.objects.all().delete,
            lambda: UsageEntry.objects.update(total_tokens=0),
        ):
            with pytest.raises(TypeError, match="append-only"):
                rewrite()

    @pytest.mark.parametrize("statement", ["UPDATE usage_entries SET overrun = 1", "DELETE FROM usage_entries"])
    def test_nor_in_sql(self, alice: User, statement: str) -> None:
        if statement.startswith("DELETE") and connection.vendor == "sqlite":
            pytest.skip("SQLite empties tables by DELETE: only updates are refused there")
        spent(alice, 100)
        with pytest.raises(IntegrityError, match="append-only"), connection.cursor() as cursor:
            cursor.execute(statement)
