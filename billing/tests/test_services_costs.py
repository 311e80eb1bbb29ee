"""What tokens cost: parts and price in the ledger, and a day of the platform in dollars."""

from __future__ import annotations

from datetime import date
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from billing import metering
from billing.metering.tokens import sql
from billing.models import PlatformDay
from billing.models import TokenHold
from billing.models import UsageEntry
from billing.services.metering import prove_ledger
from core.llm.base import Usage
from core.llm.prices import Charge


def held(user: User, key: str, cost: str | None, *, least: int = metering.MIN_TOKENS) -> metering.Hold:
    return metering.hold(
        user.pk,
        key=key,
        prompt_tokens=100,
        max_tokens=890,
        feature="test",
        model="sol",
        effort="high",
        cost=None if cost is None else Decimal(cost),
        least=least,
    )


def day() -> tuple[int, int]:
    row = PlatformDay.objects.get()
    return row.micros_used, row.micros_held


class TestTheLedger:
    def test_it_keeps_the_parts_the_effort_and_the_price(self, alice: User) -> None:
        held(alice, "k", "1")
        usage = Usage(90, 400, cached_tokens=70, cache_write_tokens=5, reasoning_tokens=300)
        charge = Charge(Decimal("0.123456789"), date(2026, 11, 17), "catalogue")
        assert metering.settle("k", source="provider", usage=usage, charge=charge)
        entry = UsageEntry.objects.get()
        assert (entry.prompt_tokens, entry.completion_tokens, entry.total_tokens) == (90, 400, 490)
        assert (entry.cached_tokens, entry.cache_write_tokens, entry.reasoning_tokens) == (70, 5, 300)
        assert (entry.effort, entry.cost, entry.priced) == ("high", Decimal("0.12345679"), date(2026, 11, 17))
        assert entry.cost_source == "catalogue"

    def test_two_numbers_are_still_enough(self, alice: User) -> None:
        held(alice, "k", None)
        assert metering.settle("k", prompt_tokens=1, completion_tokens=2, source="local")
        entry = UsageEntry.objects.get()
        assert (entry.total_tokens, entry.cost, entry.reasoning_tokens, entry.cost_source) == (3, None, None, "")

    def test_less_than_what_thinking_needs_is_not_granted(self, alice: User, settings: Settings) -> None:
        settings.TOKEN_LIMITS = settings.TOKEN_LIMITS | {"basic": 610}
        with pytest.raises(metering.TokenLimitExceeded):
            held(alice, "dear", None, least=501)
        assert held(alice, "cheap", None, least=500).max_tokens == 500


class TestTheDayInMoney:
    @pytest.fixture(autouse=True)
    def _limit(self, settings: Settings) -> None:
        settings.TOKEN_LIMITS = settings.TOKEN_LIMITS | {"basic": -1}
        settings.DAILY_COST_LIMIT = Decimal("0.01")

    def test_the_dearest_case_is_held_and_what_it_became_is_used(self, alice: User, bob: User) -> None:
        held(alice, "a", "0.006")
        with pytest.raises(metering.PlatformLimitReached):
            held(bob, "b", "0.005")
        assert not TokenHold.objects.filter(key="b").exists()
        metering.settle(
            "a", source="provider", usage=Usage(10, 10), charge=Charge(Decimal("0.0010001"), None, "provider")
        )
        assert day() == (1_001, 0)
        held(bob, "b", "0.005")
        assert day() == (1_001, 5_000)
        assert prove_ledger() == []

    def test_what_nobody_knows_the_price_of_is_not_counted(self, alice: User) -> None:
        held(alice, "a", None)
        metering.settle("a", prompt_tokens=1, completion_tokens=1, source="local")
        assert not PlatformDay.objects.exists()

    def test_an_abandoned_hold_costs_as_its_tokens_are_of_the_whole(self, alice: User) -> None:
        held(alice, "a", "0.006")
        metering.record_progress([metering.HoldProgress("a", 100, 150)])
        metering.sweep(timezone.now() + timedelta(days=1))
        assert day() == (1_500, 0)
        assert prove_ledger() == []

    def test_both_limits_share_the_row(self, alice: User, settings: Settings) -> None:
        settings.DAILY_TOKEN_LIMIT = 1_500
        held(alice, "a", "0.006")
        with pytest.raises(metering.PlatformLimitReached):
            held(alice, "b", "0.001")
        row = PlatformDay.objects.get()
        assert (row.tokens_held, row.micros_held) == (1_000, 6_000)
        assert prove_ledger() == []

    def test_what_was_spent_before_it_was_switched_on_counts(self, alice: User, settings: Settings) -> None:
        limit, settings.DAILY_COST_LIMIT = settings.DAILY_COST_LIMIT, None
        held(alice, "a", "0.006")
        metering.settle("a", source="provider", usage=Usage(1, 1), charge=Charge(Decimal("0.006"), None, "provider"))
        assert not PlatformDay.objects.exists()
        settings.DAILY_COST_LIMIT = limit
        with pytest.raises(metering.PlatformLimitReached):
            held(alice, "b", "0.005")
        held(alice, "c", "0.004")

    def test_the_proof_finds_money_that_was_lost(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        held(alice, "a", "0.006")
        released = "UPDATE platform_days SET micros_held = micros_held - %s + 0 * %s WHERE day = %s"
        monkeypatch.setattr(sql, "CHARGE_MONEY", released)
        metering.settle("a", source="provider", usage=Usage(1, 1), charge=Charge(Decimal("0.002"), None, "provider"))
        assert [finding.kind for finding in prove_ledger()] == ["platform_cost"]
