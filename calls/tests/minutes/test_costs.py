"""What a call on the media server costs: the time in which two or more were there, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from billing.errors import MeteringUnavailable
from billing.metering import minutes as book
from billing.models import MinuteEntry
from calls import errors
from calls.models import Call
from calls.models import CallInterval
from calls.providers.testing import Scripted
from calls.services import intervals
from calls.services import leaving
from calls.services import minutes
from calls.services import moves
from calls.services import paying
from calls.tests.factories import call_settings
from calls.tests.factories import make_leg
from calls.tests.minutes.kit import NOON
from calls.tests.minutes.kit import Clock
from calls.tests.minutes.kit import Talk
from calls.tests.minutes.kit import flow
from calls.tests.minutes.kit import nothing_is_amiss
from conftest import make_user
from core import sql
from core.jobs.models import Job

pytestmark = pytest.mark.django_db


def test_five_people_for_ten_minutes_are_ten_minutes(talk: Talk, clock: Clock) -> None:
    talk.move()
    talk.media(0, 1, 2)
    flow(talk, clock, 185, 0, 1, 2)
    talk.end()
    talk.run(leaving.CLOSE_ROOM)
    assert talk.charged() == [("ann", 185, 240)]
    assert (book.allowance(talk.people[0].pk).used, book.allowance(talk.people[0].pk).held) == (240, 0)
    nothing_is_amiss(clock)


def test_who_is_alone_pays_nothing(talk: Talk, clock: Clock) -> None:
    talk.move()
    talk.media(0)
    flow(talk, clock, 60, 0)
    talk.media(1)
    flow(talk, clock, 70, 0, 1)
    intervals.close([talk.legs[1].pk], by="leave")
    flow(talk, clock, 60, 0)
    talk.end()
    talk.run(leaving.CLOSE_ROOM)
    assert talk.charged() == [("ann", 70, 120)]


def test_from_devices_to_the_server_and_back_is_three_intervals_and_one_charge(talk: Talk, clock: Clock) -> None:
    leg = talk.legs[0]
    intervals.begin(talk.call.pk, leg.pk, leg.user_id, transport="p2p", generation=1)
    clock.passes(30)
    talk.move()
    talk.media(0, 1)
    flow(talk, clock, 65, 0, 1)
    moves.to_devices(talk.call, "minutes", Call.Notice.MINUTES_OVER, now=sql.now())
    intervals.begin(talk.call.pk, leg.pk, leg.user_id, transport="p2p", generation=talk.call.generation)
    paying.look()
    assert talk.charged() == [("ann", 65, 120)]
    clock.passes(1000)
    talk.end()
    talk.run(leaving.CLOSE_ROOM)
    rows = CallInterval.objects.filter(leg_id=leg.pk).order_by("started_at")
    assert [(row.transport, row.ended_by) for row in rows] == [("p2p", "move"), ("sfu", "move"), ("p2p", "end")]
    assert talk.charged() == [("ann", 65, 120)]
    nothing_is_amiss(clock)


class TestLimits:
    def test_no_hold_no_room(self, talk: Talk, server: Scripted) -> None:
        book.hold(talk.people[0].pk, key="another", seconds=600)
        assert isinstance(moves.to_media_server(talk.call, "people", now=sql.now()), errors.MinutesUsedUp)
        assert (talk.call.transport, talk.call.notice, server.rooms) == ("p2p", "minutes_over", set())
        assert not Job.objects.filter(kind=moves.OPEN_ROOM).exists()

    def test_a_plan_without_minutes_says_so(self, talk: Talk, settings: Settings) -> None:
        settings.PLANS = settings.PLANS | {"basic": settings.PLANS["basic"] | {"call_minutes": 0}}
        assert isinstance(moves.to_media_server(talk.call, "people", now=sql.now()), errors.MinutesNotInPlan)
        assert (talk.call.transport, talk.call.notice) == ("p2p", "minutes_not_in_plan")

    def test_it_warns_and_goes_back_before_more_is_used_than_there_is(self, talk: Talk, clock: Clock) -> None:
        talk.move()
        talk.media(0, 1)
        flow(talk, clock, 280, 0, 1)
        talk.call.refresh_from_db()
        assert (talk.call.notice, talk.call.transport) == ("", "sfu")
        flow(talk, clock, 60, 0, 1)
        talk.call.refresh_from_db()
        assert (talk.call.notice, talk.call.transport) == ("minutes_low", "sfu")
        flow(talk, clock, 260, 0, 1)
        talk.call.refresh_from_db()
        assert (talk.call.notice, talk.call.transport, talk.call.is_live) == ("minutes_over", "p2p", True)
        paying.look()
        [(_payer, measured, charged)] = talk.charged()
        assert 560 <= measured <= charged == 600
        assert not MinuteEntry.objects.filter(overrun__gt=0).exists()
        talk.end()
        nothing_is_amiss(clock)

    def test_with_more_than_four_it_ends(self, talk: Talk, clock: Clock) -> None:
        for name in ("dan", "eve"):
            talk.legs.append(make_leg(talk.call, make_user(name)))
        talk.move()
        talk.media(0, 1, 2, 3, 4)
        flow(talk, clock, 600, 0, 1, 2, 3, 4)
        talk.call.refresh_from_db()
        assert (talk.call.status, talk.call.end_reason) == ("ended", "limit")
        talk.run(leaving.CLOSE_ROOM)
        assert [charged for _, _, charged in talk.charged()] == [600]
        nothing_is_amiss(clock)

    def test_without_limits_it_is_recorded_and_costs_nothing(
        self, talk: Talk, clock: Clock, settings: Settings
    ) -> None:
        settings.CALLS = call_settings(minutes_limited=False)
        talk.move()
        talk.media(0, 1)
        flow(talk, clock, 900, 0, 1)
        talk.end()
        talk.run(leaving.CLOSE_ROOM)
        assert (talk.charged(), intervals.seconds_together(talk.call.pk)) == ([], 900)


class TestLooks:
    def test_of_a_vendor_the_stays_are_read_once_a_minute(self, talk: Talk, clock: Clock) -> None:
        talk.move()
        Call.objects.filter(pk=talk.call.pk).update(provider="hms")
        for _ in range(3):
            paying.look()
            clock.passes(10)
        assert Job.objects.filter(kind=paying.READ_STAYS).count() == 1
        clock.passes(30)
        paying.look()
        assert Job.objects.filter(kind=paying.READ_STAYS).count() == 2

    def test_where_nobody_talks_a_look_costs_five_queries_at_most(
        self, db: None, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_max_num_queries(5):
            assert paying.look() == 0

    def test_a_ledger_that_is_away_costs_one_look(
        self, talk: Talk, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        talk.move()
        talk.media(0, 1)
        with monkeypatch.context() as broken:
            broken.setattr(minutes, "extend", _unavailable)
            assert paying.look() == 1
        flow(talk, clock, 61, 0, 1)
        talk.end()
        talk.run(leaving.CLOSE_ROOM)
        assert talk.charged() == [("ann", 61, 120)]


def _unavailable(_call_id: object) -> None:
    raise MeteringUnavailable


class TestSponsor:
    def test_each_pays_their_part_and_the_whole_is_rounded_once(self, talk: Talk, clock: Clock) -> None:
        talk.move()
        talk.media(0, 1)
        flow(talk, clock, 65, 0, 1)
        minutes.take_over(talk.call, talk.people[1].pk)
        flow(talk, clock, 70, 0, 1)
        talk.end()
        talk.run(leaving.CLOSE_ROOM)
        # 135 seconds are three minutes: the first two were charged when the other took over.
        assert talk.charged() == [("ann", 65, 120), ("ben", 15, 60)]
        nothing_is_amiss(clock)

    def test_who_has_none_changes_nothing(self, talk: Talk, clock: Clock) -> None:
        book.hold(talk.people[1].pk, key="another", seconds=600)
        talk.move()
        talk.media(0, 1)
        flow(talk, clock, 65, 0, 1)
        with pytest.raises(errors.MinutesUsedUp):
            minutes.take_over(talk.call, talk.people[1].pk)
        assert minutes.is_open(talk.call.pk)
        assert talk.charged() == []


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), max_size=8))
def test_the_union_is_what_counting_seconds_says(stays: list[tuple[int, int]]) -> None:
    """Against counting each second by itself."""
    spans = [(min(stay), max(stay)) for stay in stays]
    naive = sum(sum(begin <= second < end for begin, end in spans) >= 2 for second in range(300))
    moments = [(NOON + timedelta(seconds=begin), NOON + timedelta(seconds=end)) for begin, end in spans]
    assert intervals.overlap(moments) == naive


def test_one_leg_has_one_open_interval(talk: Talk) -> None:
    talk.move()
    talk.media(0)
    talk.media(0)
    assert CallInterval.objects.filter(leg_id=talk.legs[0].pk).count() == 1
