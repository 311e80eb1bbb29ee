"""Old events go; a client that is further behind is told to read anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from core.db_threads import in_db_thread
from core.ids import uuid7
from core.realtime import catchup
from core.realtime import reading
from core.realtime.hub import Hub
from core.realtime.models import Stream
from core.realtime.models import StreamEvent
from core.realtime.retention import trim
from core.realtime.tests.peers import Client
from core.realtime.tests.peers import Room
from core.realtime.tests.peers import Rooms

ALICE = uuid7()


def age(room: Room, *, up_to: int, days: float) -> None:
    """Make the first events of a room older."""
    events = StreamEvent.objects.filter(stream_id=room.name.id, seq__lte=up_to)
    events.update(created_at=timezone.now() - timedelta(days=days))


def kept(room: Room) -> tuple[int, list[int]]:
    """What of a room is left: ``trimmed_seq`` and the positions."""
    stream = Stream.objects.get(pk=room.name.id)
    return stream.trimmed_seq, sorted(stream.events.values_list("seq", flat=True))


def test_old_events_go_and_their_position_stays(rooms: Rooms, settings: Any) -> None:
    old, young = rooms.make(ALICE), rooms.make(ALICE)
    old.say_many(4)
    young.say_many(4)
    age(old, up_to=3, days=31)
    age(young, up_to=3, days=29)
    assert trim() == 3
    assert kept(old) == (3, [4, 5])
    assert kept(young) == (0, [1, 2, 3, 4, 5])
    assert trim() == 0
    settings.REALTIME_RETENTION = timedelta(days=28)
    assert trim() == 3
    assert kept(young) == (3, [4, 5])


def test_more_than_a_batch(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.realtime.retention._BATCH", 3)
    room = rooms.make(ALICE)
    room.say_many(10)
    age(room, up_to=10, days=40)
    assert trim() == 10
    assert kept(room) == (10, [11])


async def test_who_is_further_behind_reads_anew(rooms: Rooms, hub: Hub) -> None:
    room = await in_db_thread(rooms.make, ALICE)
    await in_db_thread(room.say_many, 4)
    await in_db_thread(age, room, up_to=3, days=31)
    await in_db_thread(trim)
    behind, fine = await Client(hub, ALICE).connect(), await Client(hub, ALICE).connect()
    assert str(room.name) in (await behind.sync({str(room.name): 2}))["payload"]["reset"]
    assert str(room.name) not in (await fine.sync({str(room.name): 3}))["payload"]["reset"]
    assert (behind.seqs(room), fine.seqs(room)) == ([], [4, 5])


@pytest.mark.parametrize("up_to", [3, 5])
def test_what_goes_while_it_is_read_is_not_skipped_silently(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch, up_to: int
) -> None:
    room = rooms.make(ALICE)
    room.say_many(4)
    real = reading.heads

    def then_trim(user_id: UUID) -> Any:
        found = real(user_id)
        age(room, up_to=up_to, days=31)
        trim()
        return found

    monkeypatch.setattr(reading, "heads", then_trim)
    answer = catchup.poll(ALICE, {str(room.name): 1})
    assert str(room.name) in answer.reset
    assert answer.heads[str(room.name)] == 5
    assert answer.frames == []
