from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncGenerator
from collections.abc import Callable
from typing import Any
from typing import cast

import pytest
from csp.middleware import CSPMiddleware
from django.core.signals import request_finished
from django.core.signals import request_started
from django.db import connection
from django.db import connections
from django.http import HttpRequest
from django.http import HttpResponse
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from django.test import RequestFactory

from core.api.csp import ApiCSPMiddleware
from core.api.streaming import ReadyStream
from kintsugi.handler import DatabaseThreadHandler

Message = dict[str, Any]


class Exchange:
    """One request to a handler whose whole chain is ``view``, by a client who leaves when told to."""

    def __init__(self, view: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.sent: list[Message] = []
        self.left = asyncio.Event()
        self._handler = DatabaseThreadHandler()
        self._handler._middleware_chain = view
        self._asked = False

    async def run(self, on_piece: Callable[[bytes], None] = lambda _piece: None) -> None:
        async def send(message: Message) -> None:
            self.sent.append(message)
            on_piece(message.get("body", b""))
            await asyncio.sleep(0)

        scope = {"type": "http", "method": "GET", "path": "/api/x", "query_string": b"", "headers": []}
        await asyncio.wait_for(self._handler(scope, self._receive, send), 20)

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.left.wait()
        return {"type": "http.disconnect"}

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)


@pytest.fixture
def signalled() -> Any:
    """The threads in which a request was said to begin and to end."""
    threads: dict[str, list[str]] = {"started": [], "finished": []}

    def started(**_kwargs: Any) -> None:
        threads["started"].append(threading.current_thread().name)

    def finished(**_kwargs: Any) -> None:
        threads["finished"].append(threading.current_thread().name)

    request_started.connect(started)
    request_finished.connect(finished)
    yield threads
    request_started.disconnect(started)
    request_finished.disconnect(finished)


def assert_in_request_threads(signalled: dict[str, list[str]]) -> None:
    for names in signalled.values():
        assert len(names) == 1
        assert names[0].startswith("request-thread")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fails", [False, True])
def test_a_plain_answer_gives_its_connection_back(signalled: dict[str, list[str]], *, fails: bool) -> None:
    held: list[Any] = []

    def view(_request: HttpRequest) -> HttpResponseBase:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        held.append(connections["default"])
        return HttpResponse(b"broken" if fails else b"kept", status=500 if fails else 200)

    async def main() -> bytes:
        exchange = Exchange(view)
        await exchange.run()
        return exchange.body

    assert asyncio.run(main()) == (b"broken" if fails else b"kept")
    assert_in_request_threads(signalled)
    if connection.vendor == "postgresql":
        assert held[0].connection is None


async def _endless(closed: asyncio.Event) -> AsyncGenerator[bytes]:
    try:
        while True:
            yield b"on "
            await asyncio.sleep(0)
    finally:
        closed.set()


@pytest.mark.parametrize("kind", [ReadyStream, StreamingHttpResponse])
def test_a_stream_is_closed_when_its_client_leaves(
    signalled: dict[str, list[str]], kind: type[StreamingHttpResponse]
) -> None:
    async def main() -> None:
        closed = asyncio.Event()
        exchange = Exchange(lambda _request: kind(_endless(closed)))

        def leave_after_some(_piece: bytes) -> None:
            if len(exchange.sent) > 5:
                exchange.left.set()

        await exchange.run(leave_after_some)
        gc.collect()  # Django's own response leaves the closing to the one who collects the generator
        await asyncio.wait_for(closed.wait(), timeout=10)
        assert exchange.sent[-1].get("more_body") is True

    asyncio.run(main())
    assert_in_request_threads(signalled)


@pytest.mark.parametrize("kind", [ReadyStream, StreamingHttpResponse])
def test_a_stream_ends_with_its_last_piece_or_its_failure(
    signalled: dict[str, list[str]], kind: type[StreamingHttpResponse]
) -> None:
    async def pieces(*, fails: bool) -> AsyncGenerator[bytes]:
        yield b"a"
        yield b"b"
        if fails:
            raise RuntimeError("source is gone")

    async def main(*, fails: bool) -> Exchange:
        exchange = Exchange(lambda _request: kind(pieces(fails=fails), content_type="text/event-stream"))
        try:
            await exchange.run()
        except RuntimeError:
            assert fails
        return exchange

    whole = asyncio.run(main(fails=False))
    assert whole.body == b"ab"
    assert not whole.sent[-1].get("more_body")
    assert dict(whole.sent[0]["headers"]).get(b"Content-Type") == b"text/event-stream"
    assert_in_request_threads(signalled)

    broken = asyncio.run(main(fails=True))
    assert broken.body == b"ab"
    assert broken.sent[-1]["more_body"] is True
    assert len(signalled["finished"]) == 2


@pytest.mark.parametrize("content_type", ["application/json", "text/event-stream; charset=utf-8", "text/html"])
def test_every_answer_carries_the_policy_of_the_site(rf: RequestFactory, content_type: str) -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(b"{}", content_type=content_type)

    theirs = cast("HttpResponse", CSPMiddleware(view)(rf.get("/api/x")))
    ours = cast("HttpResponse", ApiCSPMiddleware(view)(rf.get("/api/x")))
    header = "Content-Security-Policy"
    assert sorted(ours[header].split("; ")) == sorted(theirs[header].split("; "))


@pytest.mark.parametrize("path", ["/", "/app", "/admin/login/"])
def test_a_page_may_use_of_a_device_what_calls_need_and_nothing_else(client: Client, path: str) -> None:
    rules = client.get(path).headers["Permissions-Policy"].split(", ")
    assert {
        "camera=(self)",
        "microphone=(self)",
        "display-capture=(self)",
        "autoplay=(self)",
        "geolocation=()",
        "payment=()",
    } <= {*rules}
    assert all(rule.endswith(("=(self)", "=()")) for rule in rules)
