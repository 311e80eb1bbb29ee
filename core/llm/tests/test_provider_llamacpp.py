"""The stream loop and the catalogue against a real engine, whose counts nobody of us wrote."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from core import llm
from core.llm import discovery
from core.llm import presets
from core.llm.errors import ContextTooLong
from core.llm.errors import ThoughtTooLong
from core.llm.tests.asking import Heard
from core.llm.tests.asking import ask
from tests.peers import LLAMACPP_MODEL


@pytest.fixture
def found(llamacpp_server: str) -> None:
    discovery.search()


def test_the_catalogue_offers_what_the_server_has_and_nothing_else(found: None) -> None:
    [local] = [model for model in llm.catalogue.visible() if not model.is_demo]
    assert (local.id, local.context_window, local.input_price, local.min_tier) == (LLAMACPP_MODEL, 512, None, "basic")
    assert llm.catalogue.default() == local


def test_it_generates_as_many_tokens_as_it_is_allowed_and_says_how_many(found: None) -> None:
    heard = asyncio.run(ask("What is kintsugi?", model=LLAMACPP_MODEL, max_tokens=7))
    assert heard.finish_reason == "length"
    assert heard.usage
    assert heard.usage.completion_tokens == 7
    assert heard.usage.prompt_tokens > len("What is kintsugi?")
    assert heard.text


def test_a_longer_prompt_counts_more(found: None) -> None:
    short = asyncio.run(ask("a", model=LLAMACPP_MODEL, max_tokens=16)).usage
    long = asyncio.run(ask("a" * 41, model=LLAMACPP_MODEL, max_tokens=16)).usage
    assert short
    assert long
    assert long.prompt_tokens - short.prompt_tokens == 40


def test_too_long_a_prompt_is_named_as_such(found: None) -> None:
    with pytest.raises(ContextTooLong):
        asyncio.run(ask("б" * 2000, model=LLAMACPP_MODEL, max_tokens=2))


def test_the_engine_stops_when_the_reader_leaves(found: None) -> None:
    async def leave_and_ask_again() -> str | None:
        deltas = llm.stream([llm.Message("user", "Hi")], model=LLAMACPP_MODEL, max_tokens=400)
        await anext(deltas)
        await deltas.aclose()
        # The server has one slot: an answer that still ran would keep the next one waiting.
        return (await ask("Hi", model=LLAMACPP_MODEL, max_tokens=3)).finish_reason

    assert asyncio.run(asyncio.wait_for(leave_and_ask_again(), 30)) == "length"


def test_thinking_can_be_switched_off(
    llamacpp_thinking: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL, settings.LLM_DISCOVERY = "", "", "always"
    local = presets.BY_NAME["llamacpp"]
    monkeypatch.setattr(presets, "LOCAL", (replace(local, base_url=f"{llamacpp_thinking}/v1"),))
    discovery.search()
    [model] = [model for model in llm.catalogue.visible() if not model.is_demo]
    assert (model.efforts, model.effort) == (("none", "medium"), "medium")
    heard = asyncio.run(ask("Hi", model=model.id, max_tokens=12, temperature=0.0, effort="none"))
    assert (bool(heard.text), heard.reasoning) == (True, "")
    thinking = Heard()
    with pytest.raises(ThoughtTooLong):
        asyncio.run(ask("Hi", model=model.id, max_tokens=12, temperature=0.0, heard=thinking))
    assert (thinking.text, bool(thinking.reasoning)) == ("", True)


@pytest.mark.django_db
def test_the_operators_check_lists_and_calls_it(llamacpp_server: str, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_providers", "--json", "--call")
    report = {row["name"]: row for row in json.loads(capsys.readouterr().out)["providers"]}
    assert report["openai"]["works"] is True
    assert report["openai"]["models"] == [LLAMACPP_MODEL]
    assert report["openai"]["called"] == LLAMACPP_MODEL
    assert (report["demo"]["state"], report["openrouter"]["works"]) == ("demo", None)
