"""What is sent: only what the model takes."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from core import llm
from core.llm import presets
from core.llm.adapters.turns import BLIND
from core.llm.tests.asking import ask
from core.llm.tests.wires import DONE
from core.llm.tests.wires import Wire
from core.llm.tests.wires import event

pytestmark = pytest.mark.any_stack

TOOL = llm.Tool("look_up", "Looks something up.", {"type": "object", "properties": {}})


async def sent(wire: Wire, question: Any = "Hi", **more: Any) -> dict[str, Any]:
    wire.streams(event("Yes."), event(finish="stop"), DONE)
    await ask(question, **more)
    return wire.bodies[-1]


async def test_a_usual_model_gets_its_parameters(wire: Wire) -> None:
    body = await sent(wire, model="gpt-4o", temperature=0.5, max_tokens=77, tools=[TOOL])
    assert body == {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 77,
        "temperature": 0.5,
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "look_up",
                    "description": "Looks something up.",
                    "parameters": {"type": "object", "properties": {}},
                },
            }
        ],
    }


@pytest.mark.parametrize("model", ["o1", "o3-mini"])
async def test_a_reasoning_model_gets_no_temperature_and_its_own_limit(wire: Wire, model: str) -> None:
    body = await sent(wire, model=model, temperature=0.5, max_tokens=77)
    assert body.keys() == {"model", "messages", "stream", "stream_options", "max_completion_tokens", "reasoning_effort"}
    assert body["max_completion_tokens"] == 77


async def test_no_more_is_asked_for_than_the_model_can_write(wire: Wire) -> None:
    assert (await sent(wire, model="gpt-4-turbo", max_tokens=50_000))["max_tokens"] == 4096


async def test_a_server_that_refuses_stream_options_is_spared_them(wire: Wire, settings: Settings) -> None:
    settings.LLM_USAGE_FRAME = False
    assert "stream_options" not in await sent(wire)


async def test_pictures_travel_inside_the_request(wire: Wire) -> None:
    data = b"\x89PNG"
    body = await sent(wire, [llm.Message("user", "What is it?", images=(llm.Image(data, "image/png"),))])
    assert body["messages"][0]["content"] == [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{base64.b64encode(data).decode()}"}},
    ]


async def test_a_model_that_cannot_see_is_told_that_a_picture_was_there(wire: Wire) -> None:
    message = llm.Message("user", "What is it?", images=(llm.Image(b"x", "image/png"),))
    body = await sent(wire, [message], model="o3-mini")
    assert body["messages"][0]["content"] == f"{BLIND}\n\nWhat is it?"


async def test_a_tool_round_keeps_its_shape(wire: Wire) -> None:
    body = await sent(
        wire,
        [
            llm.Message("system", "Be brief."),
            llm.Message("assistant", tool_calls=(llm.ToolCall("call_1", "look_up", "{}"),)),
            llm.Message("tool", "found", tool_call_id="call_1"),
        ],
    )
    assert body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "look_up", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "found"},
    ]


async def test_openrouter_is_asked_by_its_own_name_of_the_model(
    wire: Wire, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OPENROUTER_API_KEY = "or-canary"
    at_the_wire = replace(presets.OPENROUTER, base_url=wire.base_url)
    monkeypatch.setattr(presets, "OPENROUTER", at_the_wire)
    monkeypatch.setattr(presets, "HOSTED", (at_the_wire,))
    body = await sent(wire, model="claude-opus-5-5")
    assert body["model"] == "anthropic/claude-opus-5.5"
    assert "Authorization: Bearer or-canary" in wire.heads[0]
    assert "X-Title: Kintsugi" in wire.heads[0]


async def test_a_server_without_a_key_gets_none(wire: Wire, settings: Settings) -> None:
    settings.OPENAI_API_KEY = ""
    await sent(wire)
    assert "Authorization" not in wire.heads[0]
