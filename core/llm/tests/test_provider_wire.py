"""The stream loop against bytes that we wrote one by one."""

from __future__ import annotations

import asyncio
import json
import socket
import time

import pytest
from prometheus_client import REGISTRY

from core import llm
from core.llm.adapters import sessions
from core.llm.errors import ContentFiltered
from core.llm.errors import ContextTooLong
from core.llm.errors import ModelError
from core.llm.errors import ProviderQuotaExceeded
from core.llm.errors import ProviderRateLimited
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

USAGE = b'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}\n\n'


async def test_text_finish_and_usage_arrive(wire: Wire) -> None:
    wire.streams(event("Hel", usage=None), event("lo"), event(finish="stop"), USAGE, DONE)
    heard = await ask("Hi")
    assert (heard.text, heard.finish_reason, heard.usage) == ("Hello", "stop", llm.Usage(9, 2))


@pytest.mark.parametrize(
    "said",
    [
        '{"prompt_tokens":0,"completion_tokens":0}',
        '{"prompt_tokens":9,"completion_tokens":0}',
        '{"prompt_tokens":0,"completion_tokens":2}',
        '{"prompt_tokens":9.5,"completion_tokens":2}',
        '{"prompt_tokens":"many","completion_tokens":2}',
        '{"prompt_tokens":-9,"completion_tokens":2}',
        '{"prompt_tokens":9,"completion_tokens":200000000}',
        '{"prompt_tokens":null,"completion_tokens":null}',
        "[]",
        '"none"',
    ],
)
async def test_a_usage_that_cannot_be_true_is_none(wire: Wire, said: str) -> None:
    wire.streams(event("a"), event(finish="stop"), f'data: {{"choices":[],"usage":{said}}}\n\n'.encode(), DONE)
    heard = await ask("Hi")
    assert (heard.text, heard.finish_reason, heard.usage) == ("a", "stop", None)


async def test_a_later_poorer_usage_replaces_no_better_one(wire: Wire) -> None:
    poor = b'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":0}}\n\n'
    wire.streams(event("a"), USAGE, event(finish="stop"), poor, DONE)
    assert (await ask("Hi")).usage == llm.Usage(9, 2)


async def test_several_events_of_one_read_become_one_delta(wire: Wire) -> None:
    wire.says(HEAD + piece(event("a") + event("b") + event("c") + event(finish="stop") + USAGE + DONE) + END)
    heard = await ask("Hi")
    assert heard.deltas == [llm.Delta("abc", (), "stop", llm.Usage(9, 2))]


@pytest.mark.parametrize(("seconds", "together"), [(0.004, True), (0.06, False)])
async def test_pieces_that_follow_closely_are_taken_together(wire: Wire, seconds: float, together: bool) -> None:
    words = [f"w{number} " for number in range(30 if together else 6)]

    def paced(peer: socket.socket) -> None:
        peer.sendall(HEAD)
        for word in words:
            peer.sendall(piece(event(word)))
            time.sleep(seconds)  # the pace is what is tried
        peer.sendall(piece(event(finish="stop") + DONE) + END)

    wire.does(paced)
    heard = await ask("Hi")
    assert heard.text == "".join(words)
    texts = [delta.text for delta in heard.deltas if delta.text]
    # A busy machine takes some slow ones together as well, but not all.
    assert len(texts) <= len(words) / 2 if together else len(texts) > len(words) / 2


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
    monkeypatch.setattr("core.llm.adapters.http._AFTER_FINISH_SECONDS", 0.2)
    wire.streams(event("a"), event(finish="stop"), *last, ends=False)
    heard = await asyncio.wait_for(ask("Hi"), 5)
    assert (heard.text, heard.finish_reason) == ("a", "stop")
    assert await asyncio.to_thread(wire.hung_up.wait, 5)


async def test_an_endless_line_is_not_collected_for_ever(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.llm.adapters.lines.LONGEST_EVENT", 1000)
    wire.streams(b"data: " + b"x" * 2000, ends=False)
    with pytest.raises(StreamCut):
        await asyncio.wait_for(ask("Hi"), 5)


def test_connections_are_closed_with_their_loop(wire: Wire) -> None:
    for _ in range(2):
        wire.streams(event("a"), event(finish="stop"), DONE)
        asyncio.run(ask("Hi"))
    assert wire.hung_up.wait(5)
    assert not [loop for loop in sessions._sessions if loop.is_closed()]
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


@pytest.mark.parametrize("ending", [[], [b"data: {broken\n\n"]])
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


async def test_a_whole_document_is_an_answer_in_one_piece(wire: Wire) -> None:
    usage = b'"usage":{"prompt_tokens":9,"completion_tokens":2}'
    wire.says(plain("200 OK", b'{"choices":[{"message":{"content":"whole"},"finish_reason":"length"}],' + usage + b"}"))
    heard = await ask("Hi")
    assert (heard.text, heard.finish_reason, heard.usage) == ("whole", "length", llm.Usage(9, 2))


async def test_a_document_without_an_answer_is_an_error(wire: Wire) -> None:
    wire.says(plain("200 OK", b'{"status":"ok"}'))
    with pytest.raises(ModelError):
        await ask("Hi")


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
