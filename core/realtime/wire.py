"""Prepared frames: an event becomes a WebSocket frame once per process, and its bytes go to any number of sockets.

A server that can do it puts a :class:`Wire` into the ASGI scope, as the extension ``EXTENSION``; where there is none,
frames go out by ASGI's ``send``.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Protocol

EXTENSION = "kintsugi.frames"

_FINAL_TEXT = 0x81  # FIN, and opcode 1: RFC 6455, 5.2
_SHORT = struct.Struct("!BB")
_MIDDLE = struct.Struct("!BBH")
_LONG = struct.Struct("!BBQ")


class Wire(Protocol):
    """The way to one client, below ASGI."""

    def write(self, frames: bytes) -> bool:
        """Write whole WebSocket frames. False when nothing was taken: the client does not keep up, or is gone."""

    async def drain(self) -> None:
        """Wait until :meth:`write` takes something again; raises OSError when it never will."""

    @property
    def unsent(self) -> int:
        """Bytes that were taken and have not left."""


def framed(text: bytes) -> bytes:
    """One unmasked, final text frame (RFC 6455, 5.2)."""
    size = len(text)
    if size < 126:
        return _SHORT.pack(_FINAL_TEXT, size) + text
    if size < 0x10000:
        return _MIDDLE.pack(_FINAL_TEXT, 126, size) + text
    return _LONG.pack(_FINAL_TEXT, 127, size) + text


class FrameBatch:
    """Frames that follow on each other, made once for all who get them: as text, and as bytes for a wire."""

    __slots__ = ("frames", "joined", "texts")

    def __init__(self, texts: Sequence[bytes]) -> None:
        self.texts = texts
        self.frames = [framed(text) for text in texts]
        self.joined = b"".join(self.frames) if len(self.frames) != 1 else self.frames[0]

    def __len__(self) -> int:
        return len(self.texts)
