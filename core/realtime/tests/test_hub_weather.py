"""Bad weather: random lives of people in rooms, over a bus that drops, doubles, delays and shuffles.

Afterwards every member's view is the database's, nobody was ever sent what was not for them, and who follows the
document knows the rooms they are in and no others.
"""

from __future__ import annotations

import asyncio
import random
from functools import partial
from uuid import UUID

import pytest

from core.db_threads import in_db_thread
from core.ids import uuid7
from core.realtime import catchup
from core.realtime import streams
from core.realtime.bus import Message
from core.realtime.bus import get_bus
from core.realtime.hub import Hub
from core.realtime.hub import flow
from core.realtime.names import user_stream
from core.realtime.tests.peers import Client
from core.realtime.tests.peers import Room
from core.realtime.tests.peers import Rooms

STEPS = 80


class Weather:
    """Between the publisher and the bus."""

    def __init__(self, chance: random.Random, monkeypatch: pytest.MonkeyPatch) -> None:
        self._chance = chance
        self._publish = get_bus().publish
        self._late: list[Message] = []
        monkeypatch.setattr(get_bus(), "publish", self.publish)

    def publish(self, message: Message) -> None:
        fate = self._chance.random()
        if fate < 0.2:
            return
        if fate < 0.5:
            self._late.append(message)
            return
        self._publish(message)
        if fate < 0.6:
            self._late.append(message)

    def clear_up(self) -> None:
        """What was delayed arrives, in any order."""
        late, self._late = self._late, []
        self._chance.shuffle(late)
        for message in late:
            self._publish(message)


class World:
    """Who is where, as it really is; steps are taken one after the other."""

    def __init__(self, chance: random.Random, rooms: Rooms, hub: Hub) -> None:
        self.chance, self.rooms, self.hub = chance, rooms, hub
        self.people = [uuid7() for _ in range(4)]
        self.members: dict[Room, dict[UUID, int]] = {}
        """Room → member → the event by which they joined."""
        self.stays: dict[tuple[Room, UUID], list[range]] = {}
        """Which events of a room were for whom."""
        self.whispers: dict[str, set[UUID]] = {}
        self.clients: list[Client] = []

    async def set_up(self) -> None:
        for _ in range(3):
            room = await in_db_thread(self.rooms.make)
            self.members[room] = {}
            for user_id in self.people[:3]:
                await in_db_thread(self.turn, room, user_id)
        for user_id in self.people:
            await self.connect(user_id)

    async def step(self) -> None:
        room, user_id = self.chance.choice(list(self.members)), self.chance.choice(self.people)
        action = self.chance.choices(["say", "whisper", "turn", "connect", "sync"], [6, 2, 4, 2, 1])[0]
        if action == "say":
            await in_db_thread(room.say)
        elif action == "whisper":
            text = f"whisper {len(self.whispers)}"
            self.whispers[text] = set(self.members[room])
            await in_db_thread(room.whisper, text)
        elif action == "turn":
            await in_db_thread(self.turn, room, user_id)
        elif action == "connect":
            await self.connect(user_id)
        else:
            await self.sync(self.chance.choice(self.clients))

    def turn(self, room: Room, user_id: UUID) -> None:
        """Who is in goes, and who is out comes in."""
        if (began := self.members[room].pop(user_id, None)) is None:
            self.members[room][user_id] = room.join(user_id)
        else:
            self.stays.setdefault((room, user_id), []).append(range(began, room.leave(user_id)))

    def interfere(self, user_id: UUID) -> None:
        """Between two readings for a socket: its user goes, comes, or goes and comes."""
        for _ in range(self.chance.choice([0, 1, 1, 2])):
            self.turn(self.chance.choice(list(self.members)), user_id)

    async def connect(self, user_id: UUID) -> None:
        """A new socket in the place of an old one, with what that has seen."""
        old = [client for client in self.clients if client.user_id == user_id]
        client = await Client(self.hub, user_id).connect()
        if len(old) == 2:
            client.frames = list(old[0].frames)
            self.clients.remove(old[0])
            await old[0].leave()
        self.clients.append(client)
        await self.sync(client)

    async def sync(self, client: Client) -> None:
        positions = client.view().known
        answer = await client.sync({str(user_stream(client.user_id)): 0} | positions)
        assert answer["payload"]["more"] is False

    def nothing_leaked(self) -> None:
        for client in self.clients:
            for room, members in self.members.items():
                stays = list(self.stays.get((room, client.user_id), []))
                if client.user_id in members:
                    stays.append(range(members[client.user_id], 10**9))
                for frame in client.events(room):
                    if "seq" in frame:
                        assert any(frame["seq"] in stay for stay in stays), (frame, stays)
                    else:
                        assert client.user_id in self.whispers[frame["payload"]["text"]]

    async def nothing_is_missing(self) -> None:
        for room, members in self.members.items():
            last = await in_db_thread(streams.head, room.name)
            for client in self.clients:
                seqs = client.seqs(room)
                assert seqs == sorted(set(seqs)), "positions went back"
                if client.user_id in members:
                    await client.until_seq(room, last)
                    since = [seq for seq in client.seqs(room) if seq > last - 5]
                    assert since == list(range(last - 4, last + 1))

    async def everybody_knows_where_they_are(self) -> None:
        for client in self.clients:
            own = user_stream(client.user_id)
            last = await in_db_thread(streams.head, own)
            await client.until(partial(_has_come, client, str(own), last))
            view = client.view()
            assert view.rooms == {str(room.name) for room, members in self.members.items() if client.user_id in members}
            assert view.stale == [], "a stay before the present one was told"


def _has_come(client: Client, stream: str, seq: int) -> bool:
    return client.view().known.get(stream) == seq


@pytest.mark.parametrize("seed", range(10))
async def test_bad_weather(rooms: Rooms, hub: Hub, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(flow, "TAIL_SECONDS", 0.05)
    chance = random.Random(seed)
    weather = Weather(chance, monkeypatch)
    world = World(chance, rooms, hub)
    await world.set_up()
    read = catchup.read

    def read_late(plan: catchup.CatchupPlan) -> catchup.CatchupBatch:
        world.interfere(plan.user_id)
        return read(plan)

    monkeypatch.setattr(catchup, "read", read_late)
    for _ in range(STEPS):
        await world.step()
        if chance.random() < 0.2:
            weather.clear_up()
        await asyncio.sleep(chance.choice([0, 0, 0.005]))
    for room in world.members:
        for _ in range(5):
            await in_db_thread(room.say)
    weather.clear_up()
    await world.nothing_is_missing()
    world.nothing_leaked()
    await world.everybody_knows_where_they_are()
