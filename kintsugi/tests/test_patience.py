"""Lines that bring no request are not kept; slow ones are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from kintsugi.patience import PatientProtocol

PATIENCE_SECONDS = 0.3
LONG_SECONDS = 5.0
"""A line that is kept is known by outliving this; a line that ends is read to its end."""


class _Hasty(PatientProtocol):
    """The same with less patience."""

    HEADER_SECONDS = PATIENCE_SECONDS
    BODY_SILENCE_SECONDS = PATIENCE_SECONDS


async def _echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the length of the body, or note that it broke."""
    length, more = 0, True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            return
        length, more = length + len(event["body"]), event["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": f"{length:02}".encode()})


@asynccontextmanager
async def _line(protocol: type[PatientProtocol] = _Hasty) -> AsyncIterator[tuple[asyncio.StreamReader, Any]]:
    config = uvicorn.Config(_echo, http=protocol, lifespan="off", log_config=None, proxy_headers=False)
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: protocol(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        yield reader, writer
        writer.close()


async def _rest(reader: asyncio.StreamReader) -> bytes:
    """What comes until the line is closed; what was still on its way there turns the close into a reset."""
    try:
        return await asyncio.wait_for(reader.read(), LONG_SECONDS)
    except ConnectionResetError:
        return b""


async def test_a_line_that_says_nothing_is_closed() -> None:
    async with _line() as (reader, _):
        assert await _rest(reader) == b""


async def test_half_a_header_is_not_waited_for_even_if_it_drips() -> None:
    async with _line() as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n")
        rest = asyncio.create_task(_rest(reader))
        while not rest.done():
            writer.write(b"X-Drop: 1\r\n")
            await asyncio.wait([rest], timeout=PATIENCE_SECONDS / 5)
        assert rest.result() == b""


async def test_a_body_that_stops_is_not_waited_for() -> None:
    async with _line() as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\nx")
        assert await _rest(reader) == b""


async def test_a_body_that_comes_slowly_is_taken_and_the_line_kept_for_the_next_request() -> None:
    async with _line() as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n")
        loop = asyncio.get_running_loop()
        begun = loop.time()
        for _ in range(10):
            writer.write(b"x")
            # Longer in all than a silence may be, never as long at once.
            await asyncio.wait([asyncio.create_task(asyncio.sleep(PATIENCE_SECONDS / 5))])
        assert loop.time() - begun > PATIENCE_SECONDS
        assert (await asyncio.wait_for(reader.readuntil(b"10"), LONG_SECONDS)).startswith(b"HTTP/1.1 200")
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n")
        assert await _rest(reader) == b"", "half a header of the next request"


async def test_the_product_waits_no_longer_than_its_docs_say() -> None:
    assert (PatientProtocol.HEADER_SECONDS, PatientProtocol.BODY_SILENCE_SECONDS) == (10.0, 60.0)
