"""The makers' own SDKs read our fakes of them: what they make of each script is what the script says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import anthropic
import openai
import pytest
import pytest_asyncio

from core.llm.tests.offering import KEY
from core.llm.tests.vendor_scripts import CALLS
from core.llm.tests.vendor_scripts import TEXT
from core.llm.tests.vendor_scripts import THOUGHT
from core.llm.tests.vendors import Vendors

pytestmark = pytest.mark.any_stack


@pytest_asyncio.fixture
async def openai_sdk(vendors: Vendors) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{vendors.url}/v1", api_key=KEY, max_retries=0) as client:
        yield client


@pytest_asyncio.fixture
async def anthropic_sdk(vendors: Vendors, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[anthropic.AsyncAnthropic]:
    for name in ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_CUSTOM_HEADERS", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    async with anthropic.AsyncAnthropic(base_url=vendors.url, api_key=KEY, max_retries=0) as client:
        yield client


@pytest.mark.parametrize("script", ["plain", "thinking", "hidden", "commentary", "unknown_events"])
async def test_openais_sdk_reads_text_thoughts_and_usage(
    vendors: Vendors, openai_sdk: openai.AsyncOpenAI, script: str
) -> None:
    vendors.script = script
    async with openai_sdk.responses.stream(model="gpt-6.2-sol", input="Hi", store=False) as stream:
        response = await stream.get_final_response()
    assert response.output_text.endswith(TEXT)
    assert response.usage
    details = response.usage.input_tokens_details
    assert (response.usage.input_tokens, details.cached_tokens, details.cache_write_tokens) == (1000, 800, 120)
    assert (response.usage.output_tokens, response.usage.output_tokens_details.reasoning_tokens) == (300, 250)
    thoughts = [item for item in response.output if item.type == "reasoning"]
    assert [item.encrypted_content for item in thoughts] == ["gAAA-whole"] * len(thoughts)
    summaries = [part.text for item in thoughts for part in item.summary]
    assert summaries == ([THOUGHT] if script == "thinking" else [])


@pytest.mark.parametrize("script", ["tools", "parallel"])
async def test_openais_sdk_reads_calls(vendors: Vendors, openai_sdk: openai.AsyncOpenAI, script: str) -> None:
    vendors.script = script
    async with openai_sdk.responses.stream(model="gpt-6.2-sol", input="Hi", store=False) as stream:
        response = await stream.get_final_response()
    calls = [(item.call_id, item.name, item.arguments) for item in response.output if item.type == "function_call"]
    assert calls == list(CALLS if script == "parallel" else CALLS[:1])


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        *((name, "response.incomplete") for name in ("eaten", "length", "filter")),
        ("failed", "response.failed"),
        ("error_event", "error"),
    ],
)
async def test_openais_sdk_reads_the_ends_that_are_none(
    vendors: Vendors, openai_sdk: openai.AsyncOpenAI, script: str, kind: str
) -> None:
    vendors.script = script
    stream = await openai_sdk.responses.create(model="gpt-6.2-sol", input="Hi", store=False, stream=True)
    kinds = []
    try:
        kinds = [event.type async for event in stream]
    except openai.APIError:
        kinds.append("error")
    assert kinds[-1] == kind


@pytest.mark.parametrize(
    ("script", "asked", "param"),
    [
        ("plain", {"temperature": 0.5}, "temperature"),
        ("plain", {"reasoning": {"effort": "none"}}, "reasoning.effort"),
        ("unverified", {"reasoning": {"summary": "auto"}}, "reasoning.summary"),
    ],
)
async def test_openais_sdk_reads_refusals(
    vendors: Vendors, openai_sdk: openai.AsyncOpenAI, script: str, asked: dict[str, object], param: str
) -> None:
    vendors.script = script
    with pytest.raises(openai.BadRequestError) as refused:
        await openai_sdk.responses.create(model="gpt-6.2-sol", input="Hi", **asked)  # type: ignore[call-overload]
    assert refused.value.param == param


@pytest.mark.parametrize(
    ("script", "text", "stop"),
    [
        ("plain", TEXT, "end_turn"),
        ("thinking", TEXT, "end_turn"),
        ("unknown_events", TEXT, "end_turn"),
        ("length", TEXT, "max_tokens"),
        ("eaten", "", "max_tokens"),
        ("refusal", "I", "refusal"),
        ("window", TEXT, "model_context_window_exceeded"),
        ("tools", "", "tool_use"),
        ("parallel", "Let me look.", "tool_use"),
    ],
)
async def test_anthropics_sdk_reads_blocks_stops_and_usage(
    vendors: Vendors, anthropic_sdk: anthropic.AsyncAnthropic, script: str, text: str, stop: str
) -> None:
    vendors.script = script
    async with anthropic_sdk.messages.stream(
        model="claude-opus-5-5", max_tokens=1000, messages=[{"role": "user", "content": "Hi"}]
    ) as stream:
        message = await stream.get_final_message()
    assert "".join(block.text for block in message.content if block.type == "text") == text
    assert message.stop_reason == stop
    thoughts = [(block.thinking, len(block.signature)) for block in message.content if block.type == "thinking"]
    assert thoughts == ([(THOUGHT, 64)] if script in {"thinking", "eaten", "tools", "parallel"} else [])
    calls = [(block.id, block.name) for block in message.content if block.type == "tool_use"]
    wanted = {"tools": CALLS[:1], "parallel": CALLS}.get(script, ())
    assert calls == [call[:2] for call in wanted]
    usage = message.usage
    assert (usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens) == (80, 800, 120)
    assert usage.output_tokens == 300
    if script == "refusal":
        assert message.stop_details
        assert message.stop_details.category == "bio"


async def test_anthropics_sdk_reads_refusals_and_late_errors(
    vendors: Vendors, anthropic_sdk: anthropic.AsyncAnthropic
) -> None:
    asked: dict[str, Any] = {
        "model": "claude-opus-5-5",
        "max_tokens": 10,
        "messages": [{"role": "user", "content": "Hi"}],
    }
    vendors.script = "overloaded"
    with pytest.raises(anthropic.APIStatusError) as refused:
        await anthropic_sdk.messages.create(**asked)
    assert refused.value.status_code == 529
    vendors.script = "overloaded_late"
    with pytest.raises(anthropic.APIStatusError):
        async with anthropic_sdk.messages.stream(**asked) as stream:
            await stream.get_final_message()
