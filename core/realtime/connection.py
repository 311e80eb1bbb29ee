"""The outbound side of one socket."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings

from core.ids import uuid7
from core.realtime import metrics
from core.realtime.wire import FrameBatch
from core.realtime.wire import Wire
from core.realtime.wire import framed

logger = logging.getLogger(__name__)

MOST_BYTES = 1024 * 1024
MOST_FRAMES = 1_000
CLOSE_SECONDS = 5.0
TOO_SLOW = 4008
_NOTHING: deque[bytes] = deque(maxlen=0)
_NO_LABELS: frozenset[UUID] = frozenset()
_WRITE_BYTES = 64 * 1024
"""So much of a queue is written to a wire at once."""


class Connection:
    """A bounded queue of frames and the writer that empties it; belongs to one event loop.

    With a ``wire`` frames go straight to it; those it does not take wait in the queue, as it wants them. What it has
    not sent counts as waiting.

    It is bounded in time too: every SOCKET_SEND_TIMEOUT_SECONDS while frames wait it is looked at what the client has
    taken since, and when that is nothing it is closed with 4008. So whoever waits for room in the queue waits for a
    client that takes something, or for twice that time at most.
    """

    __slots__ = (
        "__weakref__",
        "_bytes",
        "_closed",
        "_deadline",
        "_has_ended",
        "_queue",
        "_reason",
        "_room",
        "_send",
        "_timer",
        "_wake",
        "_wire",
        "_written",
        "close_code",
        "id",
        "labels",
        "session_id",
        "user_id",
    )

    def __init__(
        self,
        *,
        user_id: UUID,
        session_id: UUID,
        send: Callable[[dict[str, Any]], Awaitable[None]],
        wire: Wire | None = None,
    ) -> None:
        self.id = uuid7()
        self.user_id = user_id
        self.session_id = session_id
        self.labels = _NO_LABELS
        """What it is apart from its user's other connections: ``only=`` of :func:`streams.publish_ephemeral`."""
        self.close_code: int | None = None
        self._reason = ""
        self._send = send
        self._wire = wire
        self._queue = _NOTHING
        self._bytes = 0
        self._written = 0
        self._timer: asyncio.TimerHandle | None = None
        self._wake: asyncio.Future[None] | None = None
        # Rare: not worth having in every idle socket, as each is the better part of a kilobyte.
        self._room: asyncio.Event | None = None
        self._closed: asyncio.Event | None = None
        self._has_ended = False
        self._deadline: asyncio.Timeout | None = None

    @property
    def closed(self) -> asyncio.Event:
        """Set when the writer has ended: after the close frame was sent, or given up."""
        if self._closed is None:
            self._closed = asyncio.Event()
            if self._has_ended:
                self._closed.set()
        return self._closed

    @property
    def is_open(self) -> bool:
        """Whether frames still reach the client."""
        return self.close_code is None and not self._has_ended

    @property
    def is_half_full(self) -> bool:
        """Time to drop what may be dropped, and to wait with what may wait."""
        return self._bytes * 2 > MOST_BYTES or len(self._queue) * 2 > MOST_FRAMES

    def label(self, label: UUID) -> None:
        """Let what is told to ``label`` alone reach this connection, on the streams it listens to.

        A label is no secret and no right: it narrows whom an event of a stream reaches. From any thread, but one at a
        time, as the commands of one socket are; it ends with the connection, at the latest.
        """
        self.labels |= {label}

    def unlabel(self, label: UUID) -> None:
        """Take back :meth:`label`, if it was given."""
        self.labels -= {label}

    def push(self, frame: bytes) -> None:
        """Send a frame. A client that lets too much pile up is closed with 4008; a closed one gets nothing."""
        if self._wire is None or not self._write_now(frame := framed(frame)):
            self._keep(frame)

    def push_batch(self, batch: FrameBatch) -> None:
        """:meth:`push` for frames that were prepared for many sockets."""
        if self._wire is None:
            for frame in batch.texts:
                self._keep(frame)
        elif not self._write_now(batch.joined):
            for frame in batch.frames:
                self._keep(frame)

    def _write_now(self, frames: bytes) -> bool:
        """Whether they are on their way: nothing waits, and the client keeps up."""
        wire = self._wire
        if wire is None or self._queue or self.close_code is not None or not wire.write(frames):
            return False
        self._written += len(frames)
        return True

    def _keep(self, frame: bytes) -> None:
        if self.close_code is not None:
            return
        if self._queue is _NOTHING:
            self._queue = deque()
        self._queue.append(frame)
        self._bytes += len(frame)
        if self._bytes + self._unsent > MOST_BYTES or len(self._queue) > MOST_FRAMES:
            self.close(TOO_SLOW, "too slow")
            return
        if self._timer is None:
            self._watch()
        if self._wake is not None:
            self._rouse()

    @property
    def _unsent(self) -> int:
        """Bytes the wire took, and the client did not yet."""
        return self._wire.unsent if self._wire is not None else 0

    def _watch(self) -> None:
        """Look after a while what the client has taken of that which waits."""
        self._timer = asyncio.get_running_loop().call_later(
            settings.SOCKET_SEND_TIMEOUT_SECONDS, self._look, self._written - self._unsent
        )

    def _look(self, taken: int) -> None:
        """Give up a client that has taken nothing since it had taken so much."""
        self._timer = None
        if not self._queue:
            return
        if self._written - self._unsent > taken:
            self._watch()
        else:
            self.close(TOO_SLOW, "takes nothing")

    def _unwatch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def close(self, code: int, reason: str = "") -> None:
        """Close once; the first code counts. What is queued is sent before, except after 4008."""
        if self.close_code is not None:
            return
        self.close_code, self._reason = code, reason
        self._unwatch()
        self._make_room()
        if code == TOO_SLOW:
            metrics.OVERFLOWS.inc()
            self._forget()
        if self._deadline is not None:  # a client that does not read must not keep its socket
            self._deadline.reschedule(asyncio.get_running_loop().time() + CLOSE_SECONDS)
        self._rouse()

    async def run(self) -> None:
        """Write what is pushed, until closed or until the client is gone."""
        try:
            async with asyncio.timeout(None) as self._deadline:
                if self.close_code is not None:
                    self._deadline.reschedule(asyncio.get_running_loop().time() + CLOSE_SECONDS)
                await self._write()
        except (OSError, RuntimeError) as error:  # TimeoutError is an OSError
            logger.debug("A socket ended while it was written to: %r", error)
        finally:
            self._deadline = None
            self._unwatch()
            self._forget()
            self._has_ended = True
            if self._closed is not None:
                self._closed.set()

    async def drained(self) -> None:
        """Wait until there is room in the queue again, or the connection is closed: to a client that takes nothing."""
        while self.is_open and self.is_half_full:
            self._room = self._room or asyncio.Event()
            await self._room.wait()

    async def _write(self) -> None:
        while True:
            while self._queue:
                await self._write_some()
                if self._room is not None and not self.is_half_full:
                    self._make_room()
            if self.close_code is not None:
                break
            self._queue = _NOTHING
            self._wake = asyncio.get_running_loop().create_future()
            await self._wake
        await self._send({"type": "websocket.close", "code": self.close_code, "reason": self._reason})

    async def _write_some(self) -> None:
        if self._wire is None:
            frame = self._queue.popleft()
            self._bytes -= len(frame)
            await self._send({"type": "websocket.send", "text": frame.decode()})
            self._written += len(frame)
            return
        await self._wire.drain()
        taken, size = [], 0  # what waits stays in the queue until here, so that nothing overtakes it
        while self._queue and size < _WRITE_BYTES:
            taken.append(self._queue.popleft())
            size += len(taken[-1])
        self._bytes -= size
        if taken and not self._wire.write(b"".join(taken)):
            raise ConnectionResetError("The client has gone.")
        self._written += size

    def _rouse(self) -> None:
        wake, self._wake = self._wake, None
        if wake is not None and not wake.done():
            wake.set_result(None)

    def _forget(self) -> None:
        self._queue = _NOTHING
        self._bytes = 0
        self._make_room()

    def _make_room(self) -> None:
        room, self._room = self._room, None
        if room is not None:
            room.set()
