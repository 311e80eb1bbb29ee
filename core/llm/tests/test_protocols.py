"""Every protocol through the one door, against the makers' servers as far as their SDKs understand them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from core import llm
from core.llm import heard
from core.llm import registry
from core.llm.errors import ContentFiltered
from core.llm.errors import ContextTooLong
from core.llm.errors import EmptyAnswer
from core.llm.errors import MalformedCall
from core.llm.errors import ModelError
from core.llm.errors import ModelGone
from core.llm.errors import ProviderOverloaded
from core.llm.errors import ProviderQuotaExceeded
from core.llm.errors import ProviderRateLimited
from core.llm.errors import ProviderRejectedKey
from core.llm.errors import ProviderUnavailable
from core.llm.errors import StreamCut
from core.llm.errors import ThoughtTooLong
from core.llm.tests.asking import Heard
from core.llm.tests.asking import ask
from core.llm.tests.google_scripts import SIGNATURE
from core.llm.tests.offering import Offer
from core.llm.tests.vendor_scripts import CALLS
from core.llm.tests.vendor_scripts import TEXT
from core.llm.tests.vendor_scripts import THOUGHT
from core.llm.tests.vendors import Vendors

pytestmark = pytest.mark.any_stack

MODELS = {"responses": "gpt-6.2-sol", "messages": "claude-opus-5-5", "gemini": "gemini-4-argon"}
ALL = pytest.mark.parametrize("protocol", ["responses", "messages", "gemini"])
TOOLS = (
    llm.Tool("get_weather", "The weather.", {"type": "object", "properties": {"city": {"type": "string"}}}),
    llm.Tool("get_time", "The time.", {"type": "object", "properties": {"zone": {"type": "string"}}}),
)
WANTED = tuple(llm.ToolCall(*call) for call in CALLS)


@pytest.fixture(autouse=True)
def _at_once(settings: Any) -> None:
    settings.LLM_RETRIES = 0


@ALL
@pytest.mark.parametrize("script", ["plain", "unknown_events"])
async def test_text_and_all_parts_of_the_usage_arrive(vendors: Vendors, protocol: str, script: str) -> None:
    vendors.script = script
    heard = await ask("Hi", model=MODELS[protocol])
    assert (heard.text, heard.reasoning, heard.finish_reason) == (TEXT, "", "stop")
    # Google tells nothing of what is written into its cache.
    assert heard.usage == llm.Usage(1000, 300, 800, 0 if protocol == "gemini" else 120, 250)
    assert heard.state is None


@ALL
async def test_thoughts_are_told_apart(vendors: Vendors, protocol: str) -> None:
    vendors.script = "thinking"
    heard = await ask("Hi", model=MODELS[protocol])
    assert (heard.text, heard.reasoning, heard.finish_reason) == (TEXT, THOUGHT, "stop")


async def test_what_is_said_aside_is_a_thought(vendors: Vendors) -> None:
    vendors.script = "commentary"
    heard = await ask("Hi", model="gpt-6.2-sol")
    assert (heard.text, heard.reasoning) == (TEXT, "Let me look.")


@ALL
async def test_several_calls_come_whole(vendors: Vendors, protocol: str) -> None:
    vendors.script = "parallel"
    heard = await ask("Hi", model=MODELS[protocol], tools=TOOLS)
    assert (tuple(heard.tool_calls), heard.finish_reason) == (WANTED, "tool_calls")
    assert heard.state


@pytest.mark.parametrize(
    ("protocol", "script", "reason"),
    [
        ("responses", "length", "length"),
        ("responses", "filter", "content_filter"),
        ("responses", "refusal", "refusal"),
        ("messages", "length", "length"),
        ("messages", "refusal", "refusal"),
        ("messages", "window", "length"),
        ("gemini", "length", "length"),
        ("gemini", "continuation", "length"),
        ("gemini", "filter", "content_filter"),
        ("gemini", "recitation", "content_filter"),
        ("gemini", "other", "unknown"),
    ],
)
async def test_ends_have_one_name_for_all(vendors: Vendors, protocol: str, script: str, reason: str) -> None:
    vendors.script = script
    heard = await ask("Hi", model=MODELS[protocol])
    assert heard.finish_reason == reason
    assert heard.text


@pytest.mark.parametrize(
    ("protocol", "script", "expected"),
    [
        ("responses", "eaten", ThoughtTooLong),
        ("messages", "eaten", ThoughtTooLong),
        ("responses", "empty", EmptyAnswer),
        ("messages", "empty", EmptyAnswer),
        ("responses", "failed", ProviderUnavailable),
        ("responses", "bio", ContentFiltered),
        ("responses", "error_event", ProviderRateLimited),
        ("messages", "overloaded", ProviderOverloaded),
        ("messages", "overloaded_late", ProviderOverloaded),
        ("responses", "cut", StreamCut),
        ("messages", "cut", StreamCut),
        ("responses", "ended", ModelGone),
        ("messages", "ended", ModelGone),
        ("responses", "spend_limit", ProviderQuotaExceeded),
        ("messages", "spend_limit", ProviderQuotaExceeded),
        ("gemini", "eaten", ThoughtTooLong),
        ("gemini", "empty", EmptyAnswer),
        ("gemini", "blocked", ContentFiltered),
        ("gemini", "malformed", MalformedCall),
        ("gemini", "limited", ProviderRejectedKey),
        ("gemini", "overloaded", ProviderOverloaded),
        ("gemini", "overloaded_late", ProviderOverloaded),
        ("gemini", "cut", StreamCut),
        ("gemini", "ended", ModelGone),
        ("gemini", "spend_limit", ProviderQuotaExceeded),
        ("gemini", "rate", ProviderRateLimited),
        ("gemini", "long", ContextTooLong),
    ],
)
async def test_what_is_no_answer_is_named(
    vendors: Vendors, protocol: str, script: str, expected: type[ModelError]
) -> None:
    vendors.script = script
    heard = Heard()
    with pytest.raises(expected) as refused:
        await ask("Hi", model=MODELS[protocol], heard=heard)
    assert type(refused.value) is expected
    if script in {"failed", "error_event", "overloaded_late", "cut"}:
        assert heard.text == TEXT
    assert len(vendors.bodies) == 1


@ALL
async def test_a_wrong_key_is_told_and_never_shown(
    vendors: Vendors, offer: Offer, protocol: str, caplog: pytest.LogCaptureFixture
) -> None:
    for name, config in offer.configs.items():
        offer.configs[name] = replace(config, api_key="sk-other-canary")
    with pytest.raises(ProviderRejectedKey):
        await ask("Hi", model=MODELS[protocol])
    assert "canary" not in caplog.text


@ALL
@pytest.mark.parametrize("calls", [1, 2])
async def test_the_state_goes_back_within_a_loop(vendors: Vendors, protocol: str, calls: int) -> None:
    vendors.script = "parallel" if calls == 2 else "tools"
    turns = [llm.Message("system", "Be brief."), llm.Message("user", "The weather?")]
    for _step in range(3):
        heard = await ask(turns, model=MODELS[protocol], tools=TOOLS)
        said = llm.Message("assistant", heard.text, tool_calls=tuple(heard.tool_calls), state=heard.state)
        turns += [said, *(llm.Message("tool", "21", tool_call_id=call.id) for call in heard.tool_calls)]
    vendors.script = "wants_thought"
    assert (await ask(turns, model=MODELS[protocol], tools=TOOLS)).text == TEXT


async def test_the_fake_would_notice_a_state_that_is_half(vendors: Vendors) -> None:
    vendors.script = "tools"
    heard = await ask("The weather?", model="gpt-6.2-sol", tools=TOOLS)
    assert heard.state
    half = llm.State("responses", "openai", "gpt-6.2-sol", heard.state.items.replace(b"gAAA-whole", b"gAAA-half"))
    vendors.script = "wants_thought"
    turns = _round(heard, half)
    with pytest.raises(ModelError):
        await ask(turns, model="gpt-6.2-sol", tools=TOOLS)


def _round(heard: Heard, state: llm.State | None) -> list[llm.Message]:
    return [
        llm.Message("user", "The weather?"),
        llm.Message("assistant", tool_calls=tuple(heard.tool_calls), state=state),
        *(llm.Message("tool", "21", tool_call_id=call.id) for call in heard.tool_calls),
    ]


@pytest.mark.parametrize(("one", "other"), [*permutations(MODELS, 2)])
async def test_a_state_of_another_model_stays_at_home(vendors: Vendors, one: str, other: str) -> None:
    vendors.script = "tools"
    heard = await ask("The weather?", model=MODELS[one], tools=TOOLS)
    vendors.script = "plain"
    assert (await ask(_round(heard, heard.state), model=MODELS[other], tools=TOOLS)).text == TEXT
    sent = str(vendors.body)
    assert "gAAA" not in sent
    assert "'signature'" not in sent
    assert SIGNATURE not in sent


async def test_a_state_of_another_model_of_the_same_maker_stays_at_home(vendors: Vendors) -> None:
    vendors.script = "tools"
    heard = await ask("The weather?", model="gpt-6.2-sol", tools=TOOLS)
    vendors.script = "plain"
    assert (await ask(_round(heard, heard.state), model="gpt-6.1-terra", tools=TOOLS)).text == TEXT
    assert "gAAA" not in str(vendors.body)


async def test_a_state_that_is_refused_is_left_out_once(vendors: Vendors) -> None:
    vendors.script = "tools"
    heard = await ask("The weather?", model="gpt-6.2-sol", tools=TOOLS)
    vendors.script = "refuses_state"
    asked = len(vendors.bodies)
    assert (await ask(_round(heard, heard.state), model="gpt-6.2-sol", tools=TOOLS)).text == TEXT
    assert len(vendors.bodies) == asked + 2


async def test_a_signed_thought_after_an_edited_turn_is_left_out(vendors: Vendors) -> None:
    vendors.script = "tools"
    heard = await ask("The weather?", model="claude-opus-5-5", tools=TOOLS)
    vendors.script = "plain"
    turns = _round(heard, heard.state)
    turns[0] = llm.Message("user", "The weather, edited?")
    assert (await ask(turns, model="claude-opus-5-5", tools=TOOLS)).text == TEXT


@ALL
async def test_a_call_without_its_answer_stays_at_home(vendors: Vendors, protocol: str) -> None:
    vendors.script = "parallel"
    heard = await ask("The weather?", model=MODELS[protocol], tools=TOOLS)
    vendors.script = "plain"
    turns = _round(heard, heard.state)[:-1]
    assert (await ask([*turns, llm.Message("user", "Well?")], model=MODELS[protocol], tools=TOOLS)).text == TEXT
    assert "call_2" not in str(vendors.body)


async def test_what_openai_is_sent(vendors: Vendors) -> None:
    await ask(
        [
            llm.Message("system", "Be brief."),
            llm.Message("user", "Hi"),
            llm.Message("assistant", "Yes?"),
            llm.Message("system", "Now."),
            llm.Message("user", "See", (llm.Image(b"x", "image/png"),), documents=(llm.Document(b"%PDF", "a.pdf"),)),
        ],
        model="gpt-6.2-sol",
        temperature=0.3,
        effort="high",
        verbosity="low",
        max_tokens=5,
        tools=TOOLS[:1],
        tool_choice="get_weather",
        parallel=False,
        schema=llm.Schema("city", {"type": "object"}),
        person="p1",
        thread="t1",
    )
    body = vendors.body
    assert body["instructions"] == "Be brief."
    assert body["input"] == [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
        {
            "type": "message",
            "role": "assistant",
            "phase": "final_answer",
            "content": [{"type": "output_text", "text": "Yes?", "annotations": []}],
        },
        {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "Now."}]},
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "See"},
                {"type": "input_image", "image_url": "data:image/png;base64,eA==", "detail": "auto"},
                {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERg=="},
            ],
        },
    ]
    del body["input"], body["instructions"], body["tools"]
    assert body == {
        "model": "gpt-6.2-sol",
        "stream": True,
        "store": False,
        "max_output_tokens": 16,
        "reasoning": {"effort": "high", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
        "text": {
            "verbosity": "low",
            "format": {"type": "json_schema", "name": "city", "schema": {"type": "object"}, "strict": True},
        },
        "tool_choice": {"type": "function", "name": "get_weather"},
        "parallel_tool_calls": False,
        "prompt_cache_key": "t1",
        "safety_identifier": "p1",
    }


async def test_what_anthropic_is_sent(vendors: Vendors) -> None:
    await ask(
        [
            llm.Message("system", "Be brief. " * 300),
            llm.Message("user", "Hi"),
            llm.Message("user", "See", (llm.Image(b"x", "image/png"),), documents=(llm.Document(b"%PDF", "a.pdf"),)),
        ],
        model="claude-opus-5-5",
        temperature=0.3,
        effort="high",
        max_tokens=5,
        tools=TOOLS[:1],
        tool_choice="get_weather",
        parallel=False,
        schema=llm.Schema("city", {"type": "object"}),
        person="p1",
    )
    body = vendors.body
    assert body.pop("system").startswith("Be brief.")
    assert body.pop("messages") == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Hi"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "eA=="}},
                {
                    "type": "document",
                    "title": "a.pdf",
                    "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERg=="},
                },
                {"type": "text", "text": "See"},
            ],
        }
    ]
    assert body.pop("tools")[0]["input_schema"] == TOOLS[0].parameters
    assert body == {
        "model": "claude-opus-5-5",
        "max_tokens": 5,
        "stream": True,
        "thinking": {"type": "adaptive", "display": "summarized"},
        "output_config": {"effort": "high", "format": {"type": "json_schema", "schema": {"type": "object"}}},
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
        "metadata": {"user_id": "p1"},
        "cache_control": {"type": "ephemeral"},
    }


@pytest.mark.parametrize(
    ("asked", "sent"), [(None, "medium"), ("none", "low"), ("minimal", "low"), ("high", "high"), ("max", "max")]
)
async def test_an_effort_the_model_lacks_becomes_the_next_lower(vendors: Vendors, asked: str | None, sent: str) -> None:
    await ask("Hi", model="gpt-6.2-sol", effort=asked)
    assert vendors.body["reasoning"]["effort"] == sent


async def test_a_temperature_is_sent_beside_no_thinking_only(vendors: Vendors) -> None:
    await ask("Hi", model="gpt-6.1-terra", effort="low", temperature=0.3)
    assert "temperature" not in vendors.body
    await ask("Hi", model="gpt-6.1-terra", effort="none", temperature=0.3)
    assert (vendors.body["temperature"], vendors.body["reasoning"]) == (0.3, {"effort": "none"})


async def test_an_unverified_organization_gets_answers_without_summaries(vendors: Vendors) -> None:
    vendors.script = "unverified"
    assert (await ask("Hi", model="gpt-6.2-sol")).text == TEXT
    assert len(vendors.bodies) == 2
    assert (await ask("Hi", model="gpt-6.2-sol")).text == TEXT
    assert len(vendors.bodies) == 3
    assert vendors.body["reasoning"] == {"effort": "medium"}


async def test_a_server_that_wants_responses_is_asked_so_from_then_on(vendors: Vendors, offer: Offer) -> None:
    offer.runs("openai", f"{vendors.url}/v1", "chat", foreign=True)
    for _ in range(2):
        assert (await ask("Hi", model="gpt-6.2-sol")).text == TEXT
    assert [path for path, _body in vendors.bodies] == ["chat", "responses", "responses"]


async def test_what_was_heard_is_forgotten_after_a_day(vendors: Vendors, monkeypatch: pytest.MonkeyPatch) -> None:
    vendors.script = "unverified"
    await ask("Hi", model="gpt-6.2-sol")
    later = timezone.now() + heard.REMEMBERED + timedelta(seconds=1)
    monkeypatch.setattr(heard, "timezone", SimpleNamespace(now=lambda: later))
    await ask("Hi", model="gpt-6.2-sol")
    assert len(vendors.bodies) == 4


@ALL
async def test_the_models_are_listed(vendors: Vendors, offer: Offer, protocol: str) -> None:
    config = offer.configs[{"responses": "openai", "messages": "anthropic", "gemini": "gemini"}[protocol]]
    assert await registry.adapter(config).list_models() == [MODELS[protocol]]
