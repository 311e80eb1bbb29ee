"""What it costs whatever dies meanwhile, and what the nightly proof says of it."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest

from billing.metering import minutes as book
from billing.metering import sweep
from billing.models import MinuteEntry
from calls import providers
from calls.models import Call
from calls.models import CallInterval
from calls.providers.testing import Scripted
from calls.services import intervals
from calls.services import leaving
from calls.services import minutes
from calls.services import moves
from calls.services import paying
from calls.services import reconcile
from calls.tests.minutes.kit import NOON
from calls.tests.minutes.kit import Clock
from calls.tests.minutes.kit import Talk
from calls.tests.minutes.kit import flow
from calls.tests.minutes.kit import nothing_is_amiss
from core import sql

pytestmark = pytest.mark.django_db


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
