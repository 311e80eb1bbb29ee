"""A client as the protocol describes it: a cache of positions, and a queue of what has no answer yet.

It is written from the protocol alone and keeps everything it was ever sent, to be held against the database.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from tests.kit.positions import Arrival
from tests.kit.positions import Positions
from tests.kit.sockets import GONE
from tests.kit.sockets import Socket
from tests.kit.sockets import opened


@dataclass
class Send:
    """A message that was written: ``state`` is what its tick would show."""

    room: str
    content: str
    state: str = "sending"
    answers: list[dict[str, Any]] = field(default_factory=list)
    refusal: str = ""


@dataclass
class Tab:
    """One browser tab of one user."""

    name: str
    user_id: str
    token: str
    port: int
    is_steady: bool = True
    """A member all the time: nothing but the next event may ever come."""

    positions: Positions = field(default_factory=Positions)
    events: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    stays: dict[str, int] = field(default_factory=dict)
    """Where the present stay in a conversation began: what was told before it is forgotten, as the protocol says."""
    received: list[dict[str, Any]] = field(default_factory=list)
    """Every frame, in the order of arrival."""
    sends: dict[str, Send] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    closes: list[int] = field(default_factory=list)
    wanted: bool = True
    live: asyncio.Event = field(default_factory=asyncio.Event)
    _socket: Socket | None = None
    _task: asyncio.Task[None] | None = None
    _requests: int = 0
    _asked: str | None = None
    """The message whose answer is awaited."""

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        self.wanted = False
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def cut(self) -> None:
        """Its network is gone for a moment: no farewell is said."""
        if self._socket:
            self.live.clear()
            self._socket.connection.transport.abort()

    async def say(self, room: str, content: str, client_id: str) -> None:
        """Write a message; it stays in the queue until it has an answer."""
        self.sends[client_id] = Send(room, content)
        if self.live.is_set() and self._asked is None:
            await self._send_next()

    async def command(self, kind: str, payload: dict[str, Any]) -> str:
        """Anything else: sent once, and lost when the connection is. Returns the id that its answer has."""
        request_id = self._request_id()
        await self._write(kind, payload, request_id)
        return request_id

    async def sync(self) -> None:
        """Say what is here and ask for the rest."""
        await self._write("sync", {"streams": self.positions.known}, "sync")

    # The connection ----------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        while self.wanted:
            with contextlib.suppress(*GONE):
                await self._once()
            self.live.clear()
            self._socket = self._asked = None
            await asyncio.sleep(0.05)

    async def _once(self) -> None:
        url = f"ws://127.0.0.1:{self.port}/ws?token={self.token}"
        async with opened(url, open_timeout=5, ping_interval=None, compression=None, close_timeout=0.2) as socket:
            try:
                self._socket = socket
                await self.sync()
                async for frame in socket.frames():
                    await self._take(frame)
            finally:
                if socket.connection.close_code is not None:
                    self.closes.append(socket.connection.close_code)

    async def _write(self, kind: str, payload: dict[str, Any] | None = None, request_id: str | None = None) -> None:
        if self._socket:
            with contextlib.suppress(*GONE):
                await self._socket.say(kind, payload, request_id)

    def _request_id(self) -> str:
        self._requests += 1
        return f"r{self._requests}"

    # What comes in -----------------------------------------------------------------------------------------------

    async def _take(self, frame: dict[str, Any]) -> None:
        self.received.append(frame)
        kind, payload = frame["type"], frame.get("payload", {})
        if kind == "ping":
            await self._write("pong")
            if self.positions.lacks(payload.get("tails", {})):
                await self.sync()
        elif kind == "synced":
            await self._synced(payload)
        elif kind in {"ok", "error"}:
            await self._answered(frame)
        elif "seq" in frame:
            await self._event(frame)

    async def _synced(self, payload: dict[str, Any]) -> None:
        for stream in payload["reset"]:
            head = payload.get("heads", {}).get(stream)
            if head is None:
                self.positions.forget(stream)
            else:
                self._move(stream, head)
        if payload["more"]:
            await self.sync()
            return
        self.live.set()
        await self._send_next()

    async def _send_next(self) -> None:
        """One at a time, so that the order of writing is the order of the conversation."""
        waiting = (client_id for client_id, send in self.sends.items() if send.state == "sending")
        self._asked = client_id = next(waiting, None)
        if client_id is None:
            return
        send = self.sends[client_id]
        payload = {"conversation_id": send.room, "content": send.content, "client_id": client_id}
        await self._write("message.send", payload, client_id)

    async def _answered(self, frame: dict[str, Any]) -> None:
        send = self.sends.get(str(frame.get("id")))
        if send is None:
            if frame["type"] == "error" and frame.get("id") == "sync" and frame["payload"]["retryable"]:
                await asyncio.sleep(frame["payload"].get("retry_after", 0.2))
                await self.sync()
            return
        if frame["type"] == "ok":
            send.state = "sent"
            send.answers.append(frame["payload"])
        elif not frame["payload"]["retryable"]:
            send.state, send.refusal = "failed", frame["payload"]["code"]
        else:
            await asyncio.sleep(frame["payload"].get("retry_after", 0.2))
        if self._asked == frame["id"]:
            await self._send_next()

    async def _event(self, frame: dict[str, Any]) -> None:
        stream = f"c:{frame['room']}" if "room" in frame else f"u:{self.user_id}"
        seq, position = frame["seq"], self.positions.known.get(stream)
        arrival = self.positions.take(stream, seq)
        if arrival is not Arrival.NEXT:
            if self.is_steady or arrival is Arrival.DOUBLED:
                self.violations.append(f"{self.name}: {stream} at {position} was sent {seq}")
            if arrival is Arrival.AHEAD:
                await self.sync()
            return
        self.events.setdefault(stream, {})[seq] = frame
        if frame["type"] == "conversation.created":
            shape = frame["payload"]["conversation"]
            self._move(f"c:{shape['id']}", max(shape["last_seq"], self.positions.known.get(f"c:{shape['id']}", 0)))
        elif frame["type"] == "conversation.deleted":
            self.positions.forget(f"c:{frame['payload']['conversation_id']}")

    def _move(self, stream: str, seq: int) -> None:
        position = self.positions.known.get(stream, 0)
        self.stays[stream] = seq
        if not self.positions.move(stream, seq):
            self.violations.append(f"{self.name}: {stream} went back from {position} to {seq}")
