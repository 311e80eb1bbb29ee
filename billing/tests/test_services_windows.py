"""Windows: when they open, for whom, and what becomes of holds that are open across the boundary."""

from __future__ import annotations

import threading
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connections
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django import Settings

from accounts.models import User
from billing import metering
from billing import plans
from billing import tasks
from billing.metering import proof
from billing.metering.tokens import quotas
from billing.models import TokenQuota
from billing.models import UsageEntry
from billing.tests import crowd
from billing.tests.factories import held
from billing.tests.factories import later
from billing.tests.factories import quota
from billing.tests.factories import spent
from conftest import make_user

NOON = datetime(2030, 5, 17, 12, 0, tzinfo=UTC)


def due_at(user: User, moment: datetime) -> None:
    """The user's window ends at this moment."""
    TokenQuota.objects.filter(pk=user.pk).update(reset_at=moment)


class TestBoundaries:
    @pytest.mark.parametrize(
        ("hours", "now", "end"),
        [
            (6, "05:59:59", "06:00"),
            (6, "06:00:00", "12:00"),
            (6, "07:13:00", "12:00"),
            (24, "07:13:00", "00:00"),
            (1, "07:13:00", "08:00"),
        ],
    )
    def test_they_lie_on_the_clock(self, settings: Settings, hours: int, now: str, end: str) -> None:
        settings.TOKEN_RESET_INTERVALS = settings.TOKEN_RESET_INTERVALS | {"basic": timedelta(hours=hours)}
        moment = datetime.fromisoformat(f"2030-05-17T{now}+00:00")
        boundary = plans.next_boundary("basic", moment)
        assert boundary.strftime("%H:%M") == end
        assert moment < boundary <= moment + timedelta(hours=hours)

    def test_a_plan_may_have_a_rhythm_of_its_own(self, alice: User, settings: Settings) -> None:
        settings.TOKEN_RESET_INTERVALS = settings.TOKEN_RESET_INTERVALS | {"basic": timedelta(hours=24)}
        assert metering.allowance(alice.pk).reset_at.hour == 0


class TestReset:
    def test_it_empties_the_window_and_keeps_the_ledger(self, alice: User) -> None:
        spent(alice, 700)
        due_at(alice, NOON)
        assert quotas.reset_due(NOON) == 1
        row = quota(alice)
        assert (row.tokens_used, row.window, row.reset_at) == (0, 2, NOON + timedelta(hours=6))
        assert UsageEntry.objects.get().total_tokens == 700
        assert proof.check() == []

    def test_a_late_run_does_not_drift(self, alice: User) -> None:
        metering.allowance(alice.pk)
        due_at(alice, NOON)
        quotas.reset_due(NOON + timedelta(hours=2, minutes=40))
        assert quota(alice).reset_at == NOON + timedelta(hours=6)

    def test_missed_windows_are_one_reset(self, alice: User) -> None:
        metering.allowance(alice.pk)
        due_at(alice, NOON)
        assert quotas.reset_due(NOON + timedelta(days=3, hours=1)) == 1
        row = quota(alice)
        assert (row.window, row.reset_at) == (2, NOON + timedelta(days=3, hours=6))

    @pytest.mark.parametrize("offsets", [(0, 0), (-60, 60), (60, -60), (60, 0, -60, 59), (-60, -30, 0, 30, 60)])
    def test_clocks_an_hour_off_make_one_reset(self, alice: User, offsets: tuple[int, ...]) -> None:
        """Beats and workers pass the boundary in any order of their clocks, each at its own idea of every minute."""
        metering.allowance(alice.pk)
        due_at(alice, NOON)
        for minute in range(-90, 150, 15):
            for offset in offsets:
                quotas.reset_due(NOON + timedelta(minutes=minute + offset))
        row = quota(alice)
        assert (row.window, row.reset_at) == (2, NOON + timedelta(hours=6))

    def test_many_users_of_different_plans(self, db: None, settings: Settings) -> None:
        settings.TOKEN_RESET_INTERVALS = settings.TOKEN_RESET_INTERVALS | {"premium_pro": timedelta(hours=1)}
        users = [make_user(f"member_{number}") for number in range(6)]
        for number, user in enumerate(users):
            metering.allowance(user.pk)
            if number % 2:
                quotas.change_tier(user.pk, "premium_pro", NOON)
        TokenQuota.objects.update(reset_at=NOON, tokens_used=5)
        due_at(users[0], NOON + timedelta(seconds=1))
        assert quotas.reset_due(NOON) == 5
        ends = {row.tier: row.reset_at.hour for row in TokenQuota.objects.exclude(pk=users[0].pk)}
        assert ends == {"basic": 18, "premium_pro": 13}
        assert quota(users[0]).tokens_used == 5

    def test_nothing_due_is_one_query_and_no_lock(
        self, alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        metering.allowance(alice.pk)
        with django_assert_max_num_queries(3):  # a savepoint around it
            assert quotas.reset_due() == 0

    def test_the_schedule_pokes_it(self, alice: User) -> None:
        spent(alice, 700)
        due_at(alice, timezone.now() - timedelta(seconds=1))
        tasks.reset_windows.delay()
        assert quota(alice).tokens_used == 0

    def test_in_chunks(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(quotas, "_RESET_CHUNK", 2)
        for number in range(5):
            metering.allowance(make_user(f"member_{number}").pk)
        TokenQuota.objects.update(reset_at=NOON)
        assert quotas.reset_due(NOON) == 5


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_reset_each_user_once() -> None:
    users = [make_user(f"member_{number}").pk for number in range(30)]
    for user in users:
        metering.allowance(user)
    TokenQuota.objects.update(reset_at=NOON)
    start, counts = threading.Barrier(4), []

    def beat() -> None:
        start.wait()
        counts.append(quotas.reset_due(NOON))

    for thread in [crowd.spawn(beat) for _ in range(4)]:
        thread.join()
    quotas.reset_due(NOON)
    assert set(TokenQuota.objects.values_list("window", flat=True)) == {2}
    assert sum(counts) <= len(users)


class TestOnAccess:
    """A missed beat never locks anyone out."""

    def test_a_hold_opens_the_next_window(self, alice: User, settings: Settings) -> None:
        settings.TOKEN_LIMITS = settings.TOKEN_LIMITS | {"basic": 10_000}
        spent(alice, 9_990)
        due_at(alice, timezone.now() - timedelta(hours=7))
        assert held(alice).amount == 1_000
        row = quota(alice)
        assert (row.tokens_used, row.tokens_held, row.window) == (0, 1_000, 2)
        assert row.reset_at > timezone.now()

    def test_so_does_looking(self, alice: User) -> None:
        spent(alice, 700)
        due_at(alice, timezone.now() - timedelta(seconds=1))
        assert metering.allowance(alice.pk).used == 0
        assert quota(alice).window == 2

    def test_a_peek_says_the_same_without_writing(
        self, alice: User, bob: User, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        spent(alice, 700)
        due_at(alice, timezone.now() - timedelta(seconds=1))
        with django_assert_num_queries(2):
            seen = [quotas.peek(user.pk) for user in (alice, bob)]
        assert seen == [metering.allowance(alice.pk), metering.allowance(bob.pk)]

    def test_the_usual_look_is_one_query(self, alice: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        metering.allowance(alice.pk)
        with django_assert_num_queries(1):
            metering.allowance(alice.pk)


class TestAcrossTheBoundary:
    """A hold of window 1 that is settled in window 2 stays held in between, and is charged to window 2."""

    def test_it_is_held_in_the_new_window_and_charged_there(self, alice: User) -> None:
        spent(alice, 300)
        held(alice, "message:1")
        due_at(alice, NOON)
        quotas.reset_due(NOON)
        assert (quota(alice).tokens_used, quota(alice).tokens_held) == (0, 1_000)
        assert proof.check() == []
        due_at(alice, later(hours=1))
        metering.settle("message:1", prompt_tokens=100, completion_tokens=150, source="provider")
        assert (quota(alice).tokens_used, quota(alice).tokens_held) == (250, 0)
        assert list(UsageEntry.objects.order_by("created_at").values_list("total_tokens", "window")) == [
            (300, 1),
            (250, 2),
        ]
        assert proof.check() == []

    def test_it_counts_against_the_new_balance(self, alice: User, settings: Settings) -> None:
        settings.TOKEN_LIMITS = settings.TOKEN_LIMITS | {"basic": 1_050}
        held(alice, "message:1")
        quotas.reset_due(later(hours=7))
        with pytest.raises(metering.TokenLimitExceeded):
            held(alice, "message:2")


class TestNewUsers:
    def test_the_first_look_makes_the_row(self, alice: User) -> None:
        first = metering.allowance(alice.pk)
        assert (first.tier, first.limit, first.used, first.held, first.left) == ("basic", 100_000, 0, 0, 100_000)
        assert quota(alice).window == 1

    @pytest.mark.django_db(transaction=True)
    def test_ten_first_requests_at_once_make_one_row(self) -> None:
        user: UUID = make_user("alice").pk
        start, failures = threading.Barrier(10), []

        def first_request(number: int) -> None:
            start.wait()
            try:
                metering.hold(user, key=f"first:{number}", prompt_tokens=0, max_tokens=100, feature="aichat")
            except Exception as error:
                failures.append(error)

        threads = [crowd.spawn(lambda number=number: first_request(number)) for number in range(10)]  # type: ignore[misc]
        for thread in threads:
            thread.join()
        connections.close_all()
        assert failures == []
        assert TokenQuota.objects.get().tokens_held == 1_000


class TestLimits:
    def test_a_changed_setting_counts_in_the_running_window(self, alice: User, settings: Settings) -> None:
        spent(alice, 5_000)
        settings.TOKEN_LIMITS = settings.TOKEN_LIMITS | {"basic": 6_000}
        assert held(alice, answer=890).amount == 1_000
        with pytest.raises(metering.TokenLimitExceeded) as refusal:
            held(alice)
        assert refusal.value.body()["limit"] == quota(alice).tokens_limit == 6_000

    def test_so_does_a_changed_plan(self, alice: User) -> None:
        spent(alice, 5_000)
        quotas.change_tier(alice.pk, "premium_pro", timezone.now())
        allowance = metering.allowance(alice.pk)
        assert (allowance.tier, allowance.limit, allowance.used) == ("premium_pro", 2_000_000, 5_000)

    def test_below_what_is_used_nothing_is_left(self, alice: User, settings: Settings) -> None:
        spent(alice, 5_000)
        settings.TOKEN_LIMITS = settings.TOKEN_LIMITS | {"basic": 4_000}
        assert metering.allowance(alice.pk).left == 0
