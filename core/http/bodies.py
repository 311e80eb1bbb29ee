"""Answers, bounded while they are read: in size after unpacking, and in time."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from collections.abc import Iterator

import httpx

from core.http.errors import AnswerRefused
from core.http.errors import OutgoingError
from core.http.errors import TimedOut
from core.http.errors import Unreachable
from core.http.network import deadline


class Meter:
    """Unpacks and counts the pieces of one answer."""

    def __init__(self, role: str, *, max_bytes: int, packed: bool) -> None:
        self._role = role
        self._left = max_bytes
        self._unpacker = zlib.decompressobj(wbits=31) if packed else None

    def take(self, piece: bytes) -> bytes:
        """The unpacked piece. Raises AnswerRefused beyond the limit; never holds more than one byte over it."""
        if self._unpacker:
            try:
                piece = self._unpacker.decompress(piece, self._left + 1)
            except zlib.error as error:
                raise AnswerRefused(self._role) from error
        self._left -= len(piece)
        if self._left < 0:
            raise AnswerRefused(self._role)
        return piece


def meter_for(response: httpx.Response, role: str, max_bytes: int) -> Meter:
    """A meter for the answer, whose headers are changed to say what will be left. Raises AnswerRefused."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "", "gzip"}:
        raise AnswerRefused(role)
    packed = encoding == "gzip"
    length = response.headers.get("content-length", "")
    if length.isdigit() and int(length) > max_bytes:
        raise AnswerRefused(role)
    if packed:
        del response.headers["content-encoding"]
        response.headers.pop("content-length", None)
    return Meter(role, max_bytes=max_bytes, packed=packed)


def translate(error: httpx.HTTPError, role: str) -> OutgoingError:
    """Our error for one of the library's, whose text may hold the URL."""
    return TimedOut(role) if isinstance(error, httpx.TimeoutException) else Unreachable(role)


class Body(httpx.SyncByteStream):
    """The metered body of an answer."""

    def __init__(self, stream: httpx.SyncByteStream, meter: Meter, role: str, ends: float) -> None:
        self._stream, self._meter, self._role, self._ends = stream, meter, role, ends

    def __iter__(self) -> Iterator[bytes]:
        pieces = iter(self._stream)
        while True:
            token = deadline.set(self._ends)
            try:
                piece = next(pieces, None)
            except httpx.HTTPError as error:
                raise translate(error, self._role) from None
            finally:
                deadline.reset(token)
            if piece is None:
                return
            yield self._meter.take(piece)

    def close(self) -> None:
        self._stream.close()


class AsyncBody(httpx.AsyncByteStream):
    """The same for an event loop."""

    def __init__(self, stream: httpx.AsyncByteStream, meter: Meter, role: str, ends: float) -> None:
        self._stream, self._meter, self._role, self._ends = stream, meter, role, ends

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = aiter(self._stream)
        while True:
            token = deadline.set(self._ends)
            try:
                piece = await anext(pieces, None)
            except httpx.HTTPError as error:
                raise translate(error, self._role) from None
            finally:
                deadline.reset(token)
            if piece is None:
                return
            yield self._meter.take(piece)

    async def aclose(self) -> None:
        await self._stream.aclose()
