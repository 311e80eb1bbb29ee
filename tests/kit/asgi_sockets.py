"""A client of the socket, in the process of the test: it speaks ASGI to the whole application.

For servers in processes of their own there is ``tests/kit/sockets.py``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from asgiref.sync import sync_to_async

from accounts.models import User
from accounts.services import sessions
from kintsugi.asgi import application

PATIENCE = 10.0


class Client:
    """One socket; ``close_code`` and ``reason`` say how the server ended it."""

    def __init__(
        self,
        *,
        path: str = "/ws",
        query: str = "",
        subprotocols: tuple[str, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        offered = [(b"sec-websocket-protocol", ", ".join(subprotocols).encode())] if subprotocols else []
        named = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
        self.scope: dict[str, Any] = {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "path": path,
            "query_string": query.encode(),
            "headers": [*named, *offered],
            "subprotocols": list(subprotocols),
            "client": ("127.0.0.1", 50_000),
        }
        self.close_code: int | None = None
        self.reason = ""
        self.accepted: dict[str, Any] | None = None
        self.seen: list[dict[str, Any]] = []
        self._in: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._out: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> Client:
        """Begin the handshake; what the server says to it is in ``accepted`` or ``close_code``."""
        self._in.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.create_task(application(self.scope, self._in.get, self._sent))
        answer = await self._next()
        if answer["type"] == "websocket.accept":
            self.accepted = answer
        return self

    async def say(self, frame_type: str, payload: Any = None, frame_id: str | None = None, **more: Any) -> None:
        """Send a frame."""
        frame = {"type": frame_type} | ({"payload": payload} if payload is not None else {})
        await self.text(json.dumps(frame | ({"id": frame_id} if frame_id else {}) | more))

    async def text(self, text: str) -> None:
        await self.raw({"type": "websocket.receive", "text": text})

    async def raw(self, message: dict[str, Any]) -> None:
        self._in.put_nowait(message)
        await asyncio.sleep(0)

    async def hear(self, *types: str) -> dict[str, Any]:
        """The next frame, or the next one of these types; what came before is in ``seen``."""
        while True:
            message = await self._next()
            assert message["type"] == "websocket.send", f"closed with {self.close_code} {self.reason}"
            frame: dict[str, Any] = json.loads(message["text"])
            self.seen.append(frame)
            if not types or frame["type"] in types:
                return frame

    async def ask(self, frame_type: str, payload: Any = None, frame_id: str = "1") -> dict[str, Any]:
        """Send a command; the answer to it."""
        await self.say(frame_type, payload, frame_id)
        while (answer := await self.hear("ok", "error", "synced")).get("id") != frame_id:
            pass
        return answer

    async def closing(self) -> int | None:
        """The close code, once it is there; frames before it are in ``seen``."""
        with contextlib.suppress(AssertionError):
            while self.close_code is None:
                await self.hear()
        return self.close_code

    async def leave(self, code: int = 1000) -> None:
        """Go, and wait until the server has noticed."""
        self._in.put_nowait({"type": "websocket.disconnect", "code": code})
        if self._task is not None:
            await asyncio.wait_for(self._task, PATIENCE)

    async def _next(self) -> dict[str, Any]:
        message = await asyncio.wait_for(self._out.get(), PATIENCE)
        if message["type"] == "websocket.close":
            self.close_code, self.reason = message["code"], message.get("reason", "")
        return message

    async def _sent(self, message: dict[str, Any]) -> None:
        self._out.put_nowait(message)


def access_token(user: User) -> str:
    """Of a new session."""
    return sessions.open_session(User.objects.get(pk=user.pk)).access_token


@contextlib.asynccontextmanager
async def connected(user: User, *, token: str = "", sync: bool = False) -> AsyncIterator[Client]:
    """A socket of this user that was greeted, and is live after ``sync``; closed at the end."""
    used = token or await sync_to_async(access_token)(user)
    client = await Client(query=f"token={quote(used)}").open()
    try:
        assert (await client.hear())["type"] == "hello"
        if sync:
            await client.ask("sync", {"streams": {}}, "first")
        yield client
    finally:
        await client.leave()
