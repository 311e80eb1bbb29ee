"""What a call on the media server costs: the time in which two or more were there, once, whatever dies meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from accounts.models import User
from billing.metering import minutes as book
from billing.metering import proof
from billing.metering import sweep
from billing.models import MinuteEntry
from calls import errors
from calls import providers
from calls.models import Call
from calls.models import CallInterval
from calls.models import CallLeg
from calls.providers.testing import Scripted
from calls.services import intervals
from calls.services import leaving
from calls.services import minutes
from calls.services import moves
from calls.services import paying
from calls.services import reconcile
from calls.tests.factories import call_settings
from calls.tests.factories import make_call
from calls.tests.factories import make_leg
from conftest import make_user
from core import sql
from core.jobs.models import Job
from messenger.tests.factories import make_group

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


@dataclass
class Clock:
    """The one of the database, which tests move."""

    now: datetime = NOON

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr(sql, "now", lambda: clock.now)
    with time_machine.travel(NOON, tick=False) as traveller:
        step = clock.passes

        def passes(seconds: float) -> None:
            step(seconds)
            traveller.move_to(clock.now)

        clock.passes = passes  # type: ignore[method-assign]
        yield clock


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Scripted:
    """Janus's place is taken by one that does what it is told; everybody has ten minutes a month."""
    server = Scripted(keeps_history=False)
    monkeypatch.setattr(providers, "configured", lambda: server)
    monkeypatch.setattr(providers, "named", lambda _name: server)
    settings.PLANS = settings.PLANS | {"basic": settings.PLANS["basic"] | {"call_minutes": 10}}
    settings.CALLS = call_settings(media_server="janus", minutes_limited=True)
    return server


@dataclass
class Talk:
    """A call of three and their devices."""

    call: Call
    legs: list[CallLeg]
    people: list[User]

    def move(self) -> None:
        """To the media server; the room is made."""
        self.call.refresh_from_db()
        refused = moves.to_media_server(self.call, "people", now=sql.now())
        assert refused is None, refused
        moves.open_room(self.call.pk, self.call.generation, "people", is_last_try=True)
        self.call.refresh_from_db()

    def media(self, *numbers: int) -> None:
        """It begins to flow, on these legs."""
        for number in numbers:
            leg = self.legs[number]
            intervals.begin(self.call.pk, leg.pk, leg.user_id, transport="sfu", generation=self.call.generation)

    def sees(self, *numbers: int) -> None:
        """As the doors do each ten seconds."""
        intervals.touch([self.legs[number].pk for number in numbers])

    def end(self) -> None:
        self.call.refresh_from_db()
        leaving.finish(self.call, Call.EndReason.HANGUP, now=sql.now(), by=None)

    def run(self, kind: str) -> None:
        """What a worker does of these jobs."""
        for job in Job.objects.filter(kind=kind, state=Job.State.QUEUED):
            reconcile.end_room(self.call.pk) if kind == leaving.CLOSE_ROOM else reconcile.reconcile(self.call.pk)
            Job.objects.filter(pk=job.pk).update(state=Job.State.SUCCEEDED)

    def charged(self) -> list[tuple[Any, int, int]]:
        """Rows of the ledger: who, measured, charged."""
        rows = MinuteEntry.objects.filter(reference=str(self.call.pk)).order_by("hold_id")
        return list(rows.values_list("user__username", "measured", "seconds"))


@pytest.fixture
def talk(server: Scripted, clock: Clock) -> Talk:
    people = [make_user(name) for name in ("ann", "ben", "cat")]
    call = make_call(make_group(*people), people[0], status="active", started_at=NOON)
    return Talk(call, [make_leg(call, person) for person in people], people)


def flow(talk: Talk, clock: Clock, seconds: int, *numbers: int) -> None:
    """Media flows on these legs for so long: doors note it, the clock pays."""
    for step in range(10, seconds + 1, 10):
        clock.passes(10)
        talk.sees(*numbers)
        if step % 20 == 0:
            paying.look()
    clock.passes(seconds % 10)


def nothing_is_amiss(clock: Clock) -> None:
    clock.passes(700)
    assert [*proof.check(), *reconcile.prove()] == []


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


class TestCrashes:
    """Killed at each point: what the next process finds, and what is charged in the end."""

    def test_between_hold_and_room(self, talk: Talk, clock: Clock) -> None:
        assert moves.to_media_server(talk.call, "people", now=sql.now()) is None
        clock.passes(91)
        assert sweep() == 1
        assert talk.charged() == [("ann", 0, 0)]
        assert book.allowance(talk.people[0].pk).held == 0

    def test_between_room_and_row_the_job_finds_the_same_room(self, talk: Talk, server: Scripted) -> None:
        assert moves.to_media_server(talk.call, "people", now=sql.now()) is None
        server.open_room(talk.call.pk, most=50)  # and then the worker died
        moves.open_room(talk.call.pk, talk.call.generation, "people", is_last_try=True)
        talk.call.refresh_from_db()
        assert (talk.call.sfu_state, server.rooms) == ("ready", {talk.call.hms_room_id})

    def test_the_call_ends_while_its_room_is_made(self, talk: Talk, clock: Clock, server: Scripted) -> None:
        assert moves.to_media_server(talk.call, "people", now=sql.now()) is None
        server.meanwhile = talk.end
        moves.open_room(talk.call.pk, talk.call.generation, "people", is_last_try=True)
        assert server.rooms == set()
        talk.run(leaving.CLOSE_ROOM)
        assert talk.charged() == [("ann", 0, 0)]
        nothing_is_amiss(clock)

    def test_every_process_dies_and_nobody_comes_back(self, talk: Talk, clock: Clock) -> None:
        talk.move()
        talk.media(0, 1)
        flow(talk, clock, 100, 0, 1)
        clock.passes(3600)
        sweep()
        assert intervals.close_abandoned() == 2
        rows = CallInterval.objects.filter(call_id=talk.call.pk)
        assert {(row.ended_at, row.ended_by) for row in rows} == {(NOON + timedelta(seconds=130), "lease")}
        # What was confirmed at the last look is charged, and no more ever.
        assert talk.charged() == [("ann", 100, 120)]
        talk.end()
        talk.run(leaving.CLOSE_ROOM)
        assert talk.charged() == [("ann", 100, 120)]
        nothing_is_amiss(clock)

    def test_every_process_dies_and_the_doors_come_back(self, talk: Talk, clock: Clock) -> None:
        talk.move()
        talk.media(0, 1)
        flow(talk, clock, 100, 0, 1)
        clock.passes(25)
        for leg in talk.legs[:2]:
            intervals.begin(
                talk.call.pk,
                leg.pk,
                leg.user_id,
                transport="sfu",
                generation=talk.call.generation,
                goes_on=True,
            )
        flow(talk, clock, 40, 0, 1)
        talk.end()
        talk.run(leaving.CLOSE_ROOM)
        assert CallInterval.objects.filter(call_id=talk.call.pk).count() == 2
        assert talk.charged() == [("ann", 165, 180)]  # the gap counts: media flowed
        nothing_is_amiss(clock)

    def test_a_hold_that_was_swept_in_a_call_that_goes_on_is_followed_by_another(
        self, talk: Talk, clock: Clock
    ) -> None:
        talk.move()
        talk.media(0, 1)
        flow(talk, clock, 100, 0, 1)
        clock.passes(95)
        sweep()
        talk.sees(0, 1)
        flow(talk, clock, 40, 0, 1)
        assert minutes.is_open(talk.call.pk)
        talk.end()
        talk.run(leaving.CLOSE_ROOM)
        assert talk.charged() == [("ann", 100, 120), ("ann", 115, 120)]
        nothing_is_amiss(clock)

    def test_a_browser_dies(self, talk: Talk, clock: Clock) -> None:
        talk.move()
        talk.media(0, 1)
        flow(talk, clock, 63, 0, 1)
        intervals.close([talk.legs[1].pk], by="door")  # its door
        flow(talk, clock, 30, 0)
        talk.end()
        talk.run(leaving.CLOSE_ROOM)
        assert talk.charged() == [("ann", 63, 120)]

    def test_the_worker_dies_in_settling_and_another_does_it_again(self, talk: Talk, clock: Clock) -> None:
        talk.move()
        talk.media(0, 1)
        flow(talk, clock, 61, 0, 1)
        talk.end()
        for _ in range(3):
            reconcile.end_room(talk.call.pk)
        paying.settle_ended(talk.call.pk)
        assert talk.charged() == [("ann", 61, 120)]

    @pytest.mark.parametrize("fault", ["401", "404", "429", "500", "malformed"])
    def test_the_media_server_fails_while_the_room_is_closed(
        self, talk: Talk, clock: Clock, server: Scripted, fault: Any
    ) -> None:
        talk.move()
        talk.media(0, 1)
        flow(talk, clock, 61, 0, 1)
        talk.end()
        server.faults = [fault]
        with pytest.raises(providers.ProviderError):
            reconcile.end_room(talk.call.pk)
        assert talk.charged() == [("ann", 61, 120)]
        reconcile.end_room(talk.call.pk)
        assert server.rooms == set()
        assert talk.charged() == [("ann", 61, 120)]

    def test_the_clock_is_set_back(self, talk: Talk, clock: Clock) -> None:
        talk.move()
        talk.media(0, 1)
        clock.passes(-30)
        talk.end()
        talk.run(leaving.CLOSE_ROOM)
        assert talk.charged() == [("ann", 0, 0)]

    def test_the_month_of_the_hold_pays(self, talk: Talk, clock: Clock) -> None:
        clock.passes((datetime(2026, 12, 31, 23, 59, tzinfo=UTC) - NOON).total_seconds())
        talk.move()
        talk.media(0, 1)
        flow(talk, clock, 120, 0, 1)
        talk.end()
        talk.run(leaving.CLOSE_ROOM)
        assert [(row.month.month, row.measured) for row in MinuteEntry.objects.all()] == [(12, 120)]

    def test_what_is_amiss_is_found(self, talk: Talk, clock: Clock) -> None:
        talk.move()
        talk.media(0, 1)
        flow(talk, clock, 61, 0, 1)
        talk.call.refresh_from_db()
        Call.objects.filter(pk=talk.call.pk).update(
            status="ended", end_reason="hangup", ended_at=sql.now()
        )  # by hand, and nobody was told
        clock.passes(700)
        assert {finding.kind for finding in reconcile.prove()} == {"call_intervals_open", "call_holds_open"}
        intervals.close_all(talk.call.pk, by="end", at=NOON + timedelta(seconds=61))
        book.settle(f"call:{talk.call.pk}", seconds=181)
        assert [(found.kind, found.expected, found.found) for found in reconcile.prove()] == [
            ("call_minutes", 120, 240)
        ]


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
