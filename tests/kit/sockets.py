"""A client of the socket over TCP, for servers that are processes of their own.

Written from the protocol alone: it knows that frames are JSON objects with a type, and nothing of the product.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.exceptions import WebSocketException

GONE = (OSError, WebSocketException, asyncio.TimeoutError, EOFError)
"""What is raised when there is no connection, or no longer one."""
_PATIENCE = 10.0


class Socket:
    """One open socket; ``connection`` is what carries it."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, frame_type: str, payload: Any = None, frame_id: str | None = None) -> None:
        """Send a frame."""
        frame = {"type": frame_type} | ({"id": frame_id} if frame_id else {})
        await self.text(json.dumps(frame | ({"payload": payload} if payload is not None else {})))

    async def text(self, text: str) -> None:
        """Send what need not be a frame."""
        await self.connection.send(text)

    async def hear(self) -> dict[str, Any]:
        """The next frame."""
        frame: dict[str, Any] = json.loads(await asyncio.wait_for(self.connection.recv(), _PATIENCE))
        return frame

    async def greeted(self) -> dict[str, Any]:
        """The greeting, which is the first frame of all."""
        hello = await self.hear()
        assert hello["type"] == "hello", hello
        return hello

    async def ended(self) -> tuple[int, list[dict[str, Any]]]:
        """The server's close code, and the frames before it."""
        frames = []
        try:
            async with asyncio.timeout(_PATIENCE):
                while True:
                    frames.append(json.loads(await self.connection.recv()))
        except ConnectionClosed as closed:
            return (closed.rcvd.code if closed.rcvd else 1006), frames

    async def frames(self) -> AsyncIterator[dict[str, Any]]:
        """All that come until the end."""
        async for text in self.connection:
            yield json.loads(text)


@contextlib.asynccontextmanager
async def opened(address: str, **options: Any) -> AsyncIterator[Socket]:
    """A socket at ``ws://…``, closed in the end; the options are those of ``websockets``."""
    async with connect(address, **options) as connection:
        yield Socket(connection)
