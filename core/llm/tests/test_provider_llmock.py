"""The stream loop against a scripted server that others wrote."""

from __future__ import annotations

import asyncio

import pytest
from pytest_django.fixtures import Settings

from core import llm
from core.llm.errors import ContextTooLong
from core.llm.errors import ProviderQuotaExceeded
from core.llm.errors import ProviderRateLimited
from core.llm.errors import ProviderRejectedKey
from core.llm.errors import ProviderSilent
from core.llm.errors import ProviderUnavailable
from core.llm.errors import StreamCut
from core.llm.tests.asking import Heard
from core.llm.tests.asking import ask
from tests.peers import LLMock

pytestmark = pytest.mark.any_stack

WEATHER = llm.Tool(
    "get_weather",
    "The weather of a city.",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)


def findings(server: LLMock) -> list[str]:
    return [finding["code"] for finding in server.verdict()["findings"]]


async def test_a_scripted_answer_arrives_with_its_usage(llmock_server: LLMock) -> None:
    llmock_server.script({"type": "reply", "text": "Gold mends the bowl."})
    heard = await ask("What mends the bowl?", temperature=0.3)
    assert (heard.text, heard.finish_reason) == ("Gold mends the bowl.", "stop")
    assert heard.usage
    assert heard.usage.completion_tokens > 0


async def test_a_tool_is_called_and_its_result_answered(llmock_server: LLMock) -> None:
    llmock_server.script({"type": "reply", "tool_calls": [{"name": "get_weather", "arguments": {"city": "Kyiv"}}]})
    heard = await ask("The weather in Kyiv?", tools=[WEATHER])
    [call] = heard.tool_calls
    assert (call.name, call.arguments.replace(" ", ""), heard.finish_reason) == (
        "get_weather",
        '{"city":"Kyiv"}',
        "tool_calls",
    )
    after = await ask(
        [
            llm.Message("user", "The weather in Kyiv?"),
            llm.Message("assistant", tool_calls=(call,)),
            llm.Message("tool", "21 °C", tool_call_id=call.id),
        ],
        tools=[WEATHER],
    )
    assert after.text
    assert after.finish_reason == "stop"


async def test_a_short_rate_limit_is_waited_out_as_long_as_asked(llmock_server: LLMock) -> None:
    llmock_server.script({"type": "fail", "status": 429, "retry_after": 1}, {"type": "reply", "text": "late"})
    assert (await ask("Hi")).text == "late"
    assert "retry_after_ignored" not in findings(llmock_server)


async def test_a_long_rate_limit_is_told(llmock_server: LLMock) -> None:
    llmock_server.script({"type": "fail", "status": 429, "retry_after": 30})
    with pytest.raises(ProviderRateLimited) as refused:
        await ask("Hi")
    assert refused.value.retry_after == 30


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        ({"status": 401}, ProviderRejectedKey),
        ({"status": 429, "code": "insufficient_quota"}, ProviderQuotaExceeded),
        ({"status": 400, "code": "context_length_exceeded"}, ContextTooLong),
    ],
)
async def test_what_does_not_pass_is_asked_once(
    llmock_server: LLMock, failure: dict[str, object], expected: type[Exception]
) -> None:
    llmock_server.script({"type": "fail", "times": None, **failure})
    with pytest.raises(expected):
        await ask("Hi")
    assert len(llmock_server.requests()) == 1
    assert "retried_non_retryable" not in findings(llmock_server)


async def test_an_outage_is_given_up_after_three_tries(llmock_server: LLMock) -> None:
    llmock_server.script({"type": "fail", "status": 503, "times": None})
    with pytest.raises(ProviderUnavailable):
        await ask("Hi")
    assert len(llmock_server.requests()) == 3


@pytest.mark.parametrize("kind", ["truncate", "disconnect", "malformed"])
async def test_a_broken_stream_is_a_cut_that_keeps_what_came(llmock_server: LLMock, kind: str) -> None:
    llmock_server.script(
        {"type": "reply", "text": "one two three four five"}, {"type": "stream_fault", "kind": kind, "after_chunks": 3}
    )
    heard = Heard()
    with pytest.raises(StreamCut):
        await ask("Hi", heard=heard)
    assert heard.text.startswith("one ")
    assert "five" not in heard.text
    assert len(llmock_server.requests()) == 1


async def test_a_stalled_stream_is_given_up(llmock_server: LLMock, settings: Settings) -> None:
    settings.LLM_SILENCE_SECONDS = 0.3
    llmock_server.script({"type": "stream_fault", "kind": "stall", "after_chunks": 2, "stall_seconds": 20})
    with pytest.raises(ProviderSilent):
        await ask("Hi")


async def test_a_slow_first_token_within_the_limit_is_no_silence(llmock_server: LLMock, settings: Settings) -> None:
    settings.LLM_SILENCE_SECONDS = 2
    llmock_server.script({"type": "slow_first_token", "seconds": 0.5}, {"type": "reply", "text": "slow"})
    assert (await ask("Hi")).text == "slow"


async def test_twenty_streams_at_once_do_not_mix(llmock_server: LLMock) -> None:
    for number in range(20):
        llmock_server.script({"type": "reply", "text": f"answer {number}"})
    answers = await asyncio.gather(*(ask(f"question {number}") for number in range(20)))
    assert {heard.text for heard in answers} == {f"answer {number}" for number in range(20)}
