"""What stands around a call: a server's own words, the circuit, the measure, proxies, and answers for jobs."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from core import llm
from core.http import proxies
from core.llm import calling
from core.llm import registry
from core.llm.errors import ProviderPaused
from core.llm.errors import ProviderRateLimited
from core.llm.errors import ProviderRefused
from core.llm.errors import ProviderUnavailable
from core.llm.tests.asking import Heard
from core.llm.tests.asking import ask
from core.llm.tests.offering import Offer
from core.llm.tests.wires import DONE
from core.llm.tests.wires import Wire
from core.llm.tests.wires import event
from core.llm.tests.wires import plain
from core.llm.tests.wires import rude_error

USAGE = b'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}\n\n'
STOP = event(finish="stop")


# What a server's own words change


@pytest.mark.parametrize(
    ("complaint", "was", "becomes"),
    [
        (
            {
                "message": "Unsupported parameter: 'max_tokens' is not supported with this model. "
                "Use 'max_completion_tokens' instead.",
                "param": "max_tokens",
                "code": "unsupported_parameter",
            },
            "max_tokens",
            {"max_completion_tokens": 200},
        ),
        (
            {
                "message": "Unrecognized request argument supplied: stream_options",
                "param": "stream_options",
                "code": "unknown_parameter",
            },
            "stream_options",
            {},
        ),
        ({"message": "`temperature` is deprecated for this model."}, "temperature", {}),
        ({"message": "temperature: Extra inputs are not permitted"}, "temperature", {}),
        (
            {
                "message": "Unsupported value: 'temperature' does not support 0.3 with this model.",
                "param": "temperature",
                "code": "unsupported_value",
            },
            "temperature",
            {},
        ),
    ],
)
async def test_a_refused_parameter_is_heard_once_and_remembered(
    wire: Wire, complaint: dict[str, str], was: str, becomes: dict[str, Any]
) -> None:
    wire.says(plain("400 Bad Request", rude_error(**complaint)))
    for _ in range(2):
        wire.streams(event("a"), STOP, DONE)
    assert (await ask("Hi", temperature=0.3)).text == "a"
    assert (await ask("Hi", temperature=0.3)).text == "a"
    assert [was in body for body in wire.bodies] == [True, False, False]
    for body in wire.bodies[1:]:
        assert becomes.items() <= body.items()


async def test_a_server_that_refuses_for_ever_is_heard_three_times(wire: Wire) -> None:
    for name in ("temperature", "stream_options", "tool_choice", "parallel_tool_calls", "verbosity"):
        wire.says(plain("400 Bad Request", rude_error(code="unsupported_parameter", param=name)))
    tool = llm.Tool("x", "", {})
    with pytest.raises(ProviderRefused):
        await ask("Hi", temperature=0.3, tools=[tool], tool_choice="required", parallel=False)
    assert len(wire.bodies) == 4


@pytest.mark.parametrize("param", ["messages", "model", "tools", "max_tokens_in_the_moon", ""])
async def test_nothing_else_is_changed_by_words(wire: Wire, param: str) -> None:
    wire.says(plain("400 Bad Request", rude_error(code="unsupported_parameter", param=param, message=f"no {param}")))
    with pytest.raises(ProviderRefused):
        await ask("Hi")
    assert len(wire.bodies) == 1


async def test_an_effort_is_chosen_from_those_the_server_names(wire: Wire, offer: Offer) -> None:
    offer.runs("openrouter", wire.base_url)
    offer.runs("gemini", wire.base_url)
    message = "Unsupported value: 'high' is not supported. Supported values are: 'low' and 'medium'."
    wire.says(plain("400 Bad Request", rude_error(code="unsupported_value", param="reasoning_effort", message=message)))
    wire.streams(event("a"), STOP, DONE)
    await ask("Hi", model="gemini-4-argon", effort="high")
    assert [body["reasoning_effort"] for body in wire.bodies] == ["high", "medium"]


# The others


async def test_gemini_gets_its_signatures_back(wire: Wire, offer: Offer) -> None:
    offer.runs("gemini", wire.base_url)
    extra = {"google": {"thought_signature": "c2lnbmVk"}}
    call = {"index": 0, "id": "c1", "function": {"name": "x", "arguments": "{}"}, "extra_content": extra}
    wire.streams(event(choices=[{"delta": {"tool_calls": [call]}, "finish_reason": "stop"}]), DONE)
    wire.streams(event("a"), STOP, DONE)
    tool = llm.Tool("x", "", {})
    heard = await ask("Hi", model="gemini-4-argon", tools=[tool])
    assert wire.bodies[0]["extra_body"] == {"google": {"thinking_config": {"include_thoughts": True}}}
    await ask(_loop(heard), model="gemini-4-argon", tools=[tool])
    assert wire.bodies[1]["messages"][1]["tool_calls"][0]["extra_content"] == extra


async def test_openrouter_gets_its_details_back(wire: Wire, offer: Offer) -> None:
    offer.runs("openrouter", wire.base_url)
    detail = {"type": "reasoning.encrypted", "data": "x", "index": 0}
    call = {"index": 0, "id": "c1", "function": {"name": "x", "arguments": "{}"}}
    wire.streams(
        event(choices=[{"delta": {"reasoning": "hm", "reasoning_details": [detail]}}]),
        event(choices=[{"delta": {"tool_calls": [call]}, "finish_reason": "tool_calls"}]),
        DONE,
    )
    wire.streams(event("a"), STOP, DONE)
    tool = llm.Tool("x", "", {})
    heard = await ask("Hi", model="qwen-4", tools=[tool], effort="high")
    assert (heard.reasoning, wire.bodies[0]["reasoning"]) == ("hm", {"effort": "high"})
    await ask(_loop(heard), model="qwen-4", tools=[tool])
    assert wire.bodies[1]["messages"][1]["reasoning_details"] == [detail]


def _loop(heard: Heard) -> list[llm.Message]:
    return [
        llm.Message("user", "Hi"),
        llm.Message("assistant", tool_calls=tuple(heard.tool_calls), state=heard.state),
        llm.Message("tool", "21", tool_call_id="c1"),
    ]


async def test_a_state_that_is_too_large_is_dropped(wire: Wire, offer: Offer) -> None:
    offer.runs("openrouter", wire.base_url)
    detail = {"type": "reasoning.encrypted", "data": "x" * 300_000}
    call = {"index": 0, "id": "c1", "function": {"name": "x", "arguments": "{}"}}
    wire.streams(
        event(choices=[{"delta": {"tool_calls": [call], "reasoning_details": [detail]}, "finish_reason": "tool_calls"}])
    )
    heard = await ask("Hi", model="qwen-4")
    assert heard.tool_calls
    assert heard.state is None


# Around the call


async def test_a_provider_that_fails_is_left_alone_and_tried_again(
    wire: Wire, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LLM_RETRIES = 0
    for _ in range(5):
        wire.says(plain("503 Service Unavailable", b""))
        with pytest.raises(ProviderUnavailable):
            await ask("Hi")
    with pytest.raises(ProviderPaused) as paused:
        await ask("Hi")
    assert 0 < (paused.value.retry_after or 0) <= 60
    assert len(wire.bodies) == 5
    wire.streams(event("a"), STOP, DONE)
    assert (await ask("Hi", model="gpt-4o-mini")).text == "a"  # another model of the same server


@pytest.mark.parametrize("between", ["an answer", "a refusal"])
async def test_a_provider_that_answers_between_failures_is_not_left_alone(
    wire: Wire, settings: Settings, between: str
) -> None:
    settings.LLM_RETRIES = 0
    for number in range(9):
        if number == 4:
            if between == "an answer":
                wire.streams(event("a"), STOP, DONE)
                await ask("Hi")
            else:
                wire.says(plain("400 Bad Request", rude_error(message="bad")))
                with pytest.raises(ProviderRefused):
                    await ask("Hi")
        else:
            wire.says(plain("503 Service Unavailable", b""))
            with pytest.raises(ProviderUnavailable):
                await ask("Hi")
    assert len(wire.bodies) == 9


async def test_an_answer_is_heard_of_by_the_circuit_before_it_is_over(wire: Wire, settings: Settings) -> None:
    """Who leaves after the first word has still seen that the provider answers."""
    settings.LLM_RETRIES = 0
    for _ in range(4):
        wire.says(plain("503 Service Unavailable", b""))
        with pytest.raises(ProviderUnavailable):
            await ask("Hi")
    wire.streams(event("a"), ends=False)
    deltas = llm.stream([llm.Message("user", "Hi")], model="gpt-4o", max_tokens=9)
    assert (await anext(deltas)).text == "a"
    await deltas.aclose()
    wire.says(plain("503 Service Unavailable", b""))
    wire.streams(event("a"), STOP, DONE)
    with pytest.raises(ProviderUnavailable):
        await ask("Hi")
    assert (await ask("Hi")).text == "a"


async def test_refusals_are_no_failures_of_the_provider(wire: Wire) -> None:
    for _ in range(7):
        wire.says(plain("400 Bad Request", rude_error(message="bad")))
        with pytest.raises(ProviderRefused):
            await ask("Hi")
    assert len(wire.bodies) == 7


async def test_a_measure_is_kept_by_all_calls(wire: Wire, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LLM_PER_MINUTE = 4
    monkeypatch.setattr(calling, "LONGEST_WAIT_SECONDS", 0.1)
    wire.streams(event("a"), STOP, DONE)
    await ask("Hi")
    with pytest.raises(ProviderRateLimited) as refused:
        await ask("Hi")
    assert 1 <= (refused.value.retry_after or 0) <= 15
    assert len(wire.bodies) == 1


async def test_a_measure_that_is_used_up_says_nothing_of_the_provider(
    wire: Wire, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own refusal is no answer of theirs: the failures before it and after it are in a row."""
    settings.LLM_RETRIES = 0
    monkeypatch.setattr(calling, "LONGEST_WAIT_SECONDS", 0.1)
    for per_minute in (None, None, None, 4, "used up", None):
        settings.LLM_PER_MINUTE = 4 if per_minute == "used up" else per_minute
        wire.says(plain("503 Service Unavailable", b""))
        with pytest.raises(ProviderRateLimited if per_minute == "used up" else ProviderUnavailable):
            await ask("Hi")
    with pytest.raises(ProviderPaused):
        await ask("Hi")
    assert len(wire.bodies) == 5


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("https://api.openai.com/v1", "http://proxy.example:3128"),
        ("http://models.example/v1", "http://other.example:80"),
        ("https://inside.example/v1", None),
        ("https://a.inside.example/v1", None),
        ("http://127.0.0.1:11434/v1", None),
        ("http://localhost:8080/v1", None),
        ("http://[::1]:8080/v1", None),
    ],
)
def test_proxies_are_honoured_and_never_for_this_machine(
    monkeypatch: pytest.MonkeyPatch, url: str, proxy: str | None
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("HTTP_PROXY", "other.example:80")
    monkeypatch.setenv("NO_PROXY", "inside.example")
    assert proxies.proxy_for(url) == proxy


async def test_answers_and_lists_go_through_the_proxy(
    wire: Wire, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The socket plays the proxy: it is asked for an address that does not exist."""
    monkeypatch.setenv("HTTP_PROXY", wire.base_url.removesuffix("/v1"))
    settings.OPENAI_BASE_URL = "http://models.invalid/v1"
    wire.streams(event("a"), STOP, DONE)
    assert (await ask("Hi")).text == "a"
    assert wire.heads[0].startswith("POST http://models.invalid/v1/chat/completions")
    wire.says(plain("200 OK", b'{"object":"list","data":[{"id":"m","object":"model","created":1,"owned_by":"x"}]}'))
    config = registry.config("openai")
    assert config
    assert await registry.adapter(config).list_models() == ["m"]
    assert wire.heads[1].startswith("GET http://models.invalid/v1/models")


def test_a_job_gets_its_answer_whole(wire: Wire) -> None:
    wire.streams(event("a"), event("b"), STOP, USAGE, DONE)
    answer = llm.complete([llm.Message("user", "Hi")], model="gpt-4o", max_tokens=9)
    assert answer == llm.Answer("ab", "", (), llm.Usage(9, 2), "stop", None)


def test_a_job_that_is_no_longer_wanted_hangs_up(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.llm.completing.CHECK_SECONDS", 0.02)

    class Unwanted(Exception):
        pass

    def check() -> None:
        if wire.heads:  # before it was asked there is nothing to hang up
            raise Unwanted

    wire.streams(event("a"), ends=False)
    with pytest.raises(Unwanted):
        llm.complete([llm.Message("user", "Hi")], model="gpt-4o", max_tokens=9, check=check)
    assert wire.hung_up.wait(5)
