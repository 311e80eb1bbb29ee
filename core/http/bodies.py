"""Answers, bounded while they are read: in size after unpacking, and in time."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from collections.abc import Iterator
from typing import Final
from typing import Literal

import httpx2

from core.http.errors import AnswerRefused
from core.http.errors import OutgoingError
from core.http.errors import TimedOut
from core.http.errors import Unreachable
from core.http.network import deadline

_METER: Final = "kintsugi.meter"
_PIECE_BYTES = 64 * 1024

Overflow = Literal["refuse", "cut"]
"""What happens to an answer that is too large: AnswerRefused, or its first bytes are kept."""


class Meter:
    """Unpacks and counts the pieces of one answer."""

    def __init__(self, role: str, *, max_bytes: int, packed: bool, overflow: Overflow = "refuse") -> None:
        self._role = role
        self._left = max_bytes
        self._unpacker = zlib.decompressobj(wbits=31) if packed else None
        self._cuts = overflow == "cut"
        self.is_cut = False
        """There was more than is kept."""

    def take(self, piece: bytes) -> Iterator[bytes]:
        """The piece, unpacked in pieces: however well it was packed, one of them is all that is ever held.

        Beyond the limit raises AnswerRefused, or cuts off there: what comes after it must not be taken.
        """
        if self._unpacker is None:
            yield self._counted(piece)
            return
        while piece and not self.is_cut:
            try:
                unpacked = self._unpacker.decompress(piece, _PIECE_BYTES)
            except zlib.error as error:
                raise AnswerRefused(self._role) from error
            piece = self._unpacker.unconsumed_tail
            yield self._counted(unpacked)

    def _counted(self, piece: bytes) -> bytes:
        if len(piece) > self._left:
            if not self._cuts:
                raise AnswerRefused(self._role)
            self.is_cut = True
            piece = piece[: self._left]
        self._left -= len(piece)
        return piece


def meter_for(response: httpx2.Response, role: str, max_bytes: int, overflow: Overflow = "refuse") -> Meter:
    """A meter for the answer, whose headers are changed to say what will be left. Raises AnswerRefused."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "", "gzip"}:
        raise AnswerRefused(role)
    packed = encoding == "gzip"
    length = response.headers.get("content-length", "")
    if overflow == "refuse" and length.isdigit() and int(length) > max_bytes:
        raise AnswerRefused(role)
    if packed:
        del response.headers["content-encoding"]
        response.headers.pop("content-length", None)
    meter = Meter(role, max_bytes=max_bytes, packed=packed, overflow=overflow)
    response.extensions[_METER] = meter
    return meter


def is_cut(response: httpx2.Response) -> bool:
    """Whether ``overflow="cut"`` kept less of an answer than there was; known once its body was read."""
    meter = response.extensions.get(_METER)
    return isinstance(meter, Meter) and meter.is_cut


def translate(error: httpx2.HTTPError, role: str, *, sent: bool = True) -> OutgoingError:
    """Our error for one of the library's, whose text may hold the URL."""
    return (TimedOut if isinstance(error, httpx2.TimeoutException) else Unreachable)(role, sent=sent)


class Body(httpx2.SyncByteStream):
    """The metered body of an answer."""

    def __init__(self, stream: httpx2.SyncByteStream, meter: Meter, role: str, ends: float) -> None:
        self._stream, self._meter, self._role, self._ends = stream, meter, role, ends

    def __iter__(self) -> Iterator[bytes]:
        pieces = iter(self._stream)
        while True:
            token = deadline.set(self._ends)
            try:
                piece = next(pieces, None)
            except httpx2.HTTPError as error:
                raise translate(error, self._role) from None
            finally:
                deadline.reset(token)
            if piece is None:
                return
            yield from self._meter.take(piece)
            if self._meter.is_cut:
                return

    def close(self) -> None:
        self._stream.close()


class AsyncBody(httpx2.AsyncByteStream):
    """The same for an event loop."""

    def __init__(self, stream: httpx2.AsyncByteStream, meter: Meter, role: str, ends: float) -> None:
        self._stream, self._meter, self._role, self._ends = stream, meter, role, ends

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = aiter(self._stream)
        while True:
            token = deadline.set(self._ends)
            try:
                piece = await anext(pieces, None)
            except httpx2.HTTPError as error:
                raise translate(error, self._role) from None
            finally:
                deadline.reset(token)
            if piece is None:
                return
            for taken in self._meter.take(piece):
                yield taken
            if self._meter.is_cut:
                return

    async def aclose(self) -> None:
        await self._stream.aclose()
