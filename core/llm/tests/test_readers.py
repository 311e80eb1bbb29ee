"""Readers own no socket: every recording may be cut anywhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st

from core.llm import metrics
from core.llm.adapters import lines
from core.llm.adapters.chat.wire import ChatReader
from core.llm.adapters.gemini.wire import GeminiReader
from core.llm.adapters.lines import Lines
from core.llm.adapters.messages.wire import MessagesReader
from core.llm.adapters.reader import Reader
from core.llm.adapters.responses.wire import ResponsesReader
from core.llm.errors import EmptyAnswer
from core.llm.errors import StreamCut
from core.llm.tests import google_scripts
from core.llm.tests import vendor_scripts as vendors
from core.llm.tests.wires import DONE
from core.llm.tests.wires import event

pytestmark = pytest.mark.any_stack

USAGE = b'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}\n\n'
STOP = event(finish="stop")


def delta(content: str, **more: str) -> bytes:
    """A frame around a piece of JSON."""
    inside = "".join(f',"{name}":{value}' for name, value in more.items())
    return f'data: {{"choices":[{{"delta":{{"content":{content}}}{inside}}}]}}\n\n'.encode()


# Readers


def _recording(events: list[dict[str, Any]]) -> bytes:
    return b"".join(
        (f"event: {event['type']}\n" if "type" in event else "").encode() + f"data: {json.dumps(event)}\n\n".encode()
        for event in events
    )


RECORDINGS: dict[type[Reader], bytes] = {
    ChatReader: delta('"<think>hm</think>a \\ud83c"') + delta('"\\udffa b"') + STOP + USAGE + DONE,
    ResponsesReader: _recording(vendors.OPENAI_SCRIPTS["parallel"]()),
    MessagesReader: _recording(vendors.ANTHROPIC_SCRIPTS["parallel"]("signed")),
    GeminiReader: _recording(google_scripts.SCRIPTS["parallel"]()),
}


def _read(reader: Reader, pieces: Sequence[bytes]) -> tuple[object, ...]:
    found = [*(reader.feed(data) for data in pieces), reader.close()]
    deltas = [delta for delta in found if delta is not None]
    calls = [call for delta in deltas for call in delta.tool_calls]
    states = [delta.state for delta in deltas if delta.state]
    usage = [delta.usage for delta in deltas if delta.usage][-1:]
    text, thought = "".join(d.text for d in deltas), "".join(d.reasoning for d in deltas)
    return text, thought, calls, states, usage, reader.trouble()


@pytest.mark.parametrize("kind", RECORDINGS)
@given(cuts=st.lists(st.integers(0, 6000), max_size=12))
def test_a_recording_cut_anywhere_says_the_same(kind: type[Reader], cuts: list[int]) -> None:
    body = RECORDINGS[kind]
    places = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    pieces = [body[a:b] for a, b in pairwise(places)]
    assert _read(kind(), pieces) == _read(kind(), [body])  # type: ignore[call-arg]


@pytest.mark.parametrize("kind", RECORDINGS)
def test_the_end_of_chat_completions_is_no_odd_frame_by_any_protocol(kind: type[Reader]) -> None:
    """Servers of several protocols put it behind all of them."""
    reader = kind()  # type: ignore[call-arg]
    counted = metrics.ODD_FRAMES.labels(reader.protocol)._value.get()
    for payload in (b"[DONE]", b" [DONE] ", b""):
        reader.feed(b"data:" + payload + b"\n\n")
    assert metrics.ODD_FRAMES.labels(reader.protocol)._value.get() == counted
    reader = kind()  # type: ignore[call-arg]
    reader.feed(b"data: [FINISHED]\n\n")
    assert metrics.ODD_FRAMES.labels(reader.protocol)._value.get() == counted + 1


@pytest.mark.parametrize("kind", RECORDINGS)
def test_a_recording_that_ends_early_is_never_complete(kind: type[Reader]) -> None:
    body = RECORDINGS[kind]
    whole = _read(kind(), [body])  # type: ignore[call-arg]
    assert whole[-1] is None
    closing = {ChatReader: b'"finish_reason": "stop"', GeminiReader: b"data:"}
    finish = body.rindex(closing.get(kind, b"event:"))
    for end in range(0, finish, 7):
        assert isinstance(_read(kind(), [body[:end]])[-1], StreamCut | EmptyAnswer), end  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("most", "written", "reason"), [(16, 16, "length"), (16, 15, "stop"), (16, 17, "stop"), (0, 16, "stop")]
)
def test_an_answer_that_is_as_long_as_it_may_be_is_cut_whatever_its_server_calls_it(
    most: int, written: int, reason: str
) -> None:
    response = {
        "status": "completed",
        "output": [{"type": "message", "content": [{"type": "output_text", "text": "Kintsugi is the art of"}]}],
        "usage": {"input_tokens": 9, "output_tokens": written},
    }
    reader = ResponsesReader(most=most)
    told = reader.feed(_recording([{"type": "response.completed", "response": response}]))
    assert told
    assert (told.text, told.finish_reason) == ("Kintsugi is the art of", reason)


# Lines

_LINES = st.sampled_from(
    [
        *("", "", "", "data: {}", "data:[1]", "data: 7", "data", "data: [DONE]", "data:  ", "event: delta"),
        *("event: error", "event:error", "event: error ", "event: letter", "event", "id: 4", ": a comment", "words"),
    ]
)


@given(
    body=st.lists(_LINES, max_size=12),
    ends=st.sampled_from(["\n", "\r\n", "\r"]),
    cuts=st.lists(st.integers(0, 200), max_size=4),
)
@example(body=["data: {}", "data: 7", "", "data: [1]", ""], ends="\n", cuts=[])
@example(body=["event: x", "data: {}", "id: 4", "", "data: [1]", ""], ends="\n", cuts=[])
@example(body=["data: {}", "", "event: error ", "data: 7", "", "event: error", "data: 7", ""], ends="\n", cuts=[])
def test_the_short_way_reads_what_the_long_way_reads(body: list[str], ends: str, cuts: list[int]) -> None:
    stream = "".join(f"{line}{ends}" for line in body).encode()
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    pieces = [stream[a:b] for a, b in pairwise(places)]
    short = _payloads(pieces)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lines, "usual", lambda _events: None)
        assert short == _payloads(pieces)


def _payloads(pieces: Sequence[bytes]) -> tuple[list[bytes], bytes]:
    """What is read, but for blanks around it, which JSON does not know."""
    reader = Lines()
    found = [*(payload for data in pieces for payload in reader.feed(data)), *reader.close()]
    return [payload.strip() for payload in found], reader.stray


def _piece(kind: type[Reader], text: str) -> bytes:
    if kind is ChatReader:
        return delta(f'"{text}"')
    told = {
        ResponsesReader: '{"type":"response.output_text.delta","item_id":"m","output_index":0,"delta":"%s"}',
        MessagesReader: '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"%s"}}',
        GeminiReader: '{"candidates":[{"content":{"parts":[{"text":"%s"}]}}]}',
    }[kind]
    return f"data: {told % text}\n\n".encode()


@pytest.mark.parametrize("kind", RECORDINGS)
def test_a_letter_in_two_halves_is_whole(kind: type[Reader]) -> None:
    reader = kind()  # type: ignore[call-arg]
    found = [
        reader.feed(_piece(kind, text)) for text in ("a \\ud83c", "\\udffa b", " \\ud83c", "c", "d \\ud83c\\udffa")
    ]
    assert "".join(delta.text for delta in found if delta) == "a \U0001f3fa b \ufffdcd \U0001f3fa"
