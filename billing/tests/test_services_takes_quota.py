"""Actions that are paid for in another way: recorded as tokens, and taken from nobody's window."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from billing import metering
from billing.metering import proof
from billing.models import PlatformDay
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from billing.tests.factories import held
from billing.tests.factories import quota
from billing.tests.factories import spent


def aside(user: User, key: str = "image:1", *, answer: int = 890) -> metering.Hold:
    return metering.hold(user.pk, key=key, prompt_tokens=100, max_tokens=answer, feature="imaging", quota=False)


def test_the_window_is_left_alone_and_the_ledger_knows(alice: User) -> None:
    spent(alice, 300)
    hold = aside(alice)
    assert (hold.amount, quota(alice).tokens_held) == (1_000, 0)
    assert proof.check() == []
    assert metering.settle(hold.key, prompt_tokens=90, completion_tokens=410, source="provider")
    assert (quota(alice).tokens_used, quota(alice).tokens_held) == (300, 0)
    entry = UsageEntry.objects.get(feature="imaging")
    assert (entry.total_tokens, entry.window) == (500, 0)
    assert proof.check() == []


def test_an_empty_balance_refuses_nothing(alice: User, settings: Settings) -> None:
    settings.TOKEN_LIMITS = settings.TOKEN_LIMITS | {"basic": 1_000}
    held(alice)
    with pytest.raises(metering.TokenLimitExceeded):
        held(alice)
    assert aside(alice, answer=4_000).max_tokens == 4_000


def test_who_has_no_window_needs_none(alice: User) -> None:
    metering.settle(aside(alice).key, prompt_tokens=1, completion_tokens=2, source="local")
    assert not TokenQuota.objects.exists()


def test_the_platforms_day_stays_exact(alice: User, settings: Settings) -> None:
    settings.DAILY_TOKEN_LIMIT = 2_500
    first = aside(alice)
    held(alice)
    with pytest.raises(metering.PlatformLimitReached):
        aside(alice, "image:2")
    metering.settle(first.key, prompt_tokens=100, completion_tokens=100, source="provider")
    day = PlatformDay.objects.get()
    assert (day.tokens_used, day.tokens_held) == (200, 1_000)
    assert proof.check() == []


def test_a_dead_one_is_swept_without_the_window(alice: User) -> None:
    held(alice)
    hold = aside(alice)
    metering.record_progress([metering.HoldProgress(hold.key, 100, 20)])
    TokenHold.objects.filter(key=hold.key).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert metering.sweep() == 1
    assert (quota(alice).tokens_used, quota(alice).tokens_held) == (0, 1_000)
    assert UsageEntry.objects.get().total_tokens == 120
    assert proof.check() == []


def test_the_release_before_this_one_still_holds(alice: User) -> None:
    """Its statement does not know the column."""
    hold = held(alice)
    with connection.cursor() as cursor:
        columns = "key, user_id, amount, state, charged, created_at, expires_at, max_tokens, progress_prompt"
        columns += ", progress_completion, feature, model, reference"
        cursor.execute(
            f"INSERT INTO token_holds (id, {columns}) SELECT %s, 'old', user_id, amount, state, charged,"
            " created_at, expires_at, max_tokens, progress_prompt, progress_completion, feature, model, reference"
            " FROM token_holds WHERE key = %s",
            [str(hold.id).replace("-", "")[::-1], hold.key],
        )
    assert TokenHold.objects.get(key="old").takes_quota is True
