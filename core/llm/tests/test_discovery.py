from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any

import pytest
from django.core.management import CommandError
from django.core.management import call_command
from pytest_django.fixtures import Settings

from core import llm
from core.llm import discovery
from core.llm import presets
from core.llm import registry
from core.llm.presets import Preset
from core.llm.room import LanguageModels
from core.llm.tests.wires import Wire
from core.llm.tests.wires import plain


def listing(*rows: dict[str, Any]) -> bytes:
    return plain("200 OK", json.dumps({"object": "list", "data": rows}).encode())


@pytest.fixture
def machine(wire: Wire, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Wire:
    """This machine, on which only Ollama may run: at the address of the wire."""
    settings.OPENAI_API_KEY = settings.OPENAI_BASE_URL = ""
    settings.LLM_DISCOVERY = True
    nobody = Preset("lmstudio", "LM Studio", "http://127.0.0.1:9/v1", "", local=True)
    ollama = Preset("ollama", "Ollama", wire.base_url, "", local=True)
    monkeypatch.setattr(presets, "LOCAL", (ollama, nobody))
    return wire


def test_models_found_on_this_machine_are_offered(machine: Wire) -> None:
    machine.says(
        listing(
            {"id": "llama3.2:3b"},
            {"id": "big", "max_model_len": 32768},
            {"id": "nomic-embed-text"},
            {"id": "/models/small.gguf", "meta": {"n_ctx_train": 100}},
        )
    )
    for _model in range(3):  # each is asked about by itself
        machine.says(plain("404 Not Found", b""))
    discovery.search()
    found = {model.id: model for model in llm.catalogue.visible() if not model.is_demo}
    assert list(found) == ["llama3.2:3b", "big", "/models/small.gguf"]
    assert [model.context_window for model in found.values()] == [8192, 32768, 100]
    assert found["/models/small.gguf"].name == "small"
    assert {(model.provider, model.min_tier, model.input_price) for model in found.values()} == {
        ("ollama", "basic", None)
    }
    assert llm.providers()[0] == llm.ProviderInfo("ollama", "Ollama", real=True, reason=f"Found at {machine.base_url}.")
    assert llm.catalogue.default().id == "llama3.2:3b"


@pytest.mark.parametrize(
    "answer",
    [b"garbage\r\n\r\n", plain("404 Not Found", b"{}"), plain("200 OK", b"<html>"), plain("200 OK", b'{"data":3}')],
)
def test_whatever_else_listens_there_is_no_model_server(machine: Wire, answer: bytes) -> None:
    machine.says(answer)
    discovery.search()
    assert {provider.name for provider in llm.providers()} == {"demo"}


def test_a_port_that_does_not_answer_does_not_hold_up_the_start(machine: Wire) -> None:
    machine.says()
    began = time.monotonic()
    discovery.search()
    assert time.monotonic() - began < 3
    assert {provider.name for provider in llm.providers()} == {"demo"}


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "OPENROUTER_API_KEY"])
def test_with_a_key_nothing_is_looked_for(machine: Wire, settings: Settings, name: str) -> None:
    setattr(settings, name, "key")
    discovery.search()
    assert machine.bodies == []


def test_it_can_be_forbidden(machine: Wire, settings: Settings) -> None:
    settings.LLM_DISCOVERY = False
    discovery.search()
    assert machine.bodies == []


def test_a_base_url_offers_the_known_models_it_serves(wire: Wire) -> None:
    wire.says(listing({"id": "gpt-4o"}, {"id": "whisper"}))
    discovery.search()
    assert [model.id for model in llm.catalogue.visible()] == ["gpt-4o", "demo"]
    assert "Bearer sk-canary-7f3a" in wire.heads[0]


def test_a_base_url_that_knows_one_of_ours_offers_its_others_beside_it(wire: Wire) -> None:
    wire.says(listing({"id": "gpt-4o"}, {"id": "qwen3-8b"}, {"id": "house-model-v2"}))
    discovery.search()
    assert {model.id for model in llm.catalogue.visible()} == {"gpt-4o", "qwen3-8b", "house-model-v2", "demo"}


def test_a_base_url_that_knows_none_of_them_offers_its_own(wire: Wire) -> None:
    wire.says(listing({"id": "qwen"}))
    discovery.search()
    assert [model.id for model in llm.catalogue.visible()] == ["qwen", "demo"]
    assert llm.catalogue.get("qwen").provider == "openai"


def test_a_base_url_that_does_not_tell_is_not_given_a_catalogue_it_may_not_have(wire: Wire) -> None:
    wire.says(plain("404 Not Found", b""))
    discovery.search()
    assert [model.id for model in llm.catalogue.visible()] == ["demo"]


@pytest.mark.django_db
def test_a_serving_process_looks_at_its_start(wire: Wire) -> None:
    wire.says(listing({"id": "qwen"}))
    LanguageModels().start()
    assert llm.catalogue.default().id == "qwen"


def test_the_start_does_not_import_what_is_heavy() -> None:
    heavy = {"openai", "tiktoken", "numpy", "lxml", "pikepdf", "pypdf", "deepl", "typst"}
    code = f"import sys, kintsugi.asgi, kintsugi.urls, core.llm; sys.exit(' '.join({heavy} & set(sys.modules)) or 0)"
    subprocess.run([sys.executable, "-c", code], env=os.environ.copy(), check=True)


def test_equal_settings_share_an_adapter(settings: Settings) -> None:
    settings.OPENAI_API_KEY = "one"
    first = registry.config("openai")
    assert first
    assert registry.adapter(first) is registry.adapter(first)
    settings.OPENAI_API_KEY = "two"
    second = registry.config("openai")
    assert second
    assert registry.adapter(second) is not registry.adapter(first)
    assert "one" not in repr(first)


@pytest.mark.django_db
def test_the_check_says_what_is_demo_and_what_is_off(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_providers")
    out = capsys.readouterr().out
    assert "Demo" in out
    assert "works" in out
    assert "Neither OPENAI_API_KEY nor OPENAI_BASE_URL is set." in out


@pytest.mark.django_db
def test_the_check_fails_when_a_key_is_wrong(wire: Wire, capsys: pytest.CaptureFixture[str]) -> None:
    wire.says(plain("401 Unauthorized", b'{"error":{"code":"invalid_api_key","message":"sk-canary-7f3a"}}'))
    with pytest.raises(CommandError, match="not working"):
        call_command("check_providers")
    out = capsys.readouterr().out
    assert "provider_rejected_key" in out
    assert "canary" not in out


@pytest.mark.django_db
def test_the_check_fails_when_the_call_fails(wire: Wire, capsys: pytest.CaptureFixture[str]) -> None:
    wire.says(listing({"id": "gpt-4o"}))
    wire.says(plain("402 Payment Required", b"{}"))
    with pytest.raises(CommandError):
        call_command("check_providers", "--call", "--json")
    [openai] = [row for row in json.loads(capsys.readouterr().out)["providers"] if row["name"] == "openai"]
    assert (openai["called"], openai["works"]) == ("gpt-4o", False)
    assert openai["problem"].startswith("provider_quota")


@pytest.mark.django_db
def test_the_check_fails_when_nobody_answers(settings: Settings) -> None:
    settings.OPENAI_BASE_URL = "http://127.0.0.1:9/v1"
    with pytest.raises(CommandError):
        call_command("check_providers")
