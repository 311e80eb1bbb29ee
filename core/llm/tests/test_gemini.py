"""Google's own protocol: what is its own, and what Google's SDK makes of our fake of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from google import genai
from google.genai import types
from pytest_django.fixtures import Settings

from core import llm
from core.llm import lists
from core.llm import presets
from core.llm import registry
from core.llm.adapters.gemini.payload import UNSIGNED
from core.llm.adapters.gemini.wire import GeminiReader
from core.llm.errors import ModelError
from core.llm.errors import ProviderRateLimited
from core.llm.errors import ProviderUnavailable
from core.llm.tests import google
from core.llm.tests.asking import Heard
from core.llm.tests.asking import ask
from core.llm.tests.google_scripts import SCRIPTS
from core.llm.tests.google_scripts import SIGNATURE
from core.llm.tests.google_scripts import USAGE
from core.llm.tests.offering import KEY
from core.llm.tests.offering import Offer
from core.llm.tests.vendor_scripts import CALLS
from core.llm.tests.vendor_scripts import TEXT
from core.llm.tests.vendor_scripts import THOUGHT
from core.llm.tests.vendors import Vendors
from core.llm.tests.wires import HEAD
from core.llm.tests.wires import Wire
from core.llm.tests.wires import piece

MODEL = "gemini-4-argon"
TOOLS = (
    llm.Tool("get_weather", "The weather.", {"type": "object", "properties": {"city": {"type": "string"}}}),
    llm.Tool("get_time", "The time.", {"type": "object", "properties": {"zone": {"type": "string"}}}),
)


@pytest.fixture(autouse=True)
def _at_once(settings: Settings) -> None:
    settings.LLM_RETRIES = 0


# Google's SDK judges the fake


@pytest_asyncio.fixture
async def sdk(vendors: Vendors, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    for name in ("GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GENAI_API_VERSION"):
        monkeypatch.delenv(name, raising=False)
    options = types.HttpOptions(base_url=vendors.url, api_version="v1beta")
    client = genai.Client(api_key=KEY, http_options=options).aio
    yield client
    await client.aclose()


async def _read(sdk: Any, vendors: Vendors, script: str) -> Any:
    """What the SDK reads, put together."""
    vendors.script = script
    read = SimpleNamespace(text="", thought="", calls=[], signatures=[], finish=None, usage=None, blocked=None)
    async for chunk in await sdk.models.generate_content_stream(model=MODEL, contents="Hi"):
        read.usage = chunk.usage_metadata or read.usage
        if chunk.prompt_feedback:
            read.blocked = chunk.prompt_feedback.block_reason
        for candidate in chunk.candidates or []:
            read.finish = candidate.finish_reason or read.finish
            for part in (candidate.content and candidate.content.parts) or []:
                if part.function_call:
                    read.calls.append((part.function_call.id, part.function_call.name, part.function_call.args))
                elif part.thought:
                    read.thought += part.text
                else:
                    read.text += part.text or ""
                read.signatures += [part.thought_signature] if part.thought_signature else []
    return read


@pytest.mark.parametrize(
    ("script", "said", "finish"),
    [
        ("plain", (TEXT, ""), "STOP"),
        ("thinking", (TEXT, THOUGHT), "STOP"),
        ("unknown_events", (TEXT, ""), "STOP"),
        ("tools", ("", THOUGHT), "STOP"),
        ("parallel", ("Let me look.", THOUGHT), "STOP"),
        ("eaten", ("", THOUGHT), "MAX_TOKENS"),
        ("length", (TEXT, ""), "MAX_TOKENS"),
        ("continuation", (TEXT, ""), "CONTINUATION"),
        ("filter", (TEXT, ""), "SAFETY"),
        ("recitation", (TEXT, ""), "RECITATION"),
        ("malformed", ("", THOUGHT), "MALFORMED_FUNCTION_CALL"),
        ("limited", ("", ""), "PUP_LIMITED_DISABLED"),
    ],
)
async def test_googles_sdk_reads_text_thoughts_ends_and_usage(
    sdk: Any, vendors: Vendors, script: str, said: tuple[str, str], finish: str
) -> None:
    read = await _read(sdk, vendors, script)
    assert (read.text, read.thought, read.finish.value) == (*said, finish)
    assert (read.usage.prompt_token_count, read.usage.cached_content_token_count) == (1000, 800)
    assert (read.usage.candidates_token_count, read.usage.thoughts_token_count) == (50, 250)
    calls = {"tools": CALLS[:1], "parallel": CALLS}.get(script, ())
    assert read.calls == [(call_id, name, json.loads(arguments)) for call_id, name, arguments in calls]
    if calls:
        assert read.signatures == [b"signed by Google"]


async def test_googles_sdk_reads_a_blocked_question_and_errors(sdk: Any, vendors: Vendors) -> None:
    assert (await _read(sdk, vendors, "blocked")).blocked.value == "PROHIBITED_CONTENT"
    for script, code, status in (("rate", 429, "RESOURCE_EXHAUSTED"), ("ended", 404, "NOT_FOUND")):
        with pytest.raises(genai.errors.APIError) as refused:
            await _read(sdk, vendors, script)
        assert (refused.value.code, refused.value.status) == (code, status)
    with pytest.raises(genai.errors.APIError):
        await _read(sdk, vendors, "overloaded_late")


async def test_googles_sdk_is_taken_by_the_fake_with_its_own_tool_loop(sdk: Any, vendors: Vendors) -> None:
    """What the SDK sends back after a call is what the fake wants: the same that ours has to send."""
    vendors.script = "parallel"
    tools = [types.Tool(function_declarations=[types.FunctionDeclaration(name=tool.name)]) for tool in TOOLS]
    chat = sdk.chats.create(model=MODEL, config=types.GenerateContentConfig(tools=tools))
    async for _chunk in await chat.send_message_stream("The weather?"):
        pass
    vendors.script = "wants_thought"
    results = [
        types.Part(function_response=types.FunctionResponse(id=call_id, name=name, response={"output": "21"}))
        for call_id, name, _arguments in CALLS
    ]
    said = [chunk.text async for chunk in await chat.send_message_stream(results)]
    assert "".join(text or "" for text in said) == TEXT


# Ours


async def test_what_google_is_sent(vendors: Vendors) -> None:
    await ask(
        [
            llm.Message("system", "Be brief."),
            llm.Message("user", "Hi"),
            llm.Message("assistant", "Yes?"),
            llm.Message("user", "See", (llm.Image(b"x", "image/png"),), documents=(llm.Document(b"%PDF", "a.pdf"),)),
        ],
        model=MODEL,
        temperature=0.3,
        effort="high",
        max_tokens=5,
        tools=TOOLS[:1],
        tool_choice="get_weather",
        schema=llm.Schema("city", {"type": "object"}),
        person="p1",
    )
    assert vendors.body == {
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [
            {"role": "user", "parts": [{"text": "Hi"}]},
            {"role": "model", "parts": [{"text": "Yes?"}]},
            {
                "role": "user",
                "parts": [
                    {"inlineData": {"mimeType": "image/png", "data": "eA=="}},
                    {"inlineData": {"mimeType": "application/pdf", "data": "JVBERg=="}},
                    {"text": "See"},
                ],
            },
        ],
        "generationConfig": {
            "maxOutputTokens": 5,
            "temperature": 0.3,
            "thinkingConfig": {"thinkingLevel": "high", "includeThoughts": True},
            "responseMimeType": "application/json",
            "responseJsonSchema": {"type": "object"},
        },
        "tools": [
            {
                "functionDeclarations": [
                    {
                        "name": "get_weather",
                        "description": "The weather.",
                        "parametersJsonSchema": TOOLS[0].parameters,
                    }
                ]
            }
        ],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["get_weather"]}},
    }


@pytest.mark.parametrize(("choice", "mode"), [("none", "NONE"), ("required", "ANY")])
async def test_whether_a_tool_is_called_can_be_asked(vendors: Vendors, choice: str, mode: str) -> None:
    await ask("Hi", model=MODEL, tools=TOOLS, tool_choice=choice)
    assert vendors.body["toolConfig"] == {"functionCallingConfig": {"mode": mode}}


def _round(heard: Heard, state: llm.State | None) -> list[llm.Message]:
    return [
        llm.Message("user", "The weather?"),
        llm.Message("assistant", heard.text, tool_calls=tuple(heard.tool_calls), state=state),
        *(llm.Message("tool", "21", tool_call_id=call.id) for call in heard.tool_calls),
    ]


async def test_signatures_go_back_as_they_came_also_after_a_restart(vendors: Vendors) -> None:
    vendors.script = "parallel"
    heard = await ask("The weather?", model=MODEL, tools=TOOLS)
    assert heard.state
    # Another process builds it from what was kept of it.
    kept = msgspec.json.encode(heard.state)
    vendors.script = "wants_thought"
    again = msgspec.json.decode(kept, type=llm.State)
    assert (await ask(_round(heard, again), model=MODEL, tools=TOOLS)).text == TEXT
    said, answered = vendors.body["contents"][1:]
    assert said["parts"] == [
        {"text": "Let me look."},
        {
            "functionCall": {"name": "get_weather", "args": {"city": "Kyiv"}, "id": "call_1"},
            "thoughtSignature": SIGNATURE,
        },
        {"functionCall": {"name": "get_time", "args": {"zone": "UTC"}, "id": "call_2"}},
    ]
    assert answered["parts"][0] == {
        "functionResponse": {"name": "get_weather", "response": {"output": "21"}, "id": "call_1"}
    }


async def test_the_fake_would_notice_a_signature_that_is_lost(vendors: Vendors) -> None:
    vendors.script = "tools"
    heard = await ask("The weather?", model=MODEL, tools=TOOLS)
    vendors.script = "wants_thought"
    with pytest.raises(ModelError):
        await ask(_round(heard, None), model=MODEL, tools=TOOLS)


async def test_calls_of_another_model_go_with_what_stands_for_a_signature(vendors: Vendors) -> None:
    vendors.script = "parallel"
    heard = await ask("The weather?", model="claude-opus-5-5", tools=TOOLS)
    vendors.script = "plain"
    assert (await ask(_round(heard, heard.state), model=MODEL, tools=TOOLS)).text == TEXT
    calls = [part for part in vendors.body["contents"][1]["parts"] if "functionCall" in part]
    assert [part.get("thoughtSignature") for part in calls] == [UNSIGNED, None]


async def test_a_call_without_an_id_is_answered_without_one(vendors: Vendors) -> None:
    vendors.script = "nameless"
    heard = await ask("The weather?", model=MODEL, tools=TOOLS)
    assert [call.id for call in heard.tool_calls] == ["call_0"]
    vendors.script = "plain"
    assert (await ask(_round(heard, heard.state), model=MODEL, tools=TOOLS)).text == TEXT
    assert "call_0" not in str(vendors.body)


async def test_a_model_that_takes_no_level_is_asked_without_one(vendors: Vendors) -> None:
    vendors.script = "no_thinking"
    assert (await ask("Hi", model=MODEL)).text == TEXT
    assert len(vendors.bodies) == 2
    assert "thinkingConfig" not in vendors.body["generationConfig"]


async def test_how_long_to_wait_is_read_from_the_details(vendors: Vendors) -> None:
    vendors.script = "rate"
    with pytest.raises(ProviderRateLimited) as refused:
        await ask("Hi", model=MODEL)
    assert refused.value.retry_after == 34


async def test_what_a_cut_answer_took_is_known(vendors: Vendors) -> None:
    """Each response counts so far, so a cut one need not be estimated."""
    vendors.script = "cut"
    heard = Heard()
    with pytest.raises(ModelError):
        await ask("Hi", model=MODEL, heard=heard)
    assert heard.usage is None  # text, but no output counted: not believable
    reader = GeminiReader("gemini", MODEL)
    event = {"candidates": [{"content": {"parts": [{"text": TEXT}]}}], "usageMetadata": USAGE}
    reader.feed(f"data: {json.dumps(event)}\n\n".encode())
    last = reader.close()
    assert last
    assert last.usage == llm.Usage(1000, 300, 800, 0, 250)


async def test_a_body_that_stays_open_after_its_end_is_not_waited_for(
    wire: Wire, offer: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.llm.adapters.http._AFTER_FINISH_SECONDS", 0.2)
    offer.runs("gemini", wire.base_url, "gemini")
    said = b"".join(f"data: {json.dumps(event)}\n\n".encode() for event in SCRIPTS["plain"]())
    wire.says(HEAD, piece(said))
    heard = await ask("Hi", model=MODEL)
    assert (heard.text, heard.finish_reason) == (TEXT, "stop")


@pytest.mark.parametrize("script", SCRIPTS)
def test_usual_responses_are_read_in_one_go(script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Field by field costs seven times as much."""

    def odd(_self: GeminiReader, payload: bytes) -> None:
        raise AssertionError(payload)

    monkeypatch.setattr(GeminiReader, "_odd", odd)
    reader = GeminiReader("gemini", MODEL)
    for event in SCRIPTS[script]():
        reader.feed(f"data: {json.dumps(event)}\n\n".encode())


@pytest.mark.parametrize("alone", [True, False])
def test_an_answer_that_is_no_stream_is_read(alone: bool) -> None:
    reader = GeminiReader("gemini", MODEL)
    said = SCRIPTS["thinking"]()
    if alone:
        parts = [part for event in said for part in event["candidates"][0]["content"]["parts"]]
        said = [{**said[-1], "candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]}]
    reader.document(json.dumps(said[0] if alone else said).encode())
    delta = reader.close()
    assert delta
    assert (delta.text, delta.reasoning, delta.finish_reason) == (TEXT, THOUGHT, "stop")


def test_an_error_that_is_no_stream_is_read() -> None:
    reader = GeminiReader("gemini", MODEL)
    reader.document(json.dumps([{"error": {"code": 500, "message": "x", "status": "INTERNAL"}}]).encode())
    assert isinstance(reader.trouble(), ProviderUnavailable)


@pytest.mark.parametrize(
    "payload",
    [
        '{"candidates":[{"content":{"parts":[{"text":"a","thought":"odd"}]},"finishReason":7}]}',
        '{"candidates":[{"content":{"parts":[{"text":"a"}],"role":5}}],"usageMetadata":{"promptTokenCount":NaN}}',
        '{"candidates":[{"content":{"parts":[{"text":"a"},7,{"text":"\\ud83c"}]}}]}',
    ],
)
def test_one_odd_field_spoils_nothing(payload: str) -> None:
    reader = GeminiReader("gemini", MODEL)
    delta = reader.feed(f"data: {payload}\n\n".encode())
    assert delta
    assert delta.text == "a"
    end = b'data: {"candidates":[{"finishReason":"STOP"}]}\n\n'
    assert reader.feed(end) is None
    last = reader.close()
    assert last
    assert (last.finish_reason, reader.trouble()) == ("stop", None)


def test_googles_own_list_tells_windows_and_what_is_no_chat() -> None:
    reading = lists.read(json.dumps(google.LISTED).encode())
    assert reading
    [argon] = reading.rows
    assert (argon.id, argon.name, argon.window, argon.max_output) == (MODEL, "Gemini 4 Argon", 1048576, 65536)
    assert argon.thinks
    assert reading.others == ("gemini-embedding-2",)


def test_a_key_alone_speaks_googles_own_protocol(settings: Settings) -> None:
    settings.GEMINI_API_KEY = KEY
    config = registry.config("gemini")
    assert config
    assert (config.protocol, config.base_url) == ("gemini", "https://generativelanguage.googleapis.com/v1beta")
    assert config.list_url == "https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000"


@pytest.mark.parametrize(
    ("url", "protocol"),
    [("https://proxy.example/v1beta/openai", "chat"), ("https://proxy.example/v1beta", "gemini")],
)
def test_an_address_says_which_protocol_it_wants(url: str, protocol: str) -> None:
    config = registry.configured(presets.GEMINI, key=KEY, url=url)
    assert (config.protocol, config.base_url) == (protocol, url)
    assert config.list_url.startswith(f"{url}/models")
