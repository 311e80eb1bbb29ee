"""The socket: an ASGI endpoint of its own. It reads and answers; what it sends goes through its Connection."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from datetime import UTC
from datetime import datetime
from typing import Any
from typing import cast

from django.conf import settings

from core import errors
from core import modules
from core.api.handler import as_domain_error
from core.realtime import commands
from core.realtime import control
from core.realtime import door
from core.realtime import frames
from core.realtime import handshake
from core.realtime import protocol
from core.realtime import wire
from core.realtime.connection import Connection
from core.realtime.door import Receive
from core.realtime.door import Send
from core.realtime.heartbeat import Heartbeat
from core.realtime.hub import current_hub
from core.realtime.identity import Identity
from core.realtime.limits import Allowance
from core.realtime.session_reaper import current_reaper

logger = logging.getLogger(__name__)
access_log = logging.getLogger("kintsugi.access")

MOST_WAITING = 32
_FINISH_SECONDS = 5.0


async def serve(scope: door.Scope, receive: Receive, send: Send) -> None:
    """Serve one socket until it is closed by either side. ``scope`` loses the token at once."""
    token = handshake.take_token(scope)
    send = door.with_known_codes(scope, send)
    if (await receive())["type"] != "websocket.connect":
        return
    if scope["path"] != protocol.PATH:
        await send({"type": "websocket.close", "code": protocol.NOT_ALLOWED})
        return
    with contextlib.suppress(OSError):  # the client has gone meanwhile
        # Whoever it is: of a handshake that fails, browsers tell a page nothing but 1006.
        await send({"type": "websocket.accept", "subprotocol": handshake.subprotocol(scope)})
        identity = await door.admitted(scope, token, send)
        if identity is not None:
            socket = Socket(identity, send, (scope.get("extensions") or {}).get(wire.EXTENSION))
            del identity, token  # this function lasts as long as the socket
            await socket.live(receive)


def _end(reading: asyncio.Timeout) -> None:
    with contextlib.suppress(RuntimeError):  # it has ended by itself
        reading.reschedule(0.0)


class Socket:
    """One client's socket: commands come in, are carried out one after the other, and are answered."""

    __slots__ = (
        "_allowance",
        "_closed_with",
        "_heartbeat",
        "_hub",
        "_shown",
        "_waiting",
        "_worker",
        "connection",
        "user",
    )

    def __init__(self, identity: Identity, send: Send, direct: wire.Wire | None = None) -> None:
        self.user = identity.user
        """The actor of its commands, as fresh as the last review of its session."""
        self.connection = Connection(user_id=identity.user.pk, session_id=identity.session_id, send=send, wire=direct)
        self._shown: dict[str, Any] | None = identity.hello
        self._hub = current_hub()
        self._heartbeat = Heartbeat(self.connection, lambda: self._hub.tails(self.connection))
        self._allowance = Allowance(time.monotonic())
        self._waiting: list[frames.Frame] = []
        self._closed_with: int | None = None
        self._worker: asyncio.Task[None] | None = None

    async def live(self, receive: Receive) -> None:
        """Until closed by either side."""
        begun = time.monotonic()
        reaper = current_reaper()
        reaper.add(self)
        await self._hub.attach(self.connection)
        try:
            self._greet()
            await self._exchange(receive)
        finally:
            self._heartbeat.stop()
            reaper.remove(self)
            await self._hub.detach(self.connection)
            self._log(time.monotonic() - begun)

    def _greet(self) -> None:
        if control.has_ended(self.connection.session_id):
            self.connection.close(protocol.REVOKED, "the session has ended")
        hello = {
            "session_id": self.connection.session_id,
            "user": self._shown,
            "heartbeat": settings.SOCKET_HEARTBEAT_SECONDS,
            "max_frame": protocol.MAX_FRAME_BYTES,
            "server_time": datetime.now(UTC),
            "features": [
                module.label for module in modules.installed() if module.socket_commands or module.socket_events
            ],
        }
        self._shown = None
        self.connection.push(frames.encode("hello", hello))
        self._heartbeat.start()

    async def _exchange(self, receive: Receive) -> None:
        writer = asyncio.create_task(self.connection.run())
        try:
            await self._read_beside(writer, receive)
            if self.connection.close_code is None and self._worker is not None:
                # The client has gone, and has said all it had to say: what it asked for is still done.
                await asyncio.wait([self._worker], timeout=_FINISH_SECONDS)
        finally:
            self._closed_with = self.connection.close_code
            self.connection.close(protocol.GONE)
            tasks = [task for task in (writer, self._worker) if task is not None]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read_beside(self, writer: asyncio.Task[None], receive: Receive) -> None:
        """Read until the client has gone or the writer has ended; without a task of its own, as most sockets idle."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None) as reading:
                writer.add_done_callback(lambda _: _end(reading))
                await self._read(receive)
        if writer.done():
            writer.result()

    async def _read(self, receive: Receive) -> None:
        while (message := await receive())["type"] != "websocket.disconnect":
            if not self.connection.is_open:
                continue
            self._heartbeat.heard()
            try:
                self._take(frames.decode(message))
            except frames.TooBig as failure:
                self.connection.close(protocol.TOO_LARGE, str(failure))
            except frames.Malformed as failure:
                self.connection.close(protocol.MALFORMED, str(failure))

    def _take(self, frame: frames.Frame) -> None:
        """Put a command in line, unless there are too many."""
        now = time.monotonic()
        if not self._allowance.take(now) or len(self._waiting) >= MOST_WAITING:
            self.connection.push(frames.error(frame, errors.RateLimited(retry_after=1)))
            if self._allowance.refuse(now):
                self.connection.close(protocol.ABUSE, "too many commands")
        elif frame.type != "pong":
            self._waiting.append(frame)
            if self._worker is None or self._worker.done():
                self._worker = asyncio.create_task(self._work())

    async def _work(self) -> None:
        """Carry out what waits, in order."""
        while self._waiting and self.connection.close_code is None:
            if answer := await self._answer(self._waiting[0]):
                self.connection.push(answer)
            del self._waiting[0]

    async def _answer(self, frame: frames.Frame) -> bytes:
        """The frame that answers a command; empty when there is nothing to say."""
        try:
            if frame.type == "sync":
                return await self._sync(frame)
            payload = {} if frame.type == "ack" else await self._run(frame)
            return frames.ok(frame, payload) if frame.id is not None or payload else b""
        except Exception as failure:
            error = as_domain_error(failure)
            if error is None:
                logger.exception("A command was not answered")
                error = errors.Unavailable(retry_after=1)
            return frames.error(frame, error)

    async def _run(self, frame: frames.Frame) -> Any:
        return await commands.run(self.user, frame.type, frame.content, connection=self.connection)

    async def _sync(self, frame: frames.Frame) -> bytes:
        wanted = commands.checked(protocol.SyncPayload, frame.content)
        await self._hub.sync(self.connection, wanted.streams, request_id=cast("str | None", frame.id))
        return b""

    def _log(self, seconds: float) -> None:
        code = self._closed_with
        access_log.info(
            "WS ws closed by %s after %.0f s",
            f"us with {code}" if code else "the client",
            seconds,
            extra={
                "route": "ws",
                "status": code,
                "duration_ms": round(seconds * 1000),
                "user_id": str(self.connection.user_id),
            },
        )
