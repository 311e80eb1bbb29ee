"""How a socket becomes live.

Register, read what is missing, send that, send what came meanwhile, and only then be live: so nothing falls between.
Membership is known from the reading of the positions; what changes it afterwards is an event of the streams themselves,
which are read up to their end after the bus has confirmed that it listens. So nobody is missed and nobody slips in.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping

from core.db_threads import in_db_thread
from core.realtime import catchup
from core.realtime import reading
from core.realtime.bus import Message
from core.realtime.hub.flow import Flow
from core.realtime.hub.state import Join
from core.realtime.hub.state import Member
from core.realtime.names import StreamName

logger = logging.getLogger(__name__)

_PAUSE_SECONDS = 1.0
_FEW = 100
"""So many kept events go out in one go at the end."""


class Joining(Flow):
    """Connecting sockets to streams."""

    def __init__(self) -> None:
        super().__init__()
        self._opening: list[tuple[Member, StreamName, int]] = []
        self._is_opening = False

    # A client that says what it has

    async def _sync(self, member: Member, positions: Mapping[str, int], request_id: str | None) -> None:
        """One query per kind of stream and one more, whatever the number of streams."""
        member.told = {}
        heads = await in_db_thread(reading.heads, member.user_id)
        if not member.present:
            return
        live = {stream.name: max(stream.last or 0, stream.live.get(member, 0)) for stream in member.streams}
        plan = catchup.plan(member.user_id, heads, _at_least(positions, member.partial or {}), live=live)
        joins = {name: self._planned(member, plan, name) for name in plan.starts if name != plan.followed}
        try:
            self._begin_buffering(joins.values())
            await self._hear([join.stream for join in joins.values()])
            batch = await in_db_thread(catchup.read, plan)
            complete = [joins[name] for name in batch.positions.keys() - batch.incomplete]
            if plan.followed is not None:
                await self._brought(member, self._streams[plan.followed], batch.followed_to)
            await self._send(member, joins, batch)
            await self._send_kept(complete)
            self._go_live(member, complete, batch)
            unnamed = [name for name in live if name in heads and str(name) not in positions]
            reached = {name: joins[name].position for name in batch.positions} | _sent(member, unnamed)
            reset, foreign = _to_read(member, plan, reached, unnamed)
            member.connection.push(_synced(request_id, reset, foreign, more=bool(batch.incomplete)))
        finally:
            member.told = None
            for join in joins.values():
                self._drop_join(join)

    async def _send(self, member: Member, joins: Mapping[StreamName, Join], batch: catchup.CatchupBatch) -> None:
        """Send what was read, as fast as the client takes it."""
        for name in batch.incomplete:
            joins[name].give()
            joins[name].is_partial = True
        for message in batch.messages:
            await member.connection.drained()
            join = joins[message.stream]
            if not join.has_left and (message.seq or 0) > join.position:
                member.connection.push(message.frame)
        for name, position in batch.positions.items():
            joins[name].position = max(position, joins[name].position)

    async def _send_kept(self, joins: Collection[Join]) -> None:
        """Send what came meanwhile, until little of it is left."""
        while sum(len(join.buffer) for join in joins) > _FEW:
            for join in joins:
                for message in join.give():
                    await join.member.connection.drained()
                    if not join.has_left:
                        self._hand(join, message)

    def _go_live(self, member: Member, complete: Iterable[Join], batch: catchup.CatchupBatch) -> None:
        """The last step, without a pause in it."""
        for join in complete:
            if not join.has_left and member.present:
                self._end_buffering(join)
        for name, seq in batch.left.items():
            member.take_leave(name, seq)
        member.partial = {name: batch.positions[name] for name in batch.incomplete} or None
        member.pinged = self._clock
        told = member.told or {}
        self._open(member, {name: position for name, position in batch.opens.items() if told.get(name, 0) is not None})

    # The steps for one stream

    def _planned(self, member: Member, plan: catchup.CatchupPlan, name: StreamName) -> Join:
        known = plan.known[name]
        silent = name in plan.reset
        join = Join(member, self._stream(name, known), position=plan.starts[name], known=known, silent=silent)
        join.begin_at((member.told or {}).get(name) or 0)
        return join

    def _begin_buffering(self, joins: Iterable[Join]) -> None:
        """From here on nothing of these streams can fall between what is read and what is live."""
        for join in joins:
            join.stream.joining[join.member] = join
            join.member.streams.add(join.stream)

    def _end_buffering(self, join: Join) -> None:
        """Send what was kept and be live."""
        member, stream = join.member, join.stream
        for message in join.give():
            self._hand(join, message)
        stream.joining.pop(member, None)
        if stream.last is None:
            stream.last = stream.target = join.position
        stream.live[member] = max(join.position, join.known)
        member.streams.add(stream)
        self._catch_up_with(join)

    def _catch_up_with(self, join: Join) -> None:
        """A client that was sent more than the stream has brought shows that the bus was late, or that it was new."""
        stream, position = join.stream, join.position
        if position <= (stream.last or 0):
            return
        stream.target = max(stream.target, position)
        floors = (*stream.live.values(), *(other.position for other in stream.joining.values()))
        if stream.pump is None and min(floors) >= position:
            stream.last = position  # everybody here has it already
        self._advance(stream)

    def _hand(self, join: Join, message: Message) -> None:
        join.position = message.seq or 0
        if not join.silent:
            join.member.connection.push(message.frame)
        self._follow(join.member, message)

    # Streams that are opened while the socket is live

    def _follow(self, member: Member, message: Message) -> None:
        for name in catchup.closed(message):
            self._close(member, name)
        self._open(member, catchup.opened(message))

    def _close(self, member: Member, name: StreamName) -> None:
        """Nothing more of a stream its client has just forgotten, also of what was before it was taken out.

        The user's own stream may overtake the other: what came then would be of a stream the client does not know,
        and the event by which it left is not for it.
        """
        if member.told is not None:
            member.told[name] = None
        if member.later is not None:
            member.later.pop(name, None)
        self._opening = [entry for entry in self._opening if entry[:2] != (member, name)]
        stream = self._streams.get(name)
        if stream is None:
            return
        if stream.live.pop(member, None) is not None:
            member.streams.discard(stream)
        if (join := stream.joining.get(member)) is not None:
            self._drop_join(join)

    def _open(self, member: Member, opens: Mapping[StreamName, int]) -> None:
        """Many of them are joined at once: a large group opens itself to all its members together."""
        self._begin_again(member, opens)
        self._opening += [(member, name, position) for name, position in opens.items()]
        if self._opening and not self._is_opening:
            self._is_opening = True
            self._spawn(self._open_all())

    def _begin_again(self, member: Member, opens: Mapping[StreamName, int]) -> None:
        """Who was let in again is sent nothing up to there, though they did not hear yet that they were out.

        The client has begun there as well: it was told so by its user's own stream, which may overtake the others.
        """
        for name, position in opens.items():
            if member.told is not None:
                member.told[name] = max(position, member.told.get(name) or 0)
            stream = self._streams.get(name)
            if stream is not None and member in stream.live:
                stream.live[member] = max(position, stream.live[member])
            elif stream is not None and member in stream.joining:
                stream.joining[member].begin_at(position)

    async def _open_all(self) -> None:
        try:
            while self._opening:
                wanted, self._opening = self._opening, []
                try:
                    await self._open_these(wanted)
                except Exception:
                    logger.exception("Streams could not be opened")
                    self._opening = wanted + self._opening
                    await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            self._is_opening = False

    async def _open_these(self, wanted: Iterable[tuple[Member, StreamName, int]]) -> None:
        newest: dict[tuple[Member, StreamName], int] = {}
        for member, name, position in wanted:
            newest[member, name] = max(position, newest.get((member, name), 0))
        joins = [join for (member, name), position in newest.items() if (join := self._opened(member, name, position))]
        try:
            await self._hear([join.stream for join in joins])
            await self._read_for(joins)
            for join in joins:
                if not join.has_left and join.member.present:
                    self._end_buffering(join)
        finally:
            for join in joins:
                self._drop_join(join)

    def _opened(self, member: Member, name: StreamName, position: int) -> Join | None:
        """The way in, when there is one to go; a client that must sync again for this stream does so anyway."""
        stream = self._streams.get(name)
        if member.is_syncing:
            member.postpone({name: position})
        elif stream is not None and (member in stream.live or member in stream.joining):
            return None  # and it has begun there, so that what it left by before does not count
        elif member.present and not member.was_out_since(name, position) and name not in (member.partial or {}):
            join = Join(member, self._stream(name, position), position=position, known=position)
            self._begin_buffering([join])
            return join
        return None

    async def _read_for(self, joins: Collection[Join]) -> None:
        """What these sockets miss, by one query for all of them (and more while more is there)."""
        by_name: dict[StreamName, list[Join]] = {}
        for join in joins:
            by_name.setdefault(join.stream.name, []).append(join)
        positions = {name: min(join.position for join in those) for name, those in by_name.items()}
        found: list[Message] | None = None
        while positions and (found is None or len(found) == catchup.MOST_EVENTS):
            found = await in_db_thread(reading.after, positions, limit=catchup.MOST_EVENTS)
            for message in found:
                positions[message.stream] = message.seq or 0
                for join in by_name[message.stream]:
                    self._hand_read(join, message)

    def _hand_read(self, join: Join, message: Message) -> None:
        audience = message.audience or {}
        if join.has_left or (message.seq or 0) <= join.position:
            return
        if str(join.member.user_id) in audience.get("leaves", ()):
            self._drop_join(join)
            join.member.take_leave(join.stream.name, message.seq or 0)
            return
        self._hand(join, message)
        if audience.get("ends"):
            self._drop_join(join)


def _at_least(positions: Mapping[str, int], sent: Mapping[StreamName, int]) -> dict[str, int]:
    """Positions never go back: what this socket was sent is not sent again."""
    found = dict(positions)
    for name, position in sent.items():
        if str(name) in found:
            found[str(name)] = max(found[str(name)], position)
    return found


def _sent(member: Member, names: Iterable[StreamName]) -> dict[StreamName, int]:
    """How far the socket was sent the streams of these on which it is live."""
    live = {stream.name: stream for stream in member.streams if member in stream.live}
    return {name: max(live[name].last or 0, live[name].live[member]) for name in names if name in live}


def _to_read(
    member: Member, plan: catchup.CatchupPlan, reached: Mapping[StreamName, int], unnamed: Iterable[StreamName]
) -> tuple[dict[StreamName, int], list[str]]:
    """:func:`.catchup.resets`, and what is live though its client names it no more, by what the client knows now."""
    told = member.told or {}
    opens = {name: position for name, position in told.items() if position is not None}
    reset, foreign = catchup.resets(plan, reached, opens)
    reset |= {name: reached[name] for name in unnamed if name in reached}
    return {name: position for name, position in reset.items() if told.get(name, position) is not None}, foreign


def _synced(request_id: str | None, reset: Mapping[StreamName, int], foreign: list[str], *, more: bool) -> bytes:
    heads = {str(name): position for name, position in reset.items()}
    frame = {"type": "synced", "payload": {"reset": [*heads, *foreign], "more": more, "heads": heads}}
    if request_id is not None:
        frame["id"] = request_id
    return json.dumps(frame, separators=(",", ":")).encode()
