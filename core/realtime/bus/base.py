"""What travels over the bus, and what a bus offers."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from typing import Protocol
from uuid import UUID

from core.realtime.names import StreamName

_HEADER = struct.Struct(">?c16sQI")


@dataclass(frozen=True, slots=True)
class Message:
    """One event on its way to the hubs: what they must know of it, and the frame as the sockets get it.

    ``seq`` is None for an ephemeral event. Such a one has ``after`` instead: the position the stream had when it was
    told (0: it does not matter). A hub that is behind that position may still list somebody who has left.
    """

    stream: StreamName
    seq: int | None
    frame: bytes
    audience: dict[str, Any] | None = None
    after: int = 0

    def encode(self) -> bytes:
        """A fixed header, the audience as JSON, the frame: readable without parsing the frame."""
        audience = json.dumps(self.audience, separators=(",", ":")).encode() if self.audience else b""
        durable = self.seq is not None
        number = self.seq if self.seq is not None else self.after
        header = _HEADER.pack(durable, self.stream.kind.encode(), self.stream.id.bytes, number, len(audience))
        return header + audience + self.frame

    @classmethod
    def decode(cls, data: bytes) -> Message:
        """The reverse of :meth:`encode`; raises ValueError or struct.error for anything else."""
        durable, kind, identity, number, length = _HEADER.unpack_from(data)
        start = _HEADER.size + length
        audience = json.loads(data[_HEADER.size : start]) if length else None
        name = StreamName(kind.decode(), UUID(bytes=identity))
        return cls(name, number if durable else None, data[start:], audience, 0 if durable else number)


Deliver = Callable[[Message], None]
"""Called in the listener's event loop for each message; must not wait."""

Lost = Callable[[], None]
"""Called in the listener's event loop when messages may have been missed, once listening works again."""


class Listener(Protocol):
    """One hub's ear, bound to its event loop."""

    async def start(self) -> None:
        """Begin to listen."""

    async def subscribe(self, names: Iterable[StreamName]) -> None:
        """Hear these streams as well; returns when the bus has confirmed it.

        While the bus is away, or slow to answer, it returns without: the streams are remembered, and :data:`Lost` is
        called as soon as they are heard.
        """

    async def unsubscribe(self, names: Iterable[StreamName]) -> None:
        """Hear these streams no more."""

    async def stop(self) -> None:
        """Stop listening, for good."""


class Bus(Protocol):
    """The doorbell: whatever it loses, the hubs find in the database."""

    def publish(self, message: Message) -> None:
        """Send to all listeners of the stream, in all processes. From any thread; never waits, never raises."""

    def listener(self, deliver: Deliver, lost: Lost) -> Listener:
        """An ear for the running event loop."""

    def close(self) -> None:
        """Send what is queued, as far as that takes no time, and stop."""
