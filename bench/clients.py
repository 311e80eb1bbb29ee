"""A client as the benchmarks of the messenger need it: signed in, in sync, and watching the order of what it gets."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec

from bench.people import Member
from bench.sockets import Socket
from bench.sockets import open_socket
from tests.kit.positions import Arrival
from tests.kit.positions import Positions


class _Frame(msgspec.Struct):
    type: str
    payload: dict[str, Any] = {}
    room: str | None = None
    seq: int | None = None
    id: str | None = None


_decode = msgspec.json.Decoder(_Frame).decode
_encode = msgspec.json.encode


class Client:
    """One socket of one person; ``positions`` are what it has."""

    def __init__(self, member: Member, positions: dict[str, int]) -> None:
        self.member = member
        self.positions = Positions(positions)
        self.events = 0
        self.errors: Counter[str] = Counter()
        self.live: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.heard: Callable[[dict[str, Any]], None] = lambda _payload: None
        """Called with the payload of each new message of somebody else."""
        self._asked: dict[str, tuple[float, Callable[[float, dict[str, Any]], None]]] = {}
        self._number = 0
        self._socket: Socket | None = None

    async def connect(self, port: int) -> None:
        """Open, and be live in the end: :attr:`live` says when."""
        self._socket = await open_socket(port, f"/ws?token={self.member.token}", self._take)

    def ask(
        self,
        frame_type: str,
        payload: dict[str, Any],
        answered: Callable[[float, dict[str, Any]], None] = lambda _seconds, _payload: None,
    ) -> None:
        """Send a command; ``answered`` gets how long its ok took, and the payload."""
        self._number += 1
        self._asked[str(self._number)] = (time.perf_counter(), answered)
        self._send({"type": frame_type, "id": str(self._number), "payload": payload})

    @property
    def unanswered(self) -> int:
        return len(self._asked)

    @property
    def is_closed(self) -> bool:
        return self._socket is None or self._socket.closed_with is not None

    def abort(self) -> None:
        """Gone, without a word."""
        if self._socket:
            self._socket.abort()

    def _send(self, frame: dict[str, Any]) -> None:
        if self._socket:
            self._socket.send(_encode(frame))

    def _take(self, socket: Socket, data: bytes) -> None:
        frame = _decode(data)
        if frame.seq is not None:
            self._event(frame, frame.seq)
        elif frame.type == "hello":
            socket.send(_encode({"type": "sync", "id": "sync", "payload": {"streams": self.positions.known}}))
        elif frame.type == "synced":
            self._synced(socket, frame.payload)
        elif frame.type == "ping":
            socket.send(b'{"type":"pong"}')
        elif frame.type in {"ok", "error"} and frame.id in self._asked:
            begun, answered = self._asked.pop(frame.id)
            if frame.type == "ok":
                answered(time.perf_counter() - begun, frame.payload)
            else:
                self.errors[frame.payload["code"]] += 1
        elif frame.type == "error" and not self.live.done():
            self.live.set_exception(ConnectionError(f"refused: {frame.payload['code']}"))

    def _synced(self, socket: Socket, payload: dict[str, Any]) -> None:
        if payload["more"]:
            socket.send(_encode({"type": "sync", "id": "sync", "payload": {"streams": self.positions.known}}))
        elif not self.live.done():
            self.live.set_result(None)

    def _event(self, frame: _Frame, seq: int) -> None:
        name = f"c:{frame.room}" if frame.room else f"u:{self.member.id}"
        self.events += 1
        if self.positions.take(name, seq) is Arrival.AHEAD:
            self.positions.move(name, seq)  # each gap is counted once
        if frame.type == "message.new" and (frame.payload["sender"] or {}).get("id") != str(self.member.id):
            self.heard(frame.payload)


def fresh(member: Member, conversations: list[UUID]) -> Client:
    """Somebody who has nothing yet of conversations in which nothing was said."""
    return Client(member, {f"u:{member.id}": 0} | {f"c:{conversation}": 0 for conversation in conversations})


def wrong(clients: list[Client], heads: dict[UUID, int]) -> dict[str, int]:
    """What these clients have not got, got twice, or got in another order than the streams have."""
    lost = sum(
        max(0, heads.get(UUID(name[2:]), 0) - position)
        for client in clients
        for name, position in client.positions.known.items()
    )
    return {
        "lost": lost,
        "doubled": sum(client.positions.doubled for client in clients),
        "out of order": sum(client.positions.ahead for client in clients),
        "closed": sum(client.is_closed for client in clients),
    }


def heads() -> dict[UUID, int]:
    """How far all streams have come."""
    from core.models import Stream

    return dict(Stream.objects.values_list("pk", "last_seq"))


def percentile(values: list[float], share: float) -> float:
    """Milliseconds."""
    ordered = sorted(values) or [0.0]
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1e3
