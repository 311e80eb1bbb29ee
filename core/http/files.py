"""Files on their way out and in: in pieces, never whole in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any
from typing import BinaryIO

import httpx2

from core.http.transport import MAX_BYTES

_PIECE_BYTES = 64 * 1024


def upload(
    client: httpx2.Client,
    url: str,
    file: BinaryIO,
    *,
    method: str = "PUT",
    headers: Mapping[str, str] | None = None,
    **options: Any,
) -> httpx2.Response:
    """Send what is left of ``file``, which must be seekable, as the body; ``options`` are those of ``client.request``.

    For a field of a form give ``files={"name": (file_name, file)}`` to the client itself, which reads it in pieces as
    well. An upload is sent once and follows no redirect, as the file has been read by then. Raises children of
    OutgoingError, and what reading raises; EOFError when there was less than there seemed to be.
    """
    length = _bytes_left(file)
    named = {**(headers or {}), "Content-Length": str(length)}
    content = _pieces(file, length)
    return client.request(method, url, content=content, headers=named, follow_redirects=False, **options)


async def async_upload(
    client: httpx2.AsyncClient,
    url: str,
    file: BinaryIO,
    *,
    method: str = "PUT",
    headers: Mapping[str, str] | None = None,
    **options: Any,
) -> httpx2.Response:
    """The same for an event loop; the file is read in threads."""
    length = _bytes_left(file)
    named = {**(headers or {}), "Content-Length": str(length)}
    content = _async_pieces(file, length)
    return await client.request(method, url, content=content, headers=named, follow_redirects=False, **options)


def download(
    client: httpx2.Client, url: str, into: BinaryIO, *, max_bytes: int, method: str = "GET", **options: Any
) -> httpx2.Response:
    """Write the body of a good answer (2xx) to ``into``; the body of any other is read, and nothing is written.

    ``max_bytes`` of it, decompressed, are the most, whatever the client's own limit and ``overflow`` say: half a file
    is none. When anything goes wrong ``into``, which must be seekable, is as long as it was before. Raises children of
    OutgoingError, and what writing raises.
    """
    start = into.tell()
    asked = {**options.pop("extensions", {}), MAX_BYTES: max_bytes}
    try:
        with client.stream(method, url, extensions=asked, **options) as response:
            if not response.is_success:
                response.read()
                return response
            into.writelines(response.iter_bytes())
    except BaseException:
        _shorten(into, start)
        raise
    return response


async def async_download(
    client: httpx2.AsyncClient, url: str, into: BinaryIO, *, max_bytes: int, method: str = "GET", **options: Any
) -> httpx2.Response:
    """The same for an event loop; the file is written in threads."""
    start = into.tell()
    asked = {**options.pop("extensions", {}), MAX_BYTES: max_bytes}
    try:
        async with client.stream(method, url, extensions=asked, **options) as response:
            if not response.is_success:
                await response.aread()
                return response
            async for piece in response.aiter_bytes():
                await _write(into, piece)
    except BaseException:
        _shorten(into, start)
        raise
    return response


def _bytes_left(file: BinaryIO) -> int:
    here = file.tell()
    end = file.seek(0, 2)
    file.seek(here)
    return end - here


def _read(file: BinaryIO, left: int) -> bytes:
    piece = file.read(min(_PIECE_BYTES, left))
    if not piece:
        raise EOFError("A file became shorter while it was sent.")
    return piece


def _pieces(file: BinaryIO, left: int) -> Iterator[bytes]:
    while left:
        piece = _read(file, left)
        left -= len(piece)
        yield piece


async def _async_pieces(file: BinaryIO, left: int) -> AsyncIterator[bytes]:
    while left:
        piece = await asyncio.to_thread(_read, file, left)
        left -= len(piece)
        yield piece


async def _write(file: BinaryIO, piece: bytes) -> None:
    """To its end even when cancelled: nothing may come into the file after it was shortened."""
    writing = asyncio.ensure_future(asyncio.to_thread(file.write, piece))
    try:
        await asyncio.shield(writing)
    except asyncio.CancelledError:
        await asyncio.wait([writing])
        raise


def _shorten(file: BinaryIO, length: int) -> None:
    file.seek(length)
    file.truncate()
