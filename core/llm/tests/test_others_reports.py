"""What went wrong in other products when models began to think, and must not here.

The other reports have their tests where their subject is: see ``docs/models-peers.md``.
"""

from __future__ import annotations

import asyncio
import json
import socket
import time
from datetime import date
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from core import llm
from core.llm import catalogue
from core.llm import registry
from core.llm.base import ProviderConfig
from core.llm.base import Request
from core.llm.errors import ProviderSilent
from core.llm.tests.asking import Heard
from core.llm.tests.asking import ask
from core.llm.tests.offering import Offer
from core.llm.tests.vendor_scripts import TEXT
from core.llm.tests.vendors import Vendors
from core.llm.tests.wires import DONE
from core.llm.tests.wires import END
from core.llm.tests.wires import HEAD
from core.llm.tests.wires import Wire
from core.llm.tests.wires import event
from core.llm.tests.wires import piece

STOP = event(finish="stop")
TOOL = llm.Tool("get_weather", "The weather.", {"type": "object", "properties": {"city": {"type": "string"}}})
EXTRA = {"google": {"thought_signature": "c2lnbmVk"}}


@pytest.mark.parametrize("model", ["gpt-6-luna", "gpt-6.2-sol"])
def test_openais_own_host_is_asked_by_responses_whatever_is_asked(settings: Settings, model: str) -> None:
    """LibreChat 14231 and 14355: neither an effort nor a tool decides, the host does."""
    settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "sk-canary-7f3a", ""
    config = registry.config(catalogue.get(model).provider)
    assert config
    assert (config.protocol, config.base_url) == ("responses", "https://api.openai.com/v1")


async def test_a_foreign_server_without_responses_is_asked_by_chat(wire: Wire, offer: Offer) -> None:
    """LiteLLM 16849: and it is remembered."""
    offer.runs("openai", wire.base_url, "responses", foreign=True)
    wire.says(b"HTTP/1.1 404 Not Found\r\nContent-Length: 18\r\n\r\n404 page not found")
    for _ in range(2):
        wire.streams(event("a"), STOP, DONE)
        assert (await ask("Hi", model="gpt-6.2-sol")).text == "a"
    assert [head.split()[1] for head in wire.heads] == ["/v1/responses", "/v1/chat/completions", "/v1/chat/completions"]


async def test_openais_own_host_is_never_asked_by_chat(wire: Wire, offer: Offer) -> None:
    offer.runs("openai", wire.base_url, "responses")
    wire.says(b"HTTP/1.1 404 Not Found\r\nContent-Length: 18\r\n\r\n404 page not found")
    with pytest.raises(llm.errors.ModelError):
        await ask("Hi", model="gpt-6.2-sol")
    assert len(wire.heads) == 1


def _sampling_rows() -> list[llm.Model]:
    return [model for model in catalogue.listed().values() if not model.is_demo]


def test_a_stored_temperature_is_sent_to_no_row_that_refuses_it() -> None:
    """pr-agent 2456, teleton 20: over all rows and all their efforts."""
    refused = taken = 0
    for model in _sampling_rows():
        protocol: Any = {"openai": "responses", "anthropic": "messages"}.get(model.provider, "chat")
        adapter, _suffix = registry.ADAPTERS[protocol]
        built = registry.adapter(ProviderConfig(model.provider, "x", adapter, "http://x.example", protocol=protocol))
        for effort in model.efforts or (None,):
            request = Request([llm.Message("user", "Hi")], model, max_tokens=50, temperature=0.3, effort=effort)
            body = json.loads(built.encode(request))  # type: ignore[attr-defined]
            may = model.sampling == "yes" or (model.sampling == "with_none" and effort == "none")
            assert ("temperature" in body) is may, (model.id, effort)
            refused, taken = refused + (not may), taken + may
    assert refused
    assert taken


async def test_a_conversation_may_change_its_maker_after_every_call(vendors: Vendors, wire: Wire, offer: Offer) -> None:
    """copilot-api 78: each maker's thoughts go back to that maker, and to nobody else."""
    offer.runs("gemini", wire.base_url)
    turns = [llm.Message("user", "The weather?")]
    for round_number in range(2):
        for model in ("gpt-6.2-sol", "claude-opus-5-5", "gemini-4-argon"):
            vendors.script = "tools"
            call = {"index": 0, "id": "g1", "function": {"name": "get_weather", "arguments": "{}"}}
            if model == "gemini-4-argon":
                wire.streams(event(choices=[{"delta": {"tool_calls": [call | {"extra_content": EXTRA}]}}]), DONE)
            asked = [turn for turn in turns if turn.role == "user" or turn.state is not None or turn.tool_call_id]
            heard = await ask(asked, model=model, tools=[TOOL])
            sent = str(wire.bodies[-1] if model == "gemini-4-argon" else vendors.body)
            assert ("gAAA" in sent) is (model == "gpt-6.2-sol" and round_number > 0)
            assert ("'signature'" in sent) is (model == "claude-opus-5-5" and round_number > 0)
            assert ("c2lnbmVk" in sent) is (model == "gemini-4-argon" and round_number > 0)
            if round_number == 0:
                turns += _round(heard)


def _round(heard: Heard) -> list[llm.Message]:
    said = llm.Message("assistant", heard.text, tool_calls=tuple(heard.tool_calls), state=heard.state)
    return [said, *(llm.Message("tool", "21", tool_call_id=call.id) for call in heard.tool_calls)]


@pytest.mark.parametrize(
    ("effort", "by_effort", "answers"),
    [("low", {}, False), ("high", {}, True), ("low", {"low": 5}, True), ("high", {"high": 0.2}, False)],
)
async def test_who_thinks_hard_may_be_silent_for_longer(
    wire: Wire, offer: Offer, settings: Settings, effort: str, *, by_effort: dict[str, float], answers: bool
) -> None:
    """Hidden thinking sends nothing at all, aictrl 75: "it hangs"."""
    settings.LLM_SILENCE_SECONDS, settings.LLM_SILENCE_BY_EFFORT = 0.3, by_effort
    offer.runs("gemini", wire.base_url)

    def thinks(peer: socket.socket) -> None:
        peer.sendall(HEAD)
        time.sleep(0.8)  # the silence itself is what is tried
        peer.sendall(piece(event("a") + STOP + DONE) + END)

    wire.does(thinks)
    asking = ask("Hi", model="gemini-4-argon", effort=effort)
    if answers:
        assert (await asyncio.wait_for(asking, 10)).text == "a"
    else:
        with pytest.raises(ProviderSilent):
            await asking


async def test_hidden_thoughts_are_counted_and_nothing_is_shown(vendors: Vendors) -> None:
    vendors.script = "hidden"
    heard = await ask("Hi", model="gpt-6.2-sol")
    assert (heard.text, heard.reasoning) == (TEXT, "")
    assert heard.usage
    assert heard.usage.reasoning_tokens == 250


def test_the_day_on_which_the_defaults_of_old_are_dead(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """vanilla-cookbook 421: the default itself must be alive."""
    settings.OPENAI_API_KEY = "sk-canary-7f3a"
    monkeypatch.setattr(catalogue, "today", lambda: date(2027, 1, 15))
    default = catalogue.default()
    assert default.until is None or default.until > date(2027, 1, 15)
    with pytest.raises(llm.errors.ModelEnded) as ended:
        llm.stream([llm.Message("user", "Hi")], model="gpt-4o", max_tokens=5)
    assert ended.value.context["successor"] == "gpt-6.1-terra"
