"""What happens around the bytes: refusals, further tries, silence, and connections that are closed or kept."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncGenerator

import pytest
from pytest_django.fixtures import Settings

from core import llm
from core.llm.adapters.http import _Silence
from core.llm.errors import ContentFiltered
from core.llm.errors import ContextTooLong
from core.llm.errors import ModelError
from core.llm.errors import ProviderQuotaExceeded
from core.llm.errors import ProviderRateLimited
from core.llm.errors import ProviderRefused
from core.llm.errors import ProviderRejectedKey
from core.llm.errors import ProviderSilent
from core.llm.errors import ProviderUnavailable
from core.llm.errors import StreamCut
from core.llm.tests.asking import Heard
from core.llm.tests.asking import ask
from core.llm.tests.wires import DONE
from core.llm.tests.wires import END
from core.llm.tests.wires import HEAD
from core.llm.tests.wires import Wire
from core.llm.tests.wires import event
from core.llm.tests.wires import piece
from core.llm.tests.wires import plain
from core.llm.tests.wires import rude_error

pytestmark = pytest.mark.any_stack


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        ("401 Unauthorized", rude_error(code="invalid_api_key"), ProviderRejectedKey),
        ("403 Forbidden", b"no", ProviderRejectedKey),
        ("403 Forbidden", rude_error(code=403, metadata={"reasons": ["x"]}), ContentFiltered),
        ("402 Payment Required", rude_error(code=402), ProviderQuotaExceeded),
        ("429 Too Many Requests", rude_error(code="insufficient_quota"), ProviderQuotaExceeded),
        ("400 Bad Request", rude_error(code="context_length_exceeded"), ContextTooLong),
        ("400 Bad Request", rude_error(message="exceeds the available context size"), ContextTooLong),
        ("400 Bad Request", rude_error(code="content_filter"), ContentFiltered),
        ("400 Bad Request", rude_error(message="bad"), ProviderRefused),
        ("404 Not Found", b'{"error":"model not found"}', ProviderRefused),
        ("302 Found", b"", ProviderRefused),
        ("422 Unprocessable", b'[{"error":{"message":"x"}}]', ProviderRefused),
    ],
)
async def test_a_refusal_has_its_own_error_and_is_not_tried_again(
    wire: Wire, status: str, body: bytes, expected: type[ModelError]
) -> None:
    wire.says(plain(status, body))
    with pytest.raises(expected):
        await ask("Hi")
    assert len(wire.bodies) == 1


async def test_what_passes_by_itself_is_tried_again(wire: Wire) -> None:
    wire.says(plain("503 Service Unavailable", b""))
    wire.says(plain("429 Too Many Requests", rude_error(code="rate_limit_exceeded"), headers="Retry-After: 0\r\n"))
    wire.streams(event("a"), event(finish="stop"), DONE)
    assert (await ask("Hi")).text == "a"
    assert len(wire.bodies) == 3


async def test_the_tries_come_to_an_end(wire: Wire, settings: Settings) -> None:
    settings.LLM_RETRIES = 1
    for _ in range(2):
        wire.says(plain("500 Oops", b""))
    with pytest.raises(ProviderUnavailable):
        await ask("Hi")
    assert len(wire.bodies) == 2


async def test_a_long_retry_after_is_left_to_the_person(wire: Wire) -> None:
    wire.says(plain("429 Too Many Requests", b"{}", headers="Retry-After: 40\r\n"))
    with pytest.raises(ProviderRateLimited) as refused:
        await ask("Hi")
    assert refused.value.retry_after == 40
    assert len(wire.bodies) == 1


async def test_nothing_is_tried_again_after_the_first_byte(wire: Wire) -> None:
    wire.cuts_after(HEAD)
    with pytest.raises(StreamCut):
        await ask("Hi")
    assert len(wire.bodies) == 1


async def test_a_refused_connection_is_unavailable(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    settings.OPENAI_BASE_URL = f"http://127.0.0.1:{port}/v1"
    settings.LLM_RETRIES = 0
    with pytest.raises(ProviderUnavailable):
        await ask("Hi")


async def test_silence_before_the_headers_is_noticed(wire: Wire, settings: Settings) -> None:
    settings.LLM_SILENCE_SECONDS = 0.1
    wire.says()
    with pytest.raises(ProviderSilent):
        await ask("Hi")


async def test_silence_in_mid_answer_is_noticed_and_the_connection_closed(wire: Wire, settings: Settings) -> None:
    def fall_silent(peer: socket.socket) -> None:
        settings.LLM_SILENCE_SECONDS = 0.2  # not before: until the headers a busy machine may take longer
        peer.sendall(HEAD + piece(event("kept")))

    wire.does(fall_silent)
    heard = Heard()
    with pytest.raises(ProviderSilent):
        await ask("Hi", heard=heard)
    assert heard.text == "kept"
    assert await asyncio.to_thread(wire.hung_up.wait, 5)


async def test_bytes_of_any_kind_break_the_silence(wire: Wire, settings: Settings) -> None:
    def drip(peer: socket.socket) -> None:
        settings.LLM_SILENCE_SECONDS = 0.8
        peer.sendall(HEAD)
        for _ in range(5):
            time.sleep(0.2)
            peer.sendall(piece(b": OPENROUTER PROCESSING\n\n"))
        peer.sendall(piece(event("a") + event(finish="stop") + DONE) + END)

    wire.does(drip)
    assert (await ask("Hi")).text == "a"


async def test_a_slow_reader_is_not_a_silent_provider(
    wire: Wire, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_the_first, sent_the_rest = threading.Event(), threading.Event()
    looked, real = asyncio.Event(), _Silence._look

    def look(silence: _Silence) -> None:
        real(silence)
        looked.set()

    monkeypatch.setattr(_Silence, "_look", look)

    def in_two_reads(peer: socket.socket) -> None:
        settings.LLM_SILENCE_SECONDS = 0.2
        peer.sendall(HEAD + piece(event("a")))
        read_the_first.wait(5)
        peer.sendall(piece(event("b") + event(finish="stop") + DONE) + END)
        sent_the_rest.set()

    wire.does(in_two_reads)
    text = ""
    async for delta in llm.stream([llm.Message("user", "Hi")], model="gpt-4o", max_tokens=5):
        text += delta.text
        read_the_first.set()
        await asyncio.to_thread(sent_the_rest.wait, 5)
        for _ in range(2):  # the first may have to do with the time before
            looked.clear()
            await asyncio.wait_for(looked.wait(), 10)
    assert text == "ab"


async def test_closing_the_stream_closes_the_connection_at_once(wire: Wire) -> None:
    wire.streams(event("a"), ends=False)
    deltas = llm.stream([llm.Message("user", "Hi")], model="gpt-4o", max_tokens=5)
    assert (await anext(deltas)).text == "a"
    await deltas.aclose()
    assert await asyncio.to_thread(wire.hung_up.wait, 5)


async def test_cancelling_the_reader_closes_the_connection_at_once(wire: Wire) -> None:
    wire.streams(event("a"), ends=False)
    first = asyncio.Event()

    async def listen() -> None:
        async for _delta in llm.stream([llm.Message("user", "Hi")], model="gpt-4o", max_tokens=5):
            first.set()

    task = asyncio.create_task(listen())
    await first.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(wire.hung_up.wait, 5)


async def test_a_finished_answer_leaves_its_connection_to_the_next(wire: Wire) -> None:
    for _ in range(3):
        wire.streams(event("a"), event(finish="stop"), DONE)
    for _ in range(3):
        await ask("Hi")
    assert wire.connections == 1


async def test_a_late_end_of_the_body_is_waited_for(wire: Wire) -> None:
    def hesitate(peer: socket.socket) -> None:
        peer.sendall(HEAD + piece(event("a") + event(finish="stop") + DONE))
        time.sleep(0.05)
        peer.sendall(END)

    for _ in range(2):
        wire.does(hesitate)
        await ask("Hi")
    assert wire.connections == 1


async def test_closing_does_not_return_before_the_provider_is_closed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = []

    class Slow:
        async def stream(self, _request: object) -> AsyncGenerator[llm.Delta]:
            try:
                yield llm.Delta("a")
            finally:
                await asyncio.sleep(0.01)
                closed.append(True)

    monkeypatch.setattr("core.llm.registry.adapter", lambda _config: Slow())
    deltas = llm.stream([llm.Message("user", "Hi")], model="demo", max_tokens=5)
    await anext(deltas)
    await deltas.aclose()
    assert closed


async def test_many_streams_run_at_once(wire: Wire) -> None:
    gate = threading.Barrier(50, timeout=20)

    def together(peer: socket.socket) -> None:
        gate.wait()
        peer.sendall(HEAD + piece(event("a") + event(finish="stop") + DONE) + END)

    for _ in range(50):
        wire.does(together)
    answers = await asyncio.gather(*(ask("Hi") for _ in range(50)))
    assert all(heard.text == "a" for heard in answers)


async def test_the_key_is_sent_and_never_told(wire: Wire, settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.OPENAI_ORG_ID = "org-9"
    wire.says(plain("401 Unauthorized", rude_error(code="invalid_api_key", message="wrong: sk-canary-7f3a")))
    with pytest.raises(ProviderRejectedKey) as refused:
        await ask("Hi")
    assert "Authorization: Bearer sk-canary-7f3a" in wire.heads[0]
    assert "OpenAI-Organization: org-9" in wire.heads[0]
    assert "canary" not in caplog.text + str(refused.value.body())
