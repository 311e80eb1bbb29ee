"""What a client misses, given its positions: the same answer for a socket's ``sync`` and for polling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from types import MappingProxyType
from uuid import UUID

from core.realtime import reading
from core.realtime.bus import Message
from core.realtime.names import USER
from core.realtime.names import StreamName

MOST_EVENTS = 1_000
MOST_BYTES = 1024 * 1024


@dataclass(slots=True)
class CatchupPlan:
    """Where reading starts, for all streams the user may listen to, in the order in which they are read."""

    user_id: UUID
    starts: dict[StreamName, int] = field(default_factory=dict)
    known: dict[StreamName, int] = field(default_factory=dict)
    """The newest ``seq`` when the user was seen to be a member: what took them out before is history."""
    reset: list[StreamName] = field(default_factory=list)
    """Streams the client must read by REST; of these only what comes after ``known`` is looked at."""
    foreign: list[str] = field(default_factory=list)
    """What the client named and may not listen to, as far as was known when the positions were read."""
    followed: StreamName | None = None
    """The user's own stream when the socket is live on it: it is looked at, and comes by the way it always does."""


@dataclass(slots=True)
class CatchupBatch:
    """What a plan found."""

    messages: list[Message] = field(default_factory=list)
    positions: dict[StreamName, int] = field(default_factory=dict)
    """How far each stream was read; those the user was taken out of are missing."""
    left: dict[StreamName, int] = field(default_factory=dict)
    """Those, and the event by which."""
    incomplete: set[StreamName] = field(default_factory=set)
    """Streams of which more is there than fits."""
    opens: dict[StreamName, int] = field(default_factory=dict)
    """Streams the user was let in to while this was read."""
    followed_to: int = 0
    """How far the plan's ``followed`` stream had come: until the client was sent that, the rest is too early."""


def plan(
    user_id: UUID,
    heads: Mapping[StreamName, tuple[int, int]],
    positions: Mapping[str, int],
    *,
    live: Mapping[StreamName, int] = MappingProxyType({}),
) -> CatchupPlan:
    """Compare what the client has with what is there.

    Streams that are ``live`` already, and were sent up to a position, need nothing; the user's own is looked at.
    """
    made = CatchupPlan(user_id)
    kept: dict[StreamName, int] = {}
    own: dict[StreamName, int] = {}
    for name, (newest, trimmed) in heads.items():
        if name in live:
            if name.kind == USER:
                made.followed, made.known[name], own[name] = name, newest, live[name]
            continue
        made.known[name] = newest
        position = positions.get(str(name))
        if position is None or position > newest or position < trimmed:
            made.reset.append(name)
        else:
            (own if name.kind == USER else kept)[name] = position
    # Small parts first, so that they are complete: the user's own stream, and what is only looked at.
    made.starts = own | {name: made.known[name] for name in made.reset} | kept
    known = {str(name) for name in heads} | {str(name) for name in live}
    made.foreign = [text for text in positions if text not in known]
    return made


def read(made: CatchupPlan) -> CatchupBatch:
    """Follow a plan by one query."""
    messages = reading.after(made.starts, limit=MOST_EVENTS + 1)
    return _Reader(made).read(messages)


class _Reader:
    """Goes through the events once, in order."""

    def __init__(self, made: CatchupPlan) -> None:
        self._plan = made
        self._batch = CatchupBatch(positions=dict(made.starts))
        self._user = str(made.user_id)
        self._reset = set(made.reset)
        self._told: dict[StreamName, int | None] = {}
        """Where the client begins anew by what it is sent of its user's own stream, which is read first; None: what it
        is made to forget by that."""
        self._bytes = 0

    def read(self, messages: list[Message]) -> CatchupBatch:
        for count, message in enumerate(messages):
            if count == MOST_EVENTS or (self._bytes and self._bytes + len(message.frame) > MOST_BYTES):
                self._stop_at(message.stream)
                break
            if message.stream not in self._batch.left:
                self._take(message)
        self._finish()
        return self._batch

    def _take(self, message: Message) -> None:
        name, seq, audience = message.stream, message.seq or 0, message.audience or {}
        is_news = seq > self._plan.known[name]
        if is_news and self._user in audience.get("leaves", ()):
            self._batch.left[name] = seq
            return
        if is_news:
            self._note(message)
        if name == self._plan.followed:
            self._told |= _told(message)
            self._batch.followed_to = seq
            return
        if seq != self._batch.positions[name] + 1:
            self._lose(name)
        self._batch.positions[name] = seq
        begins = self._told.get(name, 0)
        if name not in self._reset and begins is not None and seq > begins:
            self._batch.messages.append(message)
            self._bytes += len(message.frame)
            self._told |= _told(message)
        if is_news and audience.get("ends"):
            self._batch.left[name] = seq

    def _note(self, message: Message) -> None:
        """What the user was let in to since, and is not out of again."""
        for name in closed(message):
            self._batch.opens.pop(name, None)
        self._batch.opens |= opened(message)

    def _finish(self) -> None:
        """Forget what the user was taken out of; what should have been there and was not must be read by REST."""
        for name in self._batch.positions.keys() & {*self._batch.left, self._plan.followed}:
            del self._batch.positions[name]
        for name, position in self._batch.positions.items():
            if position < self._plan.known[name] and name not in self._batch.incomplete:
                self._lose(name)
                self._batch.positions[name] = self._plan.known[name]

    def _lose(self, name: StreamName) -> None:
        """Events were removed by age since the positions were read."""
        if name not in self._reset:
            self._reset.add(name)
            self._plan.reset.append(name)

    def _stop_at(self, name: StreamName) -> None:
        """Streams are read one after the other: from this one on they are incomplete."""
        names = list(self._plan.starts)
        self._batch.incomplete = set(names[names.index(name) :]) - self._batch.left.keys() - {self._plan.followed}


def opened(message: Message) -> dict[StreamName, int]:
    """The streams an event lets its user in to, with the position from which; only events of users' streams can."""
    if message.stream.kind != USER or not message.audience:
        return {}
    named = {StreamName.parse(text): seq for text, seq in message.audience.get("opens", {}).items()}
    return {name: seq for name, seq in named.items() if name is not None}


def _told(message: Message) -> dict[StreamName, int | None]:
    """What a client knows by an event of its user's stream: where streams begin for it, and (None) those it forgets."""
    return dict.fromkeys(closed(message)) | opened(message)


def resets(
    made: CatchupPlan, positions: Mapping[StreamName, int], opens: Mapping[StreamName, int]
) -> tuple[dict[StreamName, int], list[str]]:
    """What the client must read by REST: streams with the position to go on from, and those it is to forget.

    ``positions`` is how far each stream was read, ``opens`` what let the user in since the heads were read. Such a
    stream is foreign no more: the event says so, or, where it was not sent, its position does.
    """
    heads = {name: positions[name] for name in made.reset if name in positions}
    foreign = []
    is_silent = any(name.kind == USER for name in made.reset)
    for text in made.foreign:
        name = StreamName.parse(text)
        if name is None or name not in opens:
            foreign.append(text)
        elif is_silent:
            heads[name] = opens[name]
    return heads, foreign


def closed(message: Message) -> list[StreamName]:
    """The streams an event makes its user's clients forget."""
    if message.stream.kind != USER or not message.audience:
        return []
    return [name for text in message.audience.get("closes", ()) if (name := StreamName.parse(text)) is not None]


@dataclass(frozen=True, slots=True)
class Answer:
    """For a client that polls: frames as a socket would get them, in order per stream."""

    frames: list[bytes]
    reset: list[str]
    heads: dict[str, int]
    """Of the streams in ``reset`` that are the user's: the position to go on from after reading by REST."""
    more: bool


def poll(user_id: UUID, positions: Mapping[str, int]) -> Answer:
    """What a client without a socket misses; one query per kind of stream and one more."""
    made = plan(user_id, reading.heads(user_id), positions)
    batch = read(made)
    heads, foreign = resets(made, batch.positions, batch.opens)
    return Answer(
        frames=[message.frame for message in batch.messages],
        reset=[*map(str, heads), *foreign],
        heads={str(name): position for name, position in heads.items()},
        more=bool(batch.incomplete),
    )
