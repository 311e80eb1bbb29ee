"""Call minutes: holding ahead, extending, what a dead call costs, and whose month pays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import Error
from django.db import connection
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django import Settings

from accounts.models import User
from billing import events
from billing import metering
from billing.metering import minutes
from billing.metering import proof
from billing.models import MinuteEntry
from billing.models import MinuteHold
from billing.models import MinuteQuota
from billing.services.plans import grant_plan
from core.errors import IdempotencyMismatch


@pytest.fixture(autouse=True)
def _ten_minutes(settings: Settings) -> None:
    settings.PLANS = settings.PLANS | {"basic": settings.PLANS["basic"] | {"call_minutes": 10}}


@pytest.fixture
def swept() -> Iterator[list[tuple[str, str]]]:
    heard: list[tuple[str, str]] = []

    def listen(key: str, reference: str, **_: Any) -> None:
        heard.append((key, reference))

    events.minute_hold_swept.connect(listen)
    yield heard
    events.minute_hold_swept.disconnect(listen)


def balance(user: User) -> tuple[int, int]:
    """Used and held this month."""
    month = minutes.allowance(user.pk)
    return month.used, month.held


class TestHold:
    def test_it_sets_whole_minutes_aside_once(self, alice: User) -> None:
        first = minutes.hold(alice.pk, key="call:1", seconds=61, reference="1")
        again = minutes.hold(alice.pk, key="call:1", seconds=300)
        assert (first.amount, first.created, again.amount, again.created) == (120, True, 120, False)
        assert balance(alice) == (0, 120)

    def test_the_key_of_somebody_else_is_refused(self, alice: User, charlie: User) -> None:
        minutes.hold(alice.pk, key="call:1", seconds=60)
        with pytest.raises(IdempotencyMismatch):
            minutes.hold(charlie.pk, key="call:1", seconds=60)
        assert balance(charlie) == (0, 0)

    def test_what_is_left_is_given_and_then_nothing(self, alice: User) -> None:
        assert [minutes.hold(alice.pk, key=f"call:{n}", seconds=420).amount for n in (1, 2)] == [420, 180]
        with pytest.raises(minutes.MinuteLimitExceeded) as refusal:
            minutes.hold(alice.pk, key="call:3", seconds=60)
        body = refusal.value.body()
        assert (body["code"], body["limit"], body["used"], body["held"]) == ("minute_limit_exceeded", 10, 0, 10)
        assert body["reset_at"] == minutes.allowance(alice.pk).reset_at.isoformat().replace("+00:00", "Z")
        assert not MinuteHold.objects.filter(key="call:3").exists()

    def test_a_plan_without_minutes_gives_none(self, alice: User, settings: Settings) -> None:
        settings.PLANS = settings.PLANS | {"basic": settings.PLANS["basic"] | {"call_minutes": 0}}
        with pytest.raises(minutes.MinuteLimitExceeded):
            minutes.hold(alice.pk, key="call:1", seconds=60)

    def test_a_plan_counts_at_once_and_its_end_too(self, alice: User) -> None:
        minutes.hold(alice.pk, key="call:1", seconds=600)
        grant_plan(None, user=alice, tier="premium_ultra", reason="Raffle")
        assert minutes.hold(alice.pk, key="call:2", seconds=36_000).amount == 36_000
        assert minutes.allowance(alice.pk).left is None
        grant_plan(None, user=alice, tier="basic", reason="It is over")
        with pytest.raises(minutes.MinuteLimitExceeded):
            minutes.hold(alice.pk, key="call:3", seconds=60)
        extended = minutes.extend("call:2", confirmed=60, ahead=72_000)
        assert extended == minutes.Extension(36_000, 60)

    @pytest.mark.parametrize("seconds", [0, -60])
    def test_nonsense_is_refused(self, alice: User, seconds: int) -> None:
        with pytest.raises(ValueError, match="second"):
            minutes.hold(alice.pk, key="call:1", seconds=seconds)

    def test_it_is_two_statements_once_the_month_has_its_row(
        self, alice: User, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        minutes.hold(alice.pk, key="call:1", seconds=60)
        with transaction.atomic(), django_assert_num_queries(4):  # two of them are the savepoint
            minutes.hold(alice.pk, key="call:2", seconds=60)


class TestExtend:
    def test_it_confirms_and_reaches_ahead(self, alice: User) -> None:
        minutes.hold(alice.pk, key="call:1", seconds=300)
        assert minutes.extend("call:1", confirmed=70, ahead=300) == minutes.Extension(420, 70)
        assert balance(alice) == (0, 420)

    def test_it_only_moves_forward(self, alice: User) -> None:
        minutes.hold(alice.pk, key="call:1", seconds=300)
        for confirmed in (120, 120, 60):
            extended = minutes.extend("call:1", confirmed=confirmed, ahead=300)
            assert extended == minutes.Extension(420, 120)
        assert balance(alice) == (0, 420)

    def test_it_gives_what_is_left_and_says_when_nothing_is(self, alice: User) -> None:
        minutes.hold(alice.pk, key="call:1", seconds=300)
        minutes.hold(alice.pk, key="call:2", seconds=180)
        ahead = []
        for confirmed in (240, 300, 360, 420):
            extended = minutes.extend("call:1", confirmed=confirmed, ahead=300)
            assert extended is not None
            ahead.append(extended.ahead)
        assert ahead == [180, 120, 60, 0]  # seven minutes in all, three are the other call's
        assert balance(alice) == (0, 600)

    def test_a_hold_that_is_over_is_not_extended(self, alice: User) -> None:
        minutes.hold(alice.pk, key="call:1", seconds=300)
        assert minutes.settle("call:1", seconds=60)
        assert minutes.extend("call:1", confirmed=120, ahead=300) is None
        assert minutes.extend("call:none", confirmed=120, ahead=300) is None
        assert balance(alice) == (60, 0)

    def test_it_keeps_the_hold_alive(self, alice: User, swept: list[tuple[str, str]]) -> None:
        minutes.hold(alice.pk, key="call:1", seconds=300)
        with time_machine.travel(timezone.now() + timedelta(seconds=80), tick=False):
            minutes.extend("call:1", confirmed=60, ahead=300)
        assert metering.sweep(timezone.now() + timedelta(seconds=160)) == 0
        assert metering.sweep(timezone.now() + timedelta(seconds=180)) == 1

    def test_when_the_user_is_gone_it_grants_nothing_more(self, alice: User) -> None:
        minutes.hold(alice.pk, key="call:1", seconds=300)
        MinuteQuota.objects.all().delete()
        assert minutes.extend("call:1", confirmed=60, ahead=600) == minutes.Extension(300, 60)
        assert minutes.settle("call:1", seconds=60)
        assert MinuteEntry.objects.get().seconds == 60
        assert proof.check() == []


class TestSettle:
    @pytest.mark.parametrize(("seconds", "charged"), [(0, 0), (1, 60), (60, 60), (61, 120)])
    def test_it_is_rounded_up_once_a_call_and_the_rest_goes_back(self, alice: User, seconds: int, charged: int) -> None:
        minutes.hold(alice.pk, key="call:1", seconds=300, reference="1")
        assert [minutes.settle("call:1", seconds=seconds) for _ in range(2)] == [True, False]
        assert balance(alice) == (charged, 0)
        entry = MinuteEntry.objects.get()
        assert (entry.seconds, entry.measured, entry.overrun, entry.reference) == (charged, seconds, 0, "1")

    def test_more_than_was_held_is_charged_and_told(self, alice: User, caplog: pytest.LogCaptureFixture) -> None:
        minutes.hold(alice.pk, key="call:1", seconds=60)
        with transaction.atomic():
            minutes.settle("call:1", seconds=100)
        assert balance(alice) == (120, 0)
        assert MinuteEntry.objects.get().overrun == 60

    def test_the_month_of_the_hold_pays(self, alice: User) -> None:
        with time_machine.travel(datetime(2031, 1, 31, 23, 58, tzinfo=UTC), tick=False):
            minutes.hold(alice.pk, key="call:1", seconds=300)
        with time_machine.travel(datetime(2031, 2, 1, 0, 3, tzinfo=UTC), tick=False):
            assert minutes.extend("call:1", confirmed=300, ahead=300) == minutes.Extension(600, 300)
            assert balance(alice) == (0, 0)
            minutes.hold(alice.pk, key="call:2", seconds=600)  # the new month is whole
            assert minutes.settle("call:1", seconds=420)
            assert minutes.allowance(alice.pk).reset_at == datetime(2031, 3, 1, tzinfo=UTC)
        months = MinuteQuota.objects.order_by("month").values_list("month__month", "seconds_used", "seconds_held")
        assert list(months) == [(1, 420, 0), (2, 0, 600)]
        assert proof.check() == []

    def test_the_ledger_refuses_changes_in_the_database_too(self, alice: User) -> None:
        minutes.hold(alice.pk, key="call:1", seconds=60)
        minutes.settle("call:1", seconds=60)
        with pytest.raises(TypeError):
            MinuteEntry.objects.get().save()
        with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE minute_entries SET seconds = 0")


class TestSweep:
    @pytest.mark.parametrize(("confirmed", "charged"), [(None, 0), (0, 0), (61, 120), (300, 300)])
    @pytest.mark.django_db(transaction=True)
    def test_a_dead_call_is_charged_for_what_was_confirmed(
        self, alice: User, confirmed: int | None, charged: int, swept: list[tuple[str, str]]
    ) -> None:
        minutes.hold(alice.pk, key="call:1", seconds=300, reference="1")
        if confirmed is not None:
            minutes.extend("call:1", confirmed=confirmed, ahead=300)
        assert metering.sweep(timezone.now() + timedelta(seconds=120)) == 1
        assert balance(alice) == (charged, 0)
        assert MinuteEntry.objects.get().measured == (confirmed or 0)
        assert swept == [("call:1", "1")]
        assert not minutes.settle("call:1", seconds=300)
        assert proof.check() == []


class TestProof:
    @pytest.fixture(autouse=True)
    def _some_history(self, alice: User, bob: User) -> None:
        for user in (alice, bob):
            minutes.hold(user.pk, key=f"over:{user.pk}", seconds=60)
            minutes.settle(f"over:{user.pk}", seconds=60)
            minutes.hold(user.pk, key=f"open:{user.pk}", seconds=120)

    def test_balances_are_compared_with_the_rows(self, alice: User) -> None:
        assert proof.check() == []
        MinuteQuota.objects.filter(user=alice).update(seconds_used=120, seconds_held=60)
        (month,) = MinuteQuota.objects.filter(user=alice).values_list("month", flat=True)
        assert [(one.kind, one.subject, one.expected, one.found) for one in proof.check()] == [
            ("minutes_used", f"{alice.pk} {month}", 60, 120),
            ("minutes_held", f"{alice.pk} {month}", 120, 60),
        ]

    def test_a_hold_that_grew_alone_is_found(self, alice: User) -> None:
        MinuteHold.objects.filter(key=f"open:{alice.pk}").update(amount=180)
        assert [one.kind for one in proof.check()] == ["minutes_held"]

    def test_a_settled_hold_needs_its_ledger_row(self, alice: User) -> None:
        MinuteHold.objects.filter(key=f"open:{alice.pk}").update(state="settled", charged=60)
        assert sorted(one.kind for one in proof.check()) == ["minutes_held", "settlement"]
