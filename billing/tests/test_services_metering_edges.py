"""The exact edges of what may be spent, to the last token and second, and the order in which rows are locked."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from billing import metering
from billing.metering import minutes
from billing.models import PlatformDay
from billing.models import TokenHold
from billing.services.metering import grant_tokens
from billing.services.metering import prove_ledger
from billing.services.plans import grant_plan
from billing.tests.factories import held
from billing.tests.factories import later
from billing.tests.factories import quota

pytestmark = pytest.mark.django_db

LIMIT = 10_000
TTL = timedelta(minutes=1)
PROMPT = 100
"""Held as 110."""


@pytest.fixture(autouse=True)
def _small_balance(settings: Settings) -> None:
    settings.TOKEN_LIMITS = settings.TOKEN_LIMITS | {"basic": LIMIT}


def leave(user: User, tokens: int) -> None:
    """Spend all but so many."""
    hold = metering.hold_exact(
        user.pk, key="before", tokens=LIMIT - tokens, feature="aichat", model="demo", reference="", ttl=TTL
    )
    assert metering.settle(hold.key, prompt_tokens=LIMIT - tokens, completion_tokens=0, source="provider")
    assert quota(user).tokens_used == LIMIT - tokens


@pytest.mark.parametrize("answer", [64, 65, 890, 4_096])
def test_what_fits_exactly_is_held_whole_and_one_less_is_shrunk(alice: User, answer: int) -> None:
    leave(alice, 110 + answer)
    assert held(alice, "whole", prompt=PROMPT, answer=answer).max_tokens == answer
    assert quota(alice).tokens_used + quota(alice).tokens_held == LIMIT, "to the last token"
    metering.settle("whole", prompt_tokens=0, completion_tokens=0, source="local")
    shrunk = held(alice, "shrunk", prompt=PROMPT, answer=answer + 1)
    assert shrunk.max_tokens == answer
    assert quota(alice).tokens_used + quota(alice).tokens_held == LIMIT


@pytest.mark.parametrize(
    ("left", "granted"), [(110 + 63, None), (110 + 64, 64), (110 + 65, 65), (110, None), (0, None)]
)
def test_the_smallest_answer(alice: User, left: int, granted: int | None) -> None:
    leave(alice, left)
    if granted is None:
        with pytest.raises(metering.TokenLimitExceeded) as refusal:
            held(alice, prompt=PROMPT, answer=890)
        assert refusal.value.body()["used"] == LIMIT - left
        assert quota(alice).tokens_held == 0
    else:
        assert held(alice, prompt=PROMPT, answer=890).max_tokens == granted
        assert quota(alice).tokens_held == left


def test_the_last_token_can_be_spent_and_then_nothing(alice: User) -> None:
    leave(alice, 1)
    exact: dict[str, Any] = {"feature": "aichat", "model": "demo", "reference": "", "ttl": TTL}
    with pytest.raises(metering.TokenLimitExceeded):
        metering.hold_exact(alice.pk, key="two", tokens=2, **exact)
    metering.hold_exact(alice.pk, key="one", tokens=1, **exact)
    assert metering.settle("one", prompt_tokens=1, completion_tokens=0, source="provider")
    assert (quota(alice).tokens_used, quota(alice).tokens_held) == (LIMIT, 0)
    with pytest.raises(metering.TokenLimitExceeded):
        metering.hold_exact(alice.pk, key="more", tokens=1, **exact)
    assert prove_ledger() == []


def test_what_was_granted_on_top_counts_to_the_last_token(alice: User) -> None:
    leave(alice, 0)
    grant_tokens(None, user=alice, tokens=174, reference="a", reason="x")
    assert held(alice, prompt=PROMPT, answer=890).max_tokens == 64
    with pytest.raises(metering.TokenLimitExceeded):
        held(alice, prompt=0, answer=1)


@pytest.mark.parametrize(("limit", "fits"), [(1_000, True), (999, False)])
def test_the_platforms_day(alice: User, settings: Settings, limit: int, fits: bool) -> None:
    settings.DAILY_TOKEN_LIMIT = limit
    if fits:
        held(alice)
        assert PlatformDay.objects.get().tokens_held == limit
    with pytest.raises(metering.PlatformLimitReached):
        held(alice, prompt=0, answer=1_000 if not fits else 1)


def test_the_last_call_minute(alice: User) -> None:
    grant_plan(None, user=alice, tier="premium_starter", reason="Raffle")
    minutes.hold(alice.pk, key="call:1", seconds=99 * 60)
    last = minutes.hold(alice.pk, key="call:2", seconds=300)
    assert last.amount == 60
    with pytest.raises(minutes.MinuteLimitExceeded):
        minutes.hold(alice.pk, key="call:3", seconds=60)


def tables(queries: CaptureQueriesContext, *names: str) -> list[str]:
    """The tables that are written, in the order of their first statement."""
    written = [match[1] for query in queries if (match := re.match(r'\s*(?:UPDATE|INSERT INTO) "?(\w+)', query["sql"]))]
    return [name for name in dict.fromkeys(written) if name in names]


class TestLocks:
    """Two writers of the same rows in another order wait for each other: hold, quota, platform day, everywhere."""

    ORDER = ("token_holds", "token_usage", "platform_days")

    def test_a_settlement(self, alice: User, settings: Settings) -> None:
        settings.DAILY_TOKEN_LIMIT = 100_000
        held(alice, "message:1")
        with CaptureQueriesContext(connection) as queries:
            metering.settle("message:1", prompt_tokens=10, completion_tokens=10, source="provider")
        assert tables(queries, *self.ORDER) == list(self.ORDER)

    def test_the_sweeper(self, alice: User, settings: Settings) -> None:
        settings.DAILY_TOKEN_LIMIT = 100_000
        held(alice, "message:1")
        TokenHold.objects.update(expires_at=later(minutes=-5))
        with CaptureQueriesContext(connection) as queries:
            assert metering.sweep() == 1
        assert tables(queries, *self.ORDER) == list(self.ORDER)

    def test_a_hold(self, alice: User, settings: Settings) -> None:
        settings.DAILY_TOKEN_LIMIT = 100_000
        metering.allowance(alice.pk)
        held(alice, "message:1")
        with CaptureQueriesContext(connection) as queries:
            held(alice, "message:2")
        assert tables(queries, *self.ORDER) == list(self.ORDER)

    def test_a_call(self, alice: User) -> None:
        grant_plan(None, user=alice, tier="premium_starter", reason="Raffle")
        minutes.hold(alice.pk, key="call:1", seconds=60)
        with CaptureQueriesContext(connection) as queries:
            minutes.settle("call:1", seconds=60)
        assert tables(queries, "minute_holds", "minute_quotas") == ["minute_holds", "minute_quotas"]
