"""A call that costs something, and a clock that tests move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

from accounts.models import User
from billing.metering import proof
from billing.models import MinuteEntry
from calls.models import Call
from calls.models import CallLeg
from calls.services import intervals
from calls.services import leaving
from calls.services import moves
from calls.services import paying
from calls.services import reconcile
from core import sql
from core.jobs.models import Job

NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


@dataclass
class Clock:
    """The one of the database, which tests move."""

    now: datetime = NOON

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


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
