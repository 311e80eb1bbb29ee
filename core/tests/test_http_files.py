"""Files sent and received in pieces."""

from __future__ import annotations

import asyncio
import gzip
import io
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx2
import pytest

from core import http
from core.tests.http_peer import Server
from core.tests.http_peer import async_shop
from core.tests.http_peer import shop
from core.tests.test_http_bounds import break_off
from tests.kit.processes import wait_for

pytestmark = pytest.mark.any_stack

BODY = bytes(range(256)) * 8000
"""2 MB, more than the clients here take otherwise."""
_PIECE = 64 * 1024

Move = Callable[..., httpx2.Response]


class Watched(io.BytesIO):
    """A file that knows the largest piece that was asked of it, or put into it."""

    largest = 0

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self.largest = max(self.largest, len(piece))
        return piece

    def write(self, piece: Any, /) -> int:
        self.largest = max(self.largest, len(piece))
        return super().write(piece)


@pytest.fixture(params=["thread", "loop"])
def is_loop(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "loop")


@pytest.fixture
def upload(server: Server, is_loop: bool) -> Move:
    async def in_loop(path: str, file: Any, options: dict[str, Any]) -> httpx2.Response:
        async with async_shop(server, redirects=1) as client:
            return await http.async_upload(client, path, file, **options)

    def call(path: str, file: Any, **options: Any) -> httpx2.Response:
        if is_loop:
            return asyncio.run(in_loop(path, file, options))
        with shop(server, redirects=1) as client:
            return http.upload(client, path, file, **options)

    return call


@pytest.fixture
def download(server: Server, is_loop: bool) -> Move:
    async def in_loop(path: str, into: Any, max_bytes: int, options: dict[str, Any]) -> httpx2.Response:
        async with async_shop(server, max_bytes=1000, **options) as client:
            return await http.async_download(client, path, into, max_bytes=max_bytes)

    def call(path: str, into: Any, *, max_bytes: int = len(BODY), **options: Any) -> httpx2.Response:
        if is_loop:
            return asyncio.run(in_loop(path, into, max_bytes, options))
        with shop(server, max_bytes=1000, **options) as client:
            return http.download(client, path, into, max_bytes=max_bytes)

    return call


def offer(server: Server, *, packed: bool) -> None:
    if packed:
        server.say("/get", body=gzip.compress(BODY), Content_Encoding="gzip")
    else:
        server.say("/get", body=BODY)


def test_what_is_left_of_a_file_is_sent_in_pieces(server: Server, upload: Move) -> None:
    server.say("/put", 201)
    file = Watched(BODY)
    file.seek(1000)
    answer = upload("/put", file, headers={"Content-Type": "application/pdf"})
    assert (answer.status_code, server.bodies, server.seen[0][0]) == (201, [BODY[1000:]], "PUT")
    assert file.largest <= _PIECE


def test_an_empty_file_is_sent(server: Server, upload: Move) -> None:
    server.say("/put", 201)
    assert upload("/put", io.BytesIO(), method="POST").status_code == 201
    assert server.bodies == [b""]


def test_an_upload_follows_no_redirect_and_is_sent_once(server: Server, upload: Move) -> None:
    server.say("/from", 307, Location="/put")
    server.say("/down", 503)
    assert upload("/from", io.BytesIO(BODY)).status_code == 307
    assert upload("/down", io.BytesIO(BODY)).status_code == 503
    assert len(server.seen) == 2


class Shrinking(io.BytesIO):
    """It becomes shorter once it is read."""

    def read(self, size: int | None = -1, /) -> bytes:
        self.truncate(1000)
        return super().read(size)


def test_a_file_that_became_shorter_is_no_whole_upload(server: Server, upload: Move) -> None:
    server.say("/put", 201)
    with pytest.raises(EOFError):
        upload("/put", Shrinking(BODY))


def test_a_file_goes_as_a_field_of_a_form(server: Server, tmp_path: Path) -> None:
    server.say("/form", 201)
    (tmp_path / "book.txt").write_bytes(BODY)
    with shop(server) as client, (tmp_path / "book.txt").open("rb") as file:
        answer = client.post("/form", data={"target": "UK"}, files={"file": ("book.txt", file, "text/plain")})
    assert answer.status_code == 201
    assert BODY in server.bodies[0]
    assert b'name="target"\r\n\r\nUK' in server.bodies[0]


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_comes_in_pieces_beyond_the_limit_of_other_answers(server: Server, download: Move, packed: bool) -> None:
    offer(server, packed=packed)
    into = Watched(b"before")
    into.seek(6)
    assert download("/get", into).status_code == 200
    assert into.getvalue() == b"before" + BODY
    assert into.largest <= _PIECE


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("overflow", ["refuse", "cut"])
def test_a_file_that_is_too_large_leaves_nothing(server: Server, download: Move, packed: bool, overflow: str) -> None:
    offer(server, packed=packed)
    into = Watched(b"before")
    into.seek(6)
    with pytest.raises(http.AnswerRefused):
        download("/get", into, max_bytes=len(BODY) - 1, overflow=overflow)
    assert into.getvalue() == b"before"


def test_a_file_that_broke_off_leaves_nothing(server: Server, download: Move) -> None:
    server.answers["/get"] = break_off
    into = io.BytesIO()
    with pytest.raises(http.Unreachable):
        download("/get", into)
    assert into.getvalue() == b""


def test_a_bad_answer_is_no_file(server: Server, download: Move) -> None:
    server.say("/get", 404, body=b"gone")
    server.say("/long", 500, body=BODY)
    into = io.BytesIO()
    answer = download("/get", into)
    assert (answer.status_code, answer.text, into.getvalue()) == (404, "gone", b"")
    with pytest.raises(http.AnswerRefused):  # as any answer of that client
        download("/long", into)


async def test_a_download_that_is_cancelled_leaves_nothing(server: Server) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65536)

    server.answers["/endless"] = endless
    into = Watched()
    async with async_shop(server) as client:
        running = asyncio.create_task(http.async_download(client, "/endless", into, max_bytes=10**12))
        await asyncio.to_thread(wait_for, lambda: into.largest, "nothing came", 10)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert into.getvalue() == b""
