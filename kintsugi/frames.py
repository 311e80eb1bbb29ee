"""uvicorn's WebSocket protocol, with a way to write prepared frames past ASGI's ``send``."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from core.realtime.wire import EXTENSION


class _Inbox:
    """What uvicorn needs of a queue, for one reader. One of asyncio's takes three kilobytes while it is empty."""

    __slots__ = ("_messages", "_waiting")

    def __init__(self) -> None:
        self._messages: list[Any] = []
        self._waiting: asyncio.Future[None] | None = None

    def put_nowait(self, message: Any) -> None:
        self._messages.append(message)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def empty(self) -> bool:
        return not self._messages

    async def get(self) -> Any:
        while not self._messages:
            self._waiting = asyncio.get_running_loop().create_future()
            try:
                await self._waiting
            finally:
                self._waiting = None
        return self._messages.pop(0)


class _Gate:
    """What uvicorn needs of an event, open to begin with."""

    __slots__ = ("_is_open", "_waiting")

    def __init__(self) -> None:
        self._is_open = True
        self._waiting: list[asyncio.Future[None]] = []

    def is_set(self) -> bool:
        return self._is_open

    def clear(self) -> None:
        self._is_open = False

    def set(self) -> None:
        self._is_open = True
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            if not each.done():
                each.set_result(None)

    async def wait(self) -> bool:
        while not self._is_open:
            self._waiting.append(asyncio.get_running_loop().create_future())
            await self._waiting[-1]
        return True


class FramesProtocol(WebSocketsSansIOProtocol):
    """Offers itself as the extension ``kintsugi.frames``: a :class:`core.realtime.wire.Wire`.

    A write is whole frames and this server never sends a message in parts, so pings, pongs and ASGI's own frames fall
    between frames. The transport holds 64 KiB and one write at most: when it is full nothing more is taken.
    """

    is_paused = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.queue = _Inbox()  # type: ignore[assignment]
        self.writable = _Gate()  # type: ignore[assignment]

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        del self.request  # its path holds the token
        # A refused handshake has no scope. Frames that are made once cannot be compressed for each client.
        if not self.close_sent and not self.config.ws_per_message_deflate:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[EXTENSION] = self

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        super().on_task_complete(task)
        self.scope["extensions"].pop(EXTENSION, None)  # else it would hold itself

    def pause_writing(self) -> None:
        super().pause_writing()
        self.is_paused = True

    def resume_writing(self) -> None:
        super().resume_writing()
        self.is_paused = False

    def write(self, frames: bytes) -> bool:
        """As :meth:`Wire.write`. Nothing follows a close frame."""
        if self.is_paused or self.close_sent or self.transport.is_closing():
            return False
        self.transport.write(frames)
        return True

    async def drain(self) -> None:
        """As :meth:`Wire.drain`."""
        await self.writable.wait()
        if self.close_sent or self.disconnected or self.transport.is_closing():
            raise ClientDisconnected

    @property
    def unsent(self) -> int:
        """As :meth:`Wire.unsent`."""
        return self.transport.get_write_buffer_size()
