"""A small world for the tests of streams: rooms of kind ``t`` with members, and clients that record what they get."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from typing import ClassVar
from uuid import UUID
from uuid import uuid5

from django.db import transaction
from websockets.frames import Frame
from websockets.frames import Opcode
from websockets.streams import StreamReader

from core.db_threads import in_db_thread
from core.ids import uuid7
from core.realtime import streams
from core.realtime.connection import Connection
from core.realtime.events import Event
from core.realtime.hub import Hub
from core.realtime.models import Stream
from core.realtime.names import StreamName
from core.realtime.names import user_stream
from core.realtime.streams import Audience


class Said(Event):
    type: ClassVar[str] = "test.said"
    text: str


class Whispered(Event):
    type: ClassVar[str] = "test.whispered"
    durable: ClassVar[bool] = False
    text: str


class Room:
    """A stream with members. Membership is a row, so it changes with the event that tells of it, or not at all."""

    def __init__(self) -> None:
        self.name = StreamName("t", uuid7())
        Stream.objects.create(id=self.name.id, kind="t")

    def _row(self, user_id: UUID) -> UUID:
        return uuid5(self.name.id, str(user_id))

    def say(self, text: str = "hello") -> int:
        with transaction.atomic():
            return streams.append(self.name, Said(text=text))

    def say_many(self, count: int, text: str = "hello") -> None:
        with transaction.atomic():
            for _ in range(count):
                streams.append(self.name, Said(text=text))

    def whisper(self, text: str = "psst") -> None:
        streams.publish_ephemeral(self.name, Whispered(text=text))

    def join(self, user_id: UUID) -> int:
        """The way an app does it: the room's stream first, then the user's, which opens the room."""
        with transaction.atomic():
            seq = streams.append(self.name, Said(text=f"joined {user_id}"))
            Stream.objects.create(id=self._row(user_id), kind="m")
            opens = Audience(opens={self.name: seq - 1})
            streams.append(user_stream(user_id), Said(text=f"opened {self.name} {seq - 1}"), audience=opens)
        return seq

    def leave(self, user_id: UUID) -> int:
        with transaction.atomic():
            Stream.objects.filter(pk=self._row(user_id)).delete()
            seq = streams.append(self.name, Said(text=f"left {user_id}"), audience=Audience(leaves=[user_id]))
            streams.append(
                user_stream(user_id), Said(text=f"closed {self.name}"), audience=Audience(closes=[self.name])
            )
        return seq

    def end(self) -> int:
        with transaction.atomic():
            return streams.append(self.name, Said(text="ended"), audience=Audience(ends=True))


class Rooms:
    """The resolver of kind ``t``."""

    kind = "t"

    def __init__(self) -> None:
        self.rooms: list[Room] = []

    def make(self, *members: UUID) -> Room:
        room = Room()
        self.rooms.append(room)
        for user_id in members:
            room.join(user_id)
        return room

    def heads(self, user_id: UUID) -> dict[UUID, tuple[int, int]]:
        by_row = {room._row(user_id): room for room in self.rooms}
        ids = [*by_row, *(room.name.id for room in self.rooms)]
        found = {row.id: row for row in Stream.objects.filter(pk__in=ids)}
        mine = [by_row[row].name.id for row in by_row if row in found]
        return {identity: (found[identity].last_seq, found[identity].trimmed_seq) for identity in mine}

    def presence(self, user_id: UUID) -> list[UUID]:
        return []


def unframed(data: bytes) -> list[bytes]:
    """The payloads of whole WebSocket text frames; fails on anything else."""
    frames, reader = [], StreamReader()
    reader.feed_data(data)
    while reader.buffer:
        reading = Frame.parse(reader.read_exact, mask=False)
        try:
            next(reading)
        except StopIteration as done:
            assert (done.value.opcode, done.value.fin) == (Opcode.TEXT, True)
            frames.append(bytes(done.value.data))
        else:
            raise AssertionError("a frame is cut off")
    return frames


class Line:
    """A wire that hands on what is in the frames; it takes nothing while ``open`` is not set."""

    unsent = 0

    def __init__(self, take: Callable[[list[bytes]], None], opened: asyncio.Event) -> None:
        self.writes = 0
        self._take = take
        self._open = opened

    def write(self, frames: bytes) -> bool:
        if self._open.is_set():
            self.writes += 1
            self._take(unframed(frames))
        return self._open.is_set()

    async def drain(self) -> None:
        await self._open.wait()


class View:
    """The streams of a client that does what docs/websocket.md says, and no more."""

    def __init__(self, user_id: UUID) -> None:
        self.own = str(user_stream(user_id))
        self.known: dict[str, int] = {}
        self.stale: list[dict[str, Any]] = []
        """Events it was sent after it had begun further on."""

    def take(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "synced":
            for name in frame["payload"]["reset"]:
                self.known.pop(name, None)
            self.known |= frame["payload"]["heads"]
        elif "room" not in frame and "seq" in frame:
            self.known[self.own] = frame["seq"]
            word, *about = frame["payload"]["text"].split()
            if word == "opened":
                self.known[about[0]] = int(about[1])
            elif word == "closed":
                self.known.pop(about[0], None)
        elif "seq" in frame and (name := f"t:{frame['room']}") in self.known:
            if frame["seq"] <= self.known[name]:
                self.stale.append(frame)
            else:
                self.known[name] = frame["seq"]

    @property
    def rooms(self) -> set[str]:
        return self.known.keys() - {self.own}


class Client:
    """A socket's client: what it was sent, and what it knows."""

    is_wired: ClassVar[bool] = False
    """Whether the server of these clients knows prepared frames."""

    def __init__(self, hub: Hub, user_id: UUID) -> None:
        self.hub = hub
        self.user_id = user_id
        self.frames: list[dict[str, Any]] = []
        self.closed_with: int | None = None
        self._known: dict[str, int] = {}
        self.reads = asyncio.Event()
        self.reads.set()
        self._news = asyncio.Condition()
        self.line = Line(self._read, self.reads)
        self.connection = Connection(
            user_id=user_id, session_id=uuid7(), send=self._receive, wire=self.line if self.is_wired else None
        )
        self._telling: set[asyncio.Task[None]] = set()
        self._writer: asyncio.Task[None] | None = None

    async def connect(self) -> Client:
        await self.hub.attach(self.connection)
        self._writer = asyncio.create_task(self.connection.run())
        return self

    async def live(self, *rooms: Room, at: int | None = None) -> Client:
        """Connect and sync with the rooms at their heads, or ``at`` a position."""
        await self.connect()
        await self.sync({str(room.name): await head(room) if at is None else at for room in rooms})
        return self

    async def sync(self, positions: dict[str, int], request_id: str = "1") -> dict[str, Any]:
        before = len(self.frames)
        await self.hub.sync(self.connection, positions, request_id=request_id)
        await self.until(lambda: any(frame["type"] == "synced" for frame in self.frames[before:]))
        return next(frame for frame in self.frames[before:] if frame["type"] == "synced")

    def knows(self, positions: dict[str, int]) -> None:
        """What it has from an earlier socket."""
        self._known = positions

    async def leave(self) -> None:
        await self.hub.detach(self.connection)
        self.connection.close(1000)
        if self._writer:
            await self._writer

    async def until(self, condition: Callable[[], bool], seconds: float = 15.0) -> None:
        """Wait for what a frame makes true."""
        async with self._news:
            await asyncio.wait_for(self._news.wait_for(condition), seconds)

    async def until_seq(self, room: Room, seq: int) -> None:
        await self.until(lambda: seq in self.seqs(room))

    def view(self) -> View:
        """What a client that follows the document has come to."""
        made = View(self.user_id)
        made.known = dict(self._known)
        for frame in self.frames:
            made.take(frame)
        return made

    def seqs(self, room: Room) -> list[int]:
        """The positions of a room's events in the order they came."""
        return [frame["seq"] for frame in self.events(room) if "seq" in frame]

    def events(self, room: Room) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame.get("room") == str(room.name.id)]

    def texts(self, room: Room) -> list[str]:
        return [frame["payload"]["text"] for frame in self.events(room)]

    async def _receive(self, message: dict[str, Any]) -> None:
        await self.reads.wait()
        if message["type"] == "websocket.close":
            self.closed_with = message["code"]
        else:
            self.frames.append(json.loads(message["text"]))
        await self._tell()

    def _read(self, frames: list[bytes]) -> None:
        self.frames += map(json.loads, frames)
        task = asyncio.create_task(self._tell())
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()


async def head(room: Room) -> int:
    return await in_db_thread(streams.head, room.name)


async def made(rooms: Rooms, *members: UUID) -> Room:
    """A room with these members."""
    return await in_db_thread(rooms.make, *members)
