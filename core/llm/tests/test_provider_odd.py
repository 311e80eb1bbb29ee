"""Chat Completions as servers really send them: the cases of other products' bug reports, and their neighbours."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Sequence

import pytest
from prometheus_client import REGISTRY

from core import llm
from core.llm.adapters.thoughts import Splitter
from core.llm.errors import ContextTooLong
from core.llm.errors import EmptyAnswer
from core.llm.errors import ModelError
from core.llm.errors import OnlyThought
from core.llm.errors import ProviderUnavailable
from core.llm.errors import StreamCut
from core.llm.errors import ThoughtTooLong
from core.llm.tests.asking import ask
from core.llm.tests.wires import DONE
from core.llm.tests.wires import END
from core.llm.tests.wires import HEAD
from core.llm.tests.wires import Wire
from core.llm.tests.wires import event
from core.llm.tests.wires import piece

pytestmark = pytest.mark.any_stack

USAGE = b'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}\n\n'
STOP = event(finish="stop")


def delta(content: str, **more: str) -> bytes:
    """A frame around a piece of JSON."""
    inside = "".join(f',"{name}":{value}' for name, value in more.items())
    return f'data: {{"choices":[{{"delta":{{"content":{content}}}{inside}}}]}}\n\n'.encode()


@pytest.mark.parametrize(
    ("frames", "text"),
    [
        ([delta('[{"type":"text","text":"Hel"},{"type":"text","text":"lo"}]')], "Hello"),
        ([delta('"a \\ud83c"'), delta('"\\udffa b"')], "a 🏺 b"),
        ([delta('"a \\ud83c"'), delta('"b"')], "a �b"),
        ([delta('"a \\udffa b"')], "a � b"),
        ([delta('"a \\ud83c"')], "a �"),
        ([b'data: {"choices":[{"delta":{"content":"a \xff b"}}]}\n\n'], "a � b"),
        ([delta('"a"', logprobs='{"content":[{"logprob":NaN}]}'), delta('"b"')], "ab"),
        ([delta('{"type":"text","text":"a"}')], "a"),
        ([delta('"a"', index='"0"')], "a"),
        ([delta('"a"', finish_reason="7")], "a"),
        ([b'data: {"choices":[{"message":{"content":"a"}}]}\n\n'], "a"),
        ([b'data: {"choices":[{"text":"a"}]}\n\n'], "a"),
        ([b"data:\n\n", b"data: null\n\n", b"data: []\n\n", b'data: "x"\n\n', b"data: ping\n\n", event("a")], "a"),
        ([event("a", usage=11)], "a"),
        ([event("a", created="yesterday", choices_extra=[1])], "a"),
    ],
)
async def test_one_odd_field_never_loses_the_answer(wire: Wire, frames: Sequence[bytes], text: str) -> None:
    wire.streams(*frames, STOP, USAGE, DONE)
    heard = await ask("Hi")
    assert (heard.text, heard.finish_reason, heard.usage) == (text, "stop", llm.Usage(9, 2))


@pytest.mark.parametrize(("prompt", "completion"), [("11.0", "2.0"), ('"11"', '"2"')])
async def test_a_usage_in_other_letters_is_a_usage(wire: Wire, prompt: str, completion: str) -> None:
    said = f'data: {{"choices":[],"usage":{{"prompt_tokens":{prompt},"completion_tokens":{completion}}}}}\n\n'
    wire.streams(event("a"), STOP, said.encode(), DONE)
    assert (await ask("Hi")).usage == llm.Usage(11, 2)


async def test_parts_of_the_usage_and_the_price_are_read(wire: Wire) -> None:
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 20,
        "total_tokens": 150,
        "prompt_tokens_details": {"cached_tokens": 80},
        "completion_tokens_details": {"reasoning_tokens": 15},
        "cost": 0.00125,
    }
    wire.streams(event("a"), STOP, event(choices=[], usage=usage), DONE)
    heard = await ask("Hi")
    assert heard.usage
    assert (heard.usage.completion_tokens, heard.usage.cached_tokens, heard.usage.reasoning_tokens) == (50, 80, 15)
    assert str(heard.usage.cost) == "0.00125"


async def test_arguments_may_be_an_object(wire: Wire) -> None:
    call = {"index": 0, "id": "c", "function": {"name": "look_up", "arguments": {"q": "bowl"}}}
    wire.streams(event(choices=[{"delta": {"tool_calls": [call]}, "finish_reason": "tool_calls"}]), DONE)
    [found] = (await ask("Hi")).tool_calls
    assert json.loads(found.arguments) == {"q": "bowl"}


async def test_frames_that_were_skipped_are_counted(wire: Wire) -> None:
    def count() -> float:
        return REGISTRY.get_sample_value("llm_odd_frames_total", {"protocol": "chat"}) or 0

    before = count()
    wire.streams(b"data: ping\n\n", b"data: 7\n\n", b"data:\n\n", event("a"), STOP, DONE)
    await ask("Hi")
    assert count() - before == 2


@pytest.mark.parametrize("ending", [[DONE], [USAGE, DONE], [USAGE]])
async def test_an_answer_that_was_closed_without_a_reason_is_complete(wire: Wire, ending: list[bytes]) -> None:
    wire.streams(event("all of it"), *ending)
    heard = await ask("Hi")
    assert (heard.text, heard.finish_reason) == ("all of it", "unknown")


@pytest.mark.parametrize(
    "body",
    [
        (event("a") + event("b", finish="stop")).rstrip(b"\n"),
        (event("a") + event("b", finish="stop")).replace(b"\n", b"\r"),
        (event("a") + event("b", finish="stop")).replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + event("a") + event("b", finish="stop"),
        (event("a") + event("b", finish="stop")).replace(b', "choices"', b',\ndata: "choices"'),
        (event("a") + event("b", finish="stop")).replace(b', "choices"', b',\ndata: "choices"').replace(b"\n", b"\r\n"),
        event("a").rstrip(b"\n") + b"\n" + event("b", finish="stop"),
        b": a comment\n\nid: 4\nretry: 9\n\n" + event("a") + b"\n\n\n" + event("b", finish="stop"),
    ],
)
@pytest.mark.parametrize("size", [1, 5, 4096])
async def test_every_framing_of_the_standard_is_read(wire: Wire, body: bytes, size: int) -> None:
    wire.streams(*(body[at : at + size] for at in range(0, len(body), size)))
    assert (await ask("Hi")).text == "ab"


_TOO_LONG = "This model's maximum context length is 8192 tokens."


@pytest.mark.parametrize(
    "body",
    [
        b'data: {"object":"error","message":"' + _TOO_LONG.encode() + b'","code":400}\n\n',
        b"event: error\ndata: " + _TOO_LONG.encode() + b"\n\n",
        b'event: error\ndata: {"message":"' + _TOO_LONG.encode() + b'"}\n\n',
        b'data: {"error":{"message":"' + _TOO_LONG.encode() + b'","code":400}}\n\n',
        b'data: {"error":"' + _TOO_LONG.encode() + b'"}\n\n',
        b'data: {"detail":"' + _TOO_LONG.encode() + b'"}\n\n',
        _TOO_LONG.encode(),
        b'{"error":{"message":"' + _TOO_LONG.encode() + b'"}}',
        b'[{"error":{"message":"' + _TOO_LONG.encode() + b'","code":400}}]',
    ],
)
async def test_a_lasting_error_of_any_shape_is_told_as_such(wire: Wire, body: bytes) -> None:
    wire.streams(body)
    with pytest.raises(ContextTooLong):
        await ask("Hi")


async def test_an_error_without_a_name_leaves_its_first_line_in_the_log(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.streams(b"event: error\ndata: no slot free for sk-canary-7f3a\n\n")
    with pytest.raises(ProviderUnavailable):
        await ask("Hi")
    assert "no slot free" in caplog.text
    assert "canary" not in caplog.text


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        ([STOP, USAGE, DONE], EmptyAnswer),
        ([DONE], EmptyAnswer),
        ([event(choices=[{"delta": {"reasoning": "hm"}}]), STOP, DONE], OnlyThought),
        ([event(choices=[{"delta": {"reasoning": "hm"}}]), event(finish="length"), DONE], ThoughtTooLong),
        ([event(finish="length"), DONE], ThoughtTooLong),
        ([], StreamCut),
    ],
)
async def test_a_success_without_a_result_is_an_error(
    wire: Wire, frames: list[bytes], expected: type[ModelError]
) -> None:
    wire.streams(*frames)
    with pytest.raises(expected):
        await ask("Hi")


@pytest.mark.parametrize(
    ("said", "text", "thought"),
    [
        ("<think>hm</think>\n\nYes.", "Yes.", "hm"),
        ("\n<thinking>\nhm\n</thinking>Yes.", "Yes.", "\nhm\n"),
        ("<think>never ends", "", "never ends"),
        ("<think></think>Yes.", "Yes.", ""),
        ("A literal <think>hm</think> stays.", "A literal <think>hm</think> stays.", ""),
        ("<thin ice>", "<thin ice>", ""),
        ("<thi", "<thi", ""),
        ("<think>a</thi b</think>c", "c", "a</thi b"),
        ("  indented", "  indented", ""),
        ("<think>a</think>b <think>c</think>", "b <think>c</think>", "a"),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 100])
def test_a_leading_thought_is_told_apart_however_it_is_cut(said: str, text: str, thought: str, size: int) -> None:
    splitter, texts, thoughts = Splitter(), "", ""
    parts = [splitter.feed(said[at : at + size]) for at in range(0, len(said), size)]
    for more, hm in [*parts, splitter.close()]:
        texts, thoughts = texts + more, thoughts + hm
    assert (texts, thoughts) == (text, thought)


@pytest.mark.parametrize("name", ["reasoning", "reasoning_content"])
async def test_thoughts_of_servers_at_home_are_thoughts(wire: Wire, name: str) -> None:
    wire.streams(event(choices=[{"delta": {name: "hm"}}]), event("<think>not a thought?</think>a"), STOP, DONE)
    heard = await ask("Hi")
    assert heard.reasoning.startswith("hm")
    assert heard.text == "a"


async def test_a_mark_of_byte_order_may_come_byte_by_byte(wire: Wire) -> None:
    wire.says(HEAD, *(piece(bytes([byte])) for byte in b"\xef\xbb\xbf"), piece(event("a") + STOP + DONE), END)
    assert (await ask("Hi")).text == "a"


async def test_two_halves_in_two_reads_are_one_letter(wire: Wire) -> None:
    async def read() -> list[str]:
        return [d.text async for d in llm.stream([llm.Message("user", "Hi")], model="gpt-4o", max_tokens=5)]

    def slowly(peer: socket.socket) -> None:
        peer.sendall(HEAD + piece(delta('"\\ud83c"')))
        peer.sendall(piece(delta('"\\udffa"') + STOP + DONE) + END)

    wire.does(slowly)
    assert "".join(await asyncio.wait_for(read(), 5)) == "🏺"
