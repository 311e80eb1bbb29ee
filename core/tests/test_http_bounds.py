"""What a caller may bound: connecting, reading, the schemes, the size; and whether anything was sent."""

from __future__ import annotations

import asyncio
import gzip
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import httpx2
import pytest

from core import http
from core.http import breaker
from core.tests.http_peer import LOOPBACK
from core.tests.http_peer import Server
from tests.kit.processes import free_port

pytestmark = pytest.mark.any_stack

Ask = Callable[..., httpx2.Response]


@pytest.fixture(params=["thread", "loop"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """One call of a client of its own, by either half: ``ask(method, url, content=…, **options of the client)``."""

    async def in_loop(method: str, url: str, content: bytes | None, options: dict[str, Any]) -> httpx2.Response:
        async with http.async_client(role="shop", **options) as client:
            return await client.request(method, url, content=content)

    def call(method: str, url: str, *, content: bytes | None = None, **options: Any) -> httpx2.Response:
        options = LOOPBACK | options
        if request.param == "loop":
            return asyncio.run(in_loop(method, url, content, options))
        with http.client(role="shop", **options) as client:
            return client.request(method, url, content=content)

    return call


def answering_after(seconds: float, server: Server) -> None:
    server.say("/inner")

    def late(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(seconds)  # the other side is slow: that is the case
        server.answers["/inner"](handler)

    server.answers["/late"] = late


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


def break_off(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"half of it")
    handler.close_connection = True


@pytest.fixture
def lost_resolver() -> Iterator[Callable[[str, int], list[str]]]:
    """One that does not answer while the test lasts."""
    over = threading.Event()

    def resolve(_host: str, _port: int) -> list[str]:
        over.wait(20)
        return []

    yield resolve
    over.set()


# Time


def test_the_other_side_may_be_silent_as_long_as_it_was_told(server: Server, ask: Ask) -> None:
    answering_after(0.6, server)
    with pytest.raises(http.TimedOut):
        ask("POST", f"{server.url}/late", read=0.2)
    assert ask("POST", f"{server.url}/late", read=5).text == "hello"


def test_a_long_silence_makes_the_call_as_long_unless_that_is_bounded(
    server: Server, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "TOTAL_SECONDS", 0.3)
    answering_after(0.6, server)
    assert ask("GET", f"{server.url}/late", read=5).text == "hello"
    with pytest.raises(http.TimedOut):
        ask("GET", f"{server.url}/late", read=5, timeout=0.3)


def test_connecting_is_bounded_by_itself(ask: Ask, lost_resolver: Any) -> None:
    begun = time.monotonic()
    with pytest.raises(http.TimedOut):
        ask("POST", "http://service.test/", connect=0.2, resolver=lost_resolver)
    assert time.monotonic() - begun < 2


# Schemes


def test_a_scheme_that_is_not_allowed_is_refused_at_every_hop(server: Server, ask: Ask) -> None:
    server.say("/ok")
    with pytest.raises(http.AddressRefused):
        ask("GET", f"{server.url}/ok", schemes=("https",))
    assert server.seen == []
    server.say("/from", 302, Location="https://127.0.0.1:1/")
    with pytest.raises(http.AddressRefused):
        ask("GET", f"{server.url}/from", schemes=("http",), redirects=1)


@pytest.mark.parametrize(
    "options", [{"schemes": ("ftp",)}, {"schemes": "https"}, {"schemes": ()}, {"overflow": "hide"}]
)
def test_what_means_nothing_is_refused(options: Any) -> None:
    for make in (http.client, http.async_client):
        with pytest.raises(ValueError, match=r"scheme|overflow"):
            make(role="shop", **options)


# Size


@pytest.mark.parametrize("packed", [False, True])
def test_the_first_bytes_of_a_large_answer_may_be_kept(server: Server, ask: Ask, packed: bool) -> None:
    body = bytes(range(256)) * 4000
    if packed:
        server.say("/big", 201, body=gzip.compress(body), Content_Encoding="gzip")
    else:
        server.say("/big", 201, body=body)
    answer = ask("POST", f"{server.url}/big", max_bytes=70_001, overflow="cut")
    assert (answer.status_code, answer.content, http.is_cut(answer)) == (201, body[:70_001], True)
    whole = ask("POST", f"{server.url}/big", max_bytes=len(body), overflow="cut")
    assert (whole.content, http.is_cut(whole)) == (body, False)


def test_an_endless_answer_is_cut_as_well(server: Server, ask: Ask) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65536)

    server.answers["/endless"] = endless
    answer = ask("GET", f"{server.url}/endless", max_bytes=1000, overflow="cut")
    assert (answer.content, http.is_cut(answer)) == (b"x" * 1000, True)


# Whether anything was sent


def test_nothing_is_sent_to_an_address_that_is_refused_or_not_there(ask: Ask, lost_resolver: Any) -> None:
    cases: list[tuple[type[http.OutgoingError], str, dict[str, Any]]] = [
        (http.AddressRefused, "http://10.0.0.1/", {}),
        (http.AddressRefused, "http://service.test:port/", {}),
        (http.AddressRefused, "ftp://127.0.0.1/", {}),
        (http.Unreachable, f"http://127.0.0.1:{free_port()}/", {}),
        (http.Unreachable, f"http://service.test:{free_port()}/", {"resolver": lambda *_: ["127.0.0.9", "127.0.0.1"]}),
        (http.TimedOut, "http://service.test/", {"connect": 0.2, "resolver": lost_resolver}),
    ]
    for error, url, options in cases:
        with pytest.raises(error) as caught:
            ask("POST", url, **options)
        assert caught.value.sent is False, url


def test_nothing_is_sent_while_the_circuit_is_open(server: Server, ask: Ask) -> None:
    for _ in range(breaker.FAILURES):
        breaker.Breaker("shop", "127.0.0.1").failed()
    with pytest.raises(http.CircuitOpen) as caught:
        ask("POST", f"{server.url}/x")
    assert (caught.value.sent, server.seen) == (False, [])


def test_what_was_not_answered_was_sent_all_the_same(server: Server, ask: Ask) -> None:
    answering_after(0.6, server)
    server.answers["/hangs-up"] = hang_up
    server.answers["/breaks-off"] = break_off
    server.say("/large", body=b"x" * 2000)
    server.say("/odd", Content_Encoding="br")
    cases: list[tuple[type[http.OutgoingError], str, dict[str, Any]]] = [
        (http.TimedOut, "/late", {"read": 0.2}),
        (http.TimedOut, "/late", {"timeout": 0.2}),
        (http.Unreachable, "/hangs-up", {}),
        (http.Unreachable, "/breaks-off", {}),
        (http.AnswerRefused, "/large", {"max_bytes": 1000}),
        (http.AnswerRefused, "/odd", {}),
    ]
    for error, path, options in cases:
        with pytest.raises(error) as caught:
            ask("POST", server.url + path, **options)
        assert caught.value.sent is True, path
        breaker.Breaker("shop", "127.0.0.1").succeeded()


@pytest.mark.parametrize(
    "target", ["http://10.0.0.1/", "ftp://127.0.0.1/", "http://service.test:port/", "http://127.0.0.1:1/", "/from"]
)
def test_a_redirect_that_fails_was_sent_to_its_first_hop(server: Server, ask: Ask, target: str) -> None:
    server.say("/from", 307, Location=target)
    with pytest.raises(http.OutgoingError) as caught:
        ask("POST", f"{server.url}/from", content=b"once", redirects=2)
    assert caught.value.sent is True


def test_a_try_that_was_sent_counts_when_the_next_cannot_connect(server: Server, ask: Ask) -> None:
    server.say("/flaky", 503, Connection="close")
    answers = iter([["127.0.0.1"]])
    with pytest.raises(http.OutgoingError) as caught:
        ask("GET", f"http://service.test:{server.http.server_port}/flaky", resolver=lambda *_: next(answers, []))
    assert (type(caught.value), caught.value.sent, len(server.seen)) == (http.Unreachable, True, 1)
