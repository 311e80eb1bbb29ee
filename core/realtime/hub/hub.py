"""Which sockets there are."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from collections.abc import Iterable
from uuid import UUID
from weakref import WeakKeyDictionary

from core.realtime import metrics
from core.realtime.connection import Connection
from core.realtime.hub.joining import Joining
from core.realtime.hub.state import Member

MOST_PER_USER = 20
TOO_MANY = 4012


class Hub(Joining):
    """One per event loop: the bus on one side, the sockets of this process on the other."""

    def __init__(self) -> None:
        super().__init__()
        self._members: dict[Connection, Member] = {}
        self._draining: int | None = None

    async def attach(self, connection: Connection) -> None:
        """Register a socket; it hears nothing before its first :meth:`sync`. Of too many, the oldest is closed."""
        member = self._members[connection] = Member(connection)
        mine = self._users.setdefault(connection.user_id, {})
        mine[member] = None
        metrics.SOCKETS.inc()
        if self._draining is not None:
            connection.close(self._draining, "draining")
        open_ones = [other.connection for other in mine if other.connection.is_open]
        for oldest in open_ones[:-MOST_PER_USER]:
            oldest.close(TOO_MANY, "too many sockets")

    async def detach(self, connection: Connection) -> None:
        """Forget a socket."""
        member = self._members.pop(connection, None)
        if member is None:
            return
        metrics.SOCKETS.dec()
        member.present = False
        for stream in member.streams:
            stream.live.pop(member, None)
            stream.joining.pop(member, None)
        member.streams.clear()
        mine = self._users[connection.user_id]
        del mine[member]
        if not mine:
            del self._users[connection.user_id]

    async def sync(self, connection: Connection, positions: dict[str, int], *, request_id: str | None) -> None:
        """Send what the client misses, given its positions by stream name; then ``synced``; then it is live.

        May be called again: streams the socket is live on stay as they are. Raises what the database raises; the
        client may then try again.
        """
        member = self._members.get(connection)
        if member is None:
            return
        turn = member.turn = member.turn or asyncio.Lock()
        async with turn:
            try:
                await self._sync(member, positions, request_id)
            finally:
                later, member.later = member.later or {}, None
        self._open(member, later)

    def tails(self, connection: Connection, *, limit: int = 200) -> dict[str, int]:
        """The positions of the socket's streams that moved since this was last asked, for ``ping``."""
        member = self._members.get(connection)
        if member is None:
            return {}
        moved = [stream for stream in member.streams if stream.changed > member.pinged and member in stream.live]
        moved.sort(key=lambda stream: stream.changed)
        member.pinged = moved[:limit][-1].changed if moved else member.pinged
        return {str(stream.name): stream.last or 0 for stream in moved[:limit]}

    def connections(self) -> Iterable[Connection]:
        """All sockets that are attached."""
        return list(self._members)

    def close_sessions(self, session_ids: Collection[UUID], code: int) -> None:
        """Close the sockets of these sessions."""
        for connection in self.connections():
            if connection.session_id in session_ids:
                connection.close(code)

    def close_user(self, user_id: UUID, code: int) -> None:
        """Close all sockets of a user."""
        for member in list(self._users.get(user_id, ())):
            member.connection.close(code)

    def drain(self, code: int = 4011) -> None:
        """Close all sockets, and those that still come."""
        self._draining = code
        for connection in self.connections():
            connection.close(code, "draining")


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def current_hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    hub = _hubs.get(loop)
    if hub is None:
        hub = _hubs[loop] = Hub()
    return hub
