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

_HEADER = struct.Struct(">Bc16sQI")
_EPHEMERAL, _DURABLE, _ADDRESSED = range(3)
_ADDRESS = struct.Struct(">16sQ")
"""What follows the header of an addressed message: the label, and what others have in the header, ``after``."""


@dataclass(frozen=True, slots=True)
class Message:
    """One event on its way to the hubs: what they must know of it, and the frame as the sockets get it.

    ``seq`` is None for an ephemeral event. Such a one has ``after`` instead: the position the stream had when it was
    told (0: it does not matter). A hub that is behind that position may still list somebody who has left.

    With ``only``, which ephemeral events alone may have, it is for the connections that carry this label.
    """

    stream: StreamName
    seq: int | None
    frame: bytes
    audience: dict[str, Any] | None = None
    after: int = 0
    only: UUID | None = None

    def encode(self) -> bytes:
        """A fixed header, the audience as JSON, the frame: readable without parsing the frame.

        A release that does not know ``only`` may be on the same Redis while servers are replaced one by one. All other
        messages are to it what they were. An addressed one it takes for a durable event at position 0, which every
        hub drops as old: it reaches nobody there, and never somebody it is not for.
        """
        if self.only is not None:
            return self._header(_ADDRESSED, 0) + _ADDRESS.pack(self.only.bytes, self.after) + self.frame
        audience = json.dumps(self.audience, separators=(",", ":")).encode() if self.audience else b""
        if self.seq is None:
            return self._header(_EPHEMERAL, self.after, len(audience)) + audience + self.frame
        return self._header(_DURABLE, self.seq, len(audience)) + audience + self.frame

    def _header(self, sort: int, number: int, length: int = 0) -> bytes:
        return _HEADER.pack(sort, self.stream.kind.encode(), self.stream.id.bytes, number, length)

    @classmethod
    def decode(cls, data: bytes) -> Message:
        """The reverse of :meth:`encode`; raises ValueError or struct.error for anything else."""
        sort, kind, identity, number, length = _HEADER.unpack_from(data)
        start = _HEADER.size + length
        audience = json.loads(data[_HEADER.size : start]) if length else None
        name = StreamName(kind.decode(), UUID(bytes=identity))
        if sort == _DURABLE:
            return cls(name, number, data[start:], audience)
        if sort == _EPHEMERAL:
            return cls(name, None, data[start:], audience, number)
        if sort != _ADDRESSED:
            raise ValueError(f"A message of an unknown sort: {sort}.")
        label, after = _ADDRESS.unpack_from(data, start)
        return cls(name, None, data[start + _ADDRESS.size :], None, after, UUID(bytes=label))


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
    """Announces: whatever it loses, the hubs find in the database."""

    def publish(self, message: Message) -> None:
        """Send to all listeners of the stream, in all processes. From any thread; never waits, never raises."""

    def listener(self, deliver: Deliver, lost: Lost) -> Listener:
        """An ear for the running event loop."""

    def close(self) -> None:
        """Send what is queued, as far as that takes no time, and stop."""
