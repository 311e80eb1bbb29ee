"""From the bus to the members of a stream: in order, without gaps, to whoever is a member at that point."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from core.db_threads import in_db_thread
from core.realtime import metrics
from core.realtime import reading
from core.realtime.bus import Listener
from core.realtime.bus import Message
from core.realtime.bus import get_bus
from core.realtime.hub.state import Join
from core.realtime.hub.state import LocalStream
from core.realtime.hub.state import Member
from core.realtime.names import USER
from core.realtime.names import StreamName
from core.realtime.wire import FrameBatch

logger = logging.getLogger(__name__)

TAIL_SECONDS = 10.0
GRACE_SECONDS = 0.02
"""How long a gap may be one because two threads published in the other order."""
AT_ONCE = 128
"""Sockets written to before others get a turn."""
_MOST_PENDING = 1_000
_READ_AT_ONCE = 500
_BATCH_EVENTS, _BATCH_BYTES = 128, 32 * 1024
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0

_DURABLE = metrics.DELIVERED.labels("durable")
_EPHEMERAL = metrics.DELIVERED.labels("ephemeral")


class Flow:
    """The streams of one event loop.

    Three safeguards stand in methods of their own, so that a test can take one out and see that it is missed:
    :meth:`_is_next` (contiguity), :meth:`_check_tails` (lost tails) and ``_begin_buffering`` (connecting).
    """

    def __init__(self) -> None:
        self._streams: dict[StreamName, LocalStream] = {}
        self._users: dict[UUID, dict[Member, None]] = {}
        self._listener: Listener | None = None
        self._listening = asyncio.Lock()
        self._alarm = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._clock = 0

    async def start(self) -> None:
        """Begin to listen to the bus and to look for lost tails; may be called again."""
        async with self._listening:
            if self._listener is None:
                listener = get_bus().listener(self._receive, self._alarm.set)
                await listener.start()
                self._listener = listener
                self._spawn(self._watch())

    async def stop(self) -> None:
        """Stop listening; for the end of an event loop."""
        tasks = [*self._tasks, *(stream.pump for stream in self._streams.values() if stream.pump)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._listener is not None:
            await self._listener.stop()
            self._listener = None
        metrics.STREAMS.dec(len(self._streams))
        self._streams.clear()

    # From the bus

    def _receive(self, message: Message) -> None:
        """A message of the bus; may be late, double or early."""
        stream = self._streams.get(message.stream)
        if stream is None:
            return
        if stream.is_empty or stream.last is None:
            stream.last = None  # nobody follows it; who comes next brings a position along
            stream.pending.clear()
        elif message.seq is None:
            self._tell(stream, message)
        elif stream.pump is None and self._is_next(stream, message.seq) and len(stream.live) <= AT_ONCE:
            self._dispatch(stream, message)
            self._advance(stream)
        elif message.seq > stream.last:
            self._keep(stream, message, message.seq)

    def _keep(self, stream: LocalStream, message: Message, seq: int) -> None:
        """An event whose turn has not come; too many of them are read from the database when it has."""
        stream.target = max(stream.target, seq)
        if len(stream.pending) < _MOST_PENDING:
            stream.pending[seq] = message
        if stream.gap is not None and self._is_next(stream, seq) and not stream.gap.done():
            stream.gap.set_result(None)
        self._advance(stream)

    def _is_next(self, stream: LocalStream, seq: int) -> bool:
        """The contiguity check."""
        return stream.last is not None and seq == stream.last + 1

    def _advance(self, stream: LocalStream) -> None:
        """See that what is missing will be delivered."""
        if stream.pump is None and stream.is_behind:
            stream.pump = asyncio.create_task(self._pump(stream))

    async def _pump(self, stream: LocalStream) -> None:
        """Deliver until the newest known event: what came early, and between that what the database has."""
        pause = _FIRST_PAUSE
        try:
            while stream.is_behind and not stream.is_empty:
                if messages := self._next_batch(stream):
                    await self._deliver(stream, messages)
                    continue
                try:
                    await self._fill(stream)
                    pause = _FIRST_PAUSE
                except Exception:
                    logger.exception("A gap in %s could not be read", stream.name)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE)
        finally:
            stream.pump = None

    async def _brought(self, member: Member, stream: LocalStream, seq: int) -> None:
        """Wait until a member who is live was sent so much, or is live no more."""
        stream.target = max(stream.target, seq)
        while member in stream.live and (stream.last or 0) < seq:
            self._advance(stream)
            if stream.pump is not None:
                await asyncio.wait([stream.pump])

    def _next_batch(self, stream: LocalStream) -> list[Message]:
        """What arrived during the last delivery leaves together; an event that changes who listens leaves alone."""
        found: list[Message] = []
        seq, size = (stream.last or 0) + 1, 0
        while (message := stream.pending.get(seq)) is not None and len(found) < _BATCH_EVENTS and size < _BATCH_BYTES:
            if message.audience and found:
                break
            found.append(stream.pending.pop(seq))
            if message.audience:
                break
            size += len(message.frame)
            seq += 1
        return found

    async def _fill(self, stream: LocalStream) -> None:
        """Close a gap: by what arrives in a moment, else by what the database has."""
        if await self._arrives(stream):
            return
        last = stream.last or 0
        metrics.GAPS.inc()
        found = await in_db_thread(reading.after, {stream.name: last}, limit=_READ_AT_ONCE)
        self._drop_old(stream)
        if found:
            stream.target = max(stream.target, found[-1].seq or 0)
            stream.pending |= {message.seq or 0: message for message in found}
        if last + 1 not in stream.pending:
            self._skip(stream)

    async def _arrives(self, stream: LocalStream) -> bool:
        """Whether the missing event comes over the bus after all."""
        stream.gap = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait_for(stream.gap, GRACE_SECONDS)
        except TimeoutError:
            return False
        finally:
            stream.gap = None
        return True

    def _skip(self, stream: LocalStream) -> None:
        """The database no longer has what is missing: it was removed by age, or with the whole stream."""
        beyond = min(stream.pending, default=stream.target + 1)
        logger.warning("Events of %s up to %s are gone", stream.name, beyond - 1)
        stream.last = beyond - 1

    def _drop_old(self, stream: LocalStream) -> None:
        last = stream.last or 0
        for seq in [seq for seq in stream.pending if seq <= last]:
            del stream.pending[seq]

    # To the members

    def _dispatch(self, stream: LocalStream, message: Message) -> None:
        """Deliver to a few members, without a pause."""
        self._prepare(stream, message)
        self._push([message], stream.live.items())
        self._finish(stream, message)

    async def _deliver(self, stream: LocalStream, messages: list[Message]) -> None:
        """Deliver what follows on each other to any number of members."""
        for message in messages:
            self._prepare(stream, message)
        batch = FrameBatch([message.frame for message in messages])
        everybody = list(stream.live.items())
        for start in range(0, len(everybody), AT_ONCE):
            if start:
                await asyncio.sleep(0)
            part = everybody[start : start + AT_ONCE]
            if start:  # meanwhile somebody may have gone, or been let in again further on
                part = [(member, stream.live[member]) for member, _ in part if member in stream.live]
            self._push(messages, part, batch)
        for message in messages:
            self._finish(stream, message)
        await asyncio.sleep(0)

    def _prepare(self, stream: LocalStream, message: Message) -> None:
        """Who leaves does so before delivery; who is catching up gets it kept."""
        seq = message.seq or 0
        stream.last = seq
        stream.target = max(stream.target, seq)
        self._clock += 1
        stream.changed = self._clock
        if message.audience:
            for user_id in message.audience.get("leaves", ()):
                for member in self._users.get(UUID(user_id), ()):
                    self._take_out(stream, member, seq)
        for join in stream.joining.values():
            join.take(message)

    def _push(
        self, messages: list[Message], members: Iterable[tuple[Member, int]], batch: FrameBatch | None = None
    ) -> None:
        batch = batch or FrameBatch([message.frame for message in messages])
        first, count, size = messages[0].seq or 0, 0, len(messages)
        for member, floor in members:
            if floor < first:
                member.connection.push_batch(batch)
                count += size
            else:  # it began in the midst of them
                rest = [message.frame for message in messages if floor < (message.seq or 0)]
                if not rest:
                    continue
                member.connection.push_batch(FrameBatch(rest))
                count += len(rest)
        _DURABLE.inc(count)

    def _finish(self, stream: LocalStream, message: Message) -> None:
        """What the event opens, and what it ends."""
        if not message.audience:
            return
        seq = message.seq or 0
        if stream.name.kind == USER:
            for member, floor in list(stream.live.items()):
                if floor < seq:
                    self._follow(member, message)
        if message.audience.get("ends"):
            for member in [*stream.live, *stream.joining]:
                self._take_out(stream, member, seq + 1)

    def _take_out(self, stream: LocalStream, member: Member, seq: int) -> None:
        """End a membership, unless it began after ``seq``."""
        floor = stream.live.get(member)
        if floor is not None and floor < seq:
            del stream.live[member]
            member.streams.discard(stream)
            member.take_leave(stream.name, seq)
        join = stream.joining.get(member)
        if join is not None and join.known < seq:
            self._drop_join(join)
            member.take_leave(stream.name, seq)
        position = (member.later or {}).get(stream.name, 0)
        if position >= seq and member not in stream.live and member not in stream.joining:
            self._open(member, {stream.name: position})

    def _drop_join(self, join: Join) -> None:
        join.has_left = True
        join.give()
        if join.stream.joining.get(join.member) is join:
            del join.stream.joining[join.member]
            join.member.streams.discard(join.stream)

    def _open(self, member: Member, opens: Mapping[StreamName, int]) -> None:
        """Let a socket in to further streams."""
        raise NotImplementedError

    def _follow(self, member: Member, message: Message) -> None:
        """Do what an event of a user's stream has told a client to."""
        raise NotImplementedError

    def _tell(self, stream: LocalStream, message: Message) -> None:
        """An ephemeral event: for those who are live, were so when it was told, and can keep up.

        A hub that has not come so far drops it, as it may still list somebody who has left.
        """
        if stream.last is None or stream.last < message.after:
            stream.target = max(stream.target, message.after)
            self._advance(stream)
            return
        after = message.after
        listening = [member for member, floor in stream.live.items() if floor <= after or not after]
        if message.only is not None:
            listening = [member for member in listening if message.only in member.connection.labels]
        if len(listening) > AT_ONCE:
            self._spawn(self._tell_many(stream, message, listening))
        else:
            self._push_ephemeral(message, listening)

    async def _tell_many(self, stream: LocalStream, message: Message, listening: list[Member]) -> None:
        for start in range(0, len(listening), AT_ONCE):
            part = listening[start : start + AT_ONCE]
            self._push_ephemeral(message, [member for member in part if member in stream.live])
            await asyncio.sleep(0)

    def _push_ephemeral(self, message: Message, members: Iterable[Member]) -> None:
        batch, count = FrameBatch([message.frame]), 0
        for member in members:
            if not member.connection.is_half_full:
                member.connection.push_batch(batch)
                count += 1
        _EPHEMERAL.inc(count)

    # Lost tails

    async def _watch(self) -> None:
        """Every ten seconds, and at once when the bus was away."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._alarm.wait(), TAIL_SECONDS)
            self._alarm.clear()
            try:
                await self._check_tails()
                await self._sweep()
            except Exception:
                logger.exception("The tails of streams could not be checked")

    async def _check_tails(self) -> None:
        """One query over all streams that are followed: where the database is further, deliver what is missing."""
        followed = self._followed()
        found = await in_db_thread(reading.behind, {name: stream.last or 0 for name, stream in followed})
        for name, newest in found.items():
            stream = self._streams.get(name)
            if stream is None or stream.last is None or newest <= stream.last:
                continue
            if newest > stream.target:
                metrics.TAILS.inc()
                stream.target = newest
            self._advance(stream)

    def _followed(self) -> list[tuple[StreamName, LocalStream]]:
        return [entry for entry in self._streams.items() if entry[1].last is not None and not entry[1].is_empty]

    # What is listened to

    def _stream(self, name: StreamName, last: int) -> LocalStream:
        """The state of a stream; a new one begins at ``last``."""
        stream = self._streams.get(name)
        if stream is None:
            stream = self._streams[name] = LocalStream(name)
            metrics.STREAMS.inc()
        if stream.last is None or (stream.is_empty and stream.pump is None):
            stream.last = stream.target = last
            stream.pending.clear()
        return stream

    async def _hear(self, streams: Iterable[LocalStream]) -> None:
        """Listen to these streams; returns when the bus has confirmed it."""
        await self.start()
        async with self._listening:
            new = [stream for stream in streams if not stream.is_heard]
            if new and self._listener is not None:
                await self._listener.subscribe([stream.name for stream in new])
            for stream in new:
                stream.is_heard = True

    async def _sweep(self) -> None:
        """Stop listening to streams nobody here follows any more."""
        async with self._listening:
            empty = list(self._forget_empty())
            if empty and self._listener is not None:
                await self._listener.unsubscribe(empty)

    def _forget_empty(self) -> Iterator[StreamName]:
        for name, stream in list(self._streams.items()):
            if stream.is_empty and stream.pump is None:
                del self._streams[name]
                metrics.STREAMS.dec()
                yield name

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(_awaited(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _awaited(work: Awaitable[None]) -> None:
    await work
