"""What the hub remembers of sockets and streams; all of it belongs to one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from uuid import UUID

from core.realtime.bus import Message
from core.realtime.connection import MOST_BYTES
from core.realtime.connection import MOST_FRAMES
from core.realtime.connection import TOO_SLOW
from core.realtime.connection import Connection
from core.realtime.names import StreamName


class Member:
    """A socket as the hub sees it."""

    __slots__ = (
        "buffered",
        "buffered_bytes",
        "connection",
        "later",
        "left",
        "partial",
        "pinged",
        "present",
        "streams",
        "told",
        "turn",
    )

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.present = True
        self.streams: set[LocalStream] = set()
        """Those it is live on, or about to be."""
        self.partial: dict[StreamName, int] | None = None
        """Streams it was sent a part of, and how far: it must sync again."""
        self.later: dict[StreamName, int] | None = None
        """Streams it was let in to again before the event came by which it left them."""
        self.told: dict[StreamName, int | None] | None = None
        """While it syncs: the streams it was told to follow meanwhile, from where, and (None) those to forget."""
        self.left: dict[StreamName, int] | None = None
        """Where it was taken out: what let it in before that comes too late."""
        self.turn: asyncio.Lock | None = None
        self.buffered = 0
        self.buffered_bytes = 0
        self.pinged = 0

    @property
    def user_id(self) -> UUID:
        return self.connection.user_id

    @property
    def is_syncing(self) -> bool:
        return self.turn is not None and self.turn.locked()

    def take_leave(self, name: StreamName, seq: int) -> None:
        """Remember that it was taken out of a stream by event ``seq``."""
        self.left = self.left or {}
        self.left[name] = max(seq, self.left.get(name, 0))

    def was_out_since(self, name: StreamName, position: int) -> bool:
        """Whether it was taken out after a position."""
        return position < (self.left or {}).get(name, 0)

    def postpone(self, opens: Mapping[StreamName, int]) -> None:
        """Remember to open streams later."""
        self.later = self.later or {}
        for name, position in opens.items():
            self.later[name] = max(position, self.later.get(name, 0))

    def buffer(self, message: Message) -> None:
        """Count what is kept back while the socket catches up; too much closes it like a full queue."""
        self.buffered += 1
        self.buffered_bytes += len(message.frame)
        if self.buffered > MOST_FRAMES or self.buffered_bytes > MOST_BYTES:
            self.connection.close(TOO_SLOW, "too slow")

    def release(self, messages: list[Message]) -> None:
        """Count back what :meth:`buffer` counted."""
        self.buffered -= len(messages)
        self.buffered_bytes -= sum(len(message.frame) for message in messages)


class LocalStream:
    """A stream somebody here listens to, or did a moment ago."""

    __slots__ = ("changed", "gap", "is_heard", "joining", "last", "live", "name", "pending", "pump", "target")

    def __init__(self, name: StreamName) -> None:
        self.name = name
        self.last: int | None = None
        """The newest event that went to the members; None while there are none."""
        self.target = 0
        """The newest event known of."""
        self.live: dict[Member, int] = {}
        """Who gets its events, and the position each began at; no event and no leaving up to there counts."""
        self.joining: dict[Member, Join] = {}
        """Who is catching up: events are kept for them."""
        self.pending: dict[int, Message] = {}
        """Events that came before their turn."""
        self.gap: asyncio.Future[None] | None = None
        self.pump: asyncio.Task[None] | None = None
        self.is_heard = False
        self.changed = 0

    @property
    def is_empty(self) -> bool:
        return not self.live and not self.joining

    @property
    def is_behind(self) -> bool:
        """Whether there is something it has not delivered."""
        return self.last is not None and self.target > self.last


class Join:
    """One socket on its way to being live on one stream."""

    __slots__ = ("buffer", "has_left", "is_partial", "known", "member", "position", "silent", "stream")

    def __init__(self, member: Member, stream: LocalStream, *, position: int, known: int, silent: bool = False) -> None:
        self.member = member
        self.stream = stream
        self.position = position
        """How far the client has it."""
        self.known = known
        """The position at which the user was seen to be a member."""
        self.silent = silent
        """The client reads the stream by REST: what comes before it is live only moves the position."""
        self.buffer: list[Message] = []
        self.has_left = False
        self.is_partial = False
        """It will not be live this time, as more was missing than fits: nothing need be kept."""

    def begin_at(self, position: int) -> None:
        """The client was told that it is let in again there: what was before, a leaving too, is of another stay."""
        self.position = max(self.position, position)
        self.known = max(self.known, position)

    def take(self, message: Message) -> None:
        """Keep an event until what was before it has been sent."""
        if not self.is_partial:
            self.buffer.append(message)
            self.member.buffer(message)

    def give(self) -> list[Message]:
        """What was kept and is still missing, in order."""
        kept, self.buffer = self.buffer, []
        self.member.release(kept)
        return [message for message in kept if (message.seq or 0) > self.position]
