"""The stream loop against bytes that we wrote one by one."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncGenerator

import pytest
from prometheus_client import REGISTRY
from pytest_django.fixtures import Settings

from core import llm
from core.llm.adapters import sessions
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

USAGE = b'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}\n\n'


def rude_error(**fields: object) -> bytes:
    return json.dumps({"error": fields}).encode()


async def test_text_finish_and_usage_arrive(wire: Wire) -> None:
    wire.streams(event("Hel", usage=None), event("lo"), event(finish="stop"), USAGE, DONE)
    heard = await ask("Hi")
    assert (heard.text, heard.finish_reason, heard.usage) == ("Hello", "stop", llm.Usage(9, 2))


async def test_an_explicit_zero_is_a_usage(wire: Wire) -> None:
    wire.streams(
        event(finish="stop"), b'data: {"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0}}\n\n', DONE
    )
    assert (await ask("Hi")).usage == llm.Usage(0, 0)


async def test_several_events_of_one_read_become_one_delta(wire: Wire) -> None:
    wire.says(HEAD + piece(event("a") + event("b") + event("c") + event(finish="stop") + USAGE + DONE) + END)
    heard = await ask("Hi")
    assert heard.deltas == [llm.Delta("abc", (), "stop", llm.Usage(9, 2))]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
async def test_reads_may_end_anywhere_even_inside_a_letter(wire: Wire, size: int) -> None:
    body = event("Привіт, ") + event("світе 🌍") + event(finish="stop") + DONE
    wire.streams(*(body[at : at + size] for at in range(0, len(body), size)))
    assert (await ask("Hi")).text == "Привіт, світе 🌍"


async def test_crlf_comments_other_fields_and_missing_blanks_are_no_obstacle(wire: Wire) -> None:
    lines = (
        b": OPENROUTER PROCESSING\r\n\r\n"
        b"event: message\r\nid: 7\r\nretry: 10\r\n"
        + event("a").replace(b"\n\n", b"\r\n\r\n").replace(b"data: ", b"data:")
        + event("b", finish="stop").replace(b"\n\n", b"\r\n\r\n")
        + b"data: [DONE]\r\n\r\n"
    )
    wire.streams(lines)
    assert (await ask("Hi")).text == "ab"


async def test_a_missing_done_does_not_matter_once_the_answer_finished(wire: Wire) -> None:
    wire.streams(event("a"), event(finish="stop"))
    assert (await ask("Hi")).finish_reason == "stop"


async def test_a_connection_lost_after_the_finish_does_not_matter(wire: Wire) -> None:
    wire.cuts_after(HEAD, piece(event("a") + event(finish="length")))
    assert (await ask("Hi")).finish_reason == "length"


@pytest.mark.parametrize("last", [[], [DONE]])
async def test_a_server_that_never_hangs_up_does_not_hold_back_a_finished_answer(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, last: list[bytes]
) -> None:
    monkeypatch.setattr("core.llm.adapters.openai_compatible._AFTER_FINISH", 0.2)
    wire.streams(event("a"), event(finish="stop"), *last, ends=False)
    heard = await asyncio.wait_for(ask("Hi"), 5)
    assert (heard.text, heard.finish_reason) == ("a", "stop")
    assert await asyncio.to_thread(wire.hung_up.wait, 5)


async def test_an_endless_line_is_not_collected_for_ever(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.llm.adapters.wire._LONGEST_LINE", 1000)
    wire.streams(b"data: " + b"x" * 2000, ends=False)
    with pytest.raises(StreamCut):
        await asyncio.wait_for(ask("Hi"), 5)


def test_connections_are_closed_with_their_loop(wire: Wire) -> None:
    for _ in range(2):
        wire.streams(event("a"), event(finish="stop"), DONE)
        asyncio.run(ask("Hi"))
    assert wire.hung_up.wait(5)
    assert not [loop for loop in sessions._held if loop.is_closed()]
    assert wire.connections == 2


async def test_what_was_asked_is_counted_by_how_it_ended(wire: Wire) -> None:
    def count(outcome: str) -> float:
        return REGISTRY.get_sample_value("llm_requests_total", {"provider": "openai", "outcome": outcome}) or 0

    before = {outcome: count(outcome) for outcome in ("finished", "stream_cut", "stopped")}
    wire.streams(event("a"), event(finish="stop"), DONE)
    await ask("Hi")
    wire.streams(event("a"))
    with pytest.raises(StreamCut):
        await ask("Hi")
    wire.streams(event("a"), ends=False)
    deltas = llm.stream([llm.Message("user", "Hi")], model="gpt-4o", max_tokens=5)
    await anext(deltas)
    await deltas.aclose()
    assert {outcome: count(outcome) - was for outcome, was in before.items()} == dict.fromkeys(before, 1.0)


async def test_reasoning_is_not_the_answer(wire: Wire) -> None:
    thought = b'data: {"choices":[{"delta":{"reasoning_content":"hm","reasoning":"hm"}}]}\n\n'
    wire.streams(thought, event("a"), event(finish="stop"), DONE)
    assert (await ask("Hi")).text == "a"


@pytest.mark.parametrize("ending", [[DONE], [], [b"data: {broken\n\n"]])
async def test_an_end_without_a_finish_reason_is_a_cut(wire: Wire, ending: list[bytes]) -> None:
    wire.streams(event("kept"), *ending)
    heard = Heard()
    with pytest.raises(StreamCut):
        await ask("Hi", heard=heard)
    assert heard.text == "kept"


async def test_a_dropped_connection_is_a_cut(wire: Wire) -> None:
    wire.cuts_after(HEAD, piece(event("kept")))
    heard = Heard()
    with pytest.raises(StreamCut):
        await ask("Hi", heard=heard)
    assert heard.text == "kept"


async def test_text_before_a_broken_event_of_the_same_read_is_kept(wire: Wire) -> None:
    wire.streams(event("kept") + b"data: \xff\xfe\n\n")
    heard = Heard()
    with pytest.raises(StreamCut):
        await ask("Hi", heard=heard)
    assert heard.text == "kept"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ({"code": 502, "message": "upstream"}, ProviderUnavailable),
        ({"code": "server_error", "message": "disconnected"}, ProviderUnavailable),
        ({"code": 429, "message": "slow down"}, ProviderRateLimited),
        ({"code": 402, "message": "credits"}, ProviderQuotaExceeded),
        ({"code": "context_length_exceeded", "message": ""}, ContextTooLong),
        ({"code": 403, "metadata": {"reasons": ["violence"]}}, ContentFiltered),
        ("plain words", ProviderUnavailable),
    ],
)
async def test_an_error_inside_the_stream_is_told_and_the_text_before_it_kept(
    wire: Wire, error: object, expected: type[ModelError]
) -> None:
    broken = {"choices": [{"delta": {"content": ""}, "finish_reason": "error"}], "error": error}
    wire.streams(event("kept") + b"data: " + json.dumps(broken).encode() + b"\n\n" + DONE)
    heard = Heard()
    with pytest.raises(expected):
        await ask("Hi", heard=heard)
    assert heard.text == "kept"


async def test_a_null_error_is_none(wire: Wire) -> None:
    wire.streams(event("a", error=None), event(finish="stop", error=None), DONE)
    assert (await ask("Hi")).text == "a"


async def test_an_error_document_under_200_is_an_error(wire: Wire) -> None:
    wire.says(plain("200 OK", rude_error(code=402, message="credits")))
    with pytest.raises(ProviderQuotaExceeded):
        await ask("Hi")


async def test_a_whole_document_where_a_stream_was_asked_for_is_refused(wire: Wire) -> None:
    wire.says(plain("200 OK", b'{"choices":[{"message":{"content":"whole"}}]}'))
    with pytest.raises(ProviderRefused):
        await ask("Hi")


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
    settings.LLM_SILENCE_SECONDS = 0.2
    wire.streams(event("kept"), ends=False)
    heard = Heard()
    with pytest.raises(ProviderSilent):
        await ask("Hi", heard=heard)
    assert heard.text == "kept"
    assert await asyncio.to_thread(wire.hung_up.wait, 5)


async def test_bytes_of_any_kind_break_the_silence(wire: Wire, settings: Settings) -> None:
    settings.LLM_SILENCE_SECONDS = 0.3

    def drip(peer: socket.socket) -> None:
        peer.sendall(HEAD)
        for _ in range(5):
            time.sleep(0.1)
            peer.sendall(piece(b": OPENROUTER PROCESSING\n\n"))
        peer.sendall(piece(event("a") + event(finish="stop") + DONE) + END)

    wire.does(drip)
    assert (await ask("Hi")).text == "a"


async def test_a_slow_reader_is_not_a_silent_provider(wire: Wire, settings: Settings) -> None:
    settings.LLM_SILENCE_SECONDS = 0.2
    read_the_first, sent_the_rest = threading.Event(), threading.Event()

    def in_two_reads(peer: socket.socket) -> None:
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
        await asyncio.sleep(0.5)
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


async def test_tool_calls_are_joined_by_index_and_come_whole(wire: Wire) -> None:
    def fragments(*calls: dict[str, object]) -> bytes:
        return b"data: " + json.dumps({"choices": [{"delta": {"tool_calls": calls}}]}).encode() + b"\n\n"

    wire.streams(
        fragments({"index": 0, "id": "call_a", "function": {"name": "one", "arguments": ""}}),
        fragments({"index": 1, "id": "call_b", "function": {"name": "two", "arguments": '{"y"'}}),
        fragments({"index": 0, "function": {"arguments": '{"x":'}}, {"index": 1, "function": {"arguments": ":2}"}}),
        fragments({"index": 0, "function": {"arguments": "1}"}}),
        event(finish="tool_calls"),
        DONE,
    )
    heard = await ask("Hi")
    assert heard.finish_reason == "tool_calls"
    assert heard.tool_calls == [llm.ToolCall("call_a", "one", '{"x":1}'), llm.ToolCall("call_b", "two", '{"y":2}')]


async def test_calls_that_all_claim_index_zero_are_told_apart_by_id(wire: Wire) -> None:
    def whole(name: str) -> dict[str, object]:
        return {"index": 0, "id": f"call_{name}", "function": {"name": name, "arguments": "{}"}}

    body = {"choices": [{"delta": {"tool_calls": [whole("one"), whole("two")]}, "finish_reason": "stop"}]}
    wire.streams(b"data: " + json.dumps(body).encode() + b"\n\n", DONE)
    heard = await ask("Hi")
    assert [call.name for call in heard.tool_calls] == ["one", "two"]
    assert heard.finish_reason == "tool_calls"


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
