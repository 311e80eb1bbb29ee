from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django.fixtures import Settings

from core import llm
from core.llm import catalogue
from core.llm import checks
from core.llm.errors import NoProvider
from core.llm.errors import UnknownModel


@pytest.fixture
def extra(tmp_path: Path, settings: Settings) -> Any:
    """Write the operator's file."""

    def write(*models: dict[str, Any]) -> None:
        path = tmp_path / f"catalogue-{len(list(tmp_path.iterdir()))}.json"
        path.write_text(json.dumps({"models": models}), encoding="utf-8")
        settings.LLM_CATALOGUE = path

    return write


def test_the_models_of_the_specification_are_known() -> None:
    for name in ("gpt-4o", "gpt-4-turbo", "gpt-4o-mini", "o1", "o3-mini", "claude-3-opus", "demo"):
        assert catalogue.get(name).id == name
    assert catalogue.get("gpt-4o").input_price == Decimal("2.50")
    with pytest.raises(UnknownModel) as refused:
        catalogue.get("gpt-9")
    assert refused.value.body() == {
        "error": "This model is not offered. Choose another one.",
        "code": "unknown_model",
        "model": "gpt-9",
    }


def test_only_what_something_runs_is_visible(settings: Settings) -> None:
    assert [model.id for model in catalogue.visible()] == ["demo"]
    settings.ANTHROPIC_API_KEY = "key"
    claude = ["claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5", "claude-fable-5-2"]
    assert [model.id for model in catalogue.visible()] == [*claude, "demo"]
    settings.OPENAI_API_KEY = "key"
    settings.DEMO_PROVIDERS = False
    assert [model.id for model in catalogue.visible()][:3] == ["gpt-6-luna", "claude-haiku-5-5", "gpt-6.1-terra"]
    assert not any(model.is_demo for model in catalogue.visible())


def test_a_known_model_without_a_provider_says_so() -> None:
    with pytest.raises(NoProvider):
        llm.stream([], model="gpt-4o", max_tokens=5)


def test_the_default_is_the_settings_when_it_is_visible(settings: Settings) -> None:
    assert catalogue.default().id == "demo"
    settings.OPENAI_API_KEY = "key"
    assert catalogue.default().id == "gpt-6.2-sol"
    assert catalogue.default(lambda tier: tier == "basic").id == "gpt-6-luna"
    settings.DEFAULT_MODEL = "gpt-6.2-astra"
    assert catalogue.default().id == "gpt-6.2-astra"
    settings.DEFAULT_MODEL = "claude-3-opus"
    assert catalogue.default().id == "gpt-6.2-sol"


def test_the_operators_file_adds_retires_and_re_prices(extra: Any, settings: Settings) -> None:
    settings.OPENAI_API_KEY = "key"
    extra(
        {"id": "gpt-4o", "input_price": 3, "min_tier": "basic"},
        {"id": "o1", "retired": True},
        {"id": "mine", "provider": "openai", "context_window": 9000, "upstream": "mine-v2"},
    )
    changed = catalogue.get("gpt-4o")
    assert (changed.input_price, changed.output_price, changed.min_tier) == (Decimal(3), Decimal("10.00"), "basic")
    assert "o1" not in {model.id for model in catalogue.visible()}
    added = catalogue.get("mine")
    assert (added.name, added.wire_name, added.input_price) == ("mine", "mine-v2", None)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"id": "x"}, "provider"),
        ({"id": "x", "provider": "nobody", "context_window": 1}, "provider 'nobody'"),
        ({"id": "gpt-4o", "input_price": "cheap"}, "'cheap' is not a price"),
        ({"id": "gpt-4o", "input_price": -1}, "not a price"),
        ({"id": "gpt-4o", "input_price": "NaN"}, "not a price"),
        ({"id": "gpt-4o", "colour": "gold"}, "colour"),
        ({"id": "gpt-4o", "parameters": ["top_k"]}, "top_k"),
        ({"id": "gpt-4o", "encoding": "latin"}, "encoding 'latin'"),
        ({"id": "gpt-4o", "context_window": 0}, "must not be empty"),
    ],
)
def test_an_unusable_entry_is_refused_with_a_sentence(extra: Any, entry: dict[str, Any], words: str) -> None:
    extra(entry)
    [problem] = [message for message in run_checks() if message.id == "llm.E001"]
    assert words in problem.msg
    assert entry["id"] in problem.msg
    with pytest.raises(ImproperlyConfigured):
        catalogue.visible()


@pytest.mark.parametrize("content", ["{", "[]", '{"models": 3}', '{"models": [{}]}', b"\xff"])
def test_an_unreadable_file_is_refused_with_a_sentence(
    tmp_path: Path, settings: Settings, content: str | bytes
) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    settings.LLM_CATALOGUE = path
    [problem] = checks.check_models()
    assert str(path) in problem.msg


def test_a_missing_file_is_refused_with_a_sentence(tmp_path: Path, settings: Settings) -> None:
    settings.LLM_CATALOGUE = tmp_path / "missing.json"
    [problem] = checks.check_models()
    assert "cannot be read" in problem.msg


def test_a_default_that_does_not_exist_is_a_warning(settings: Settings) -> None:
    assert checks.check_models() == []
    settings.DEFAULT_MODEL = "gpt-9"
    [caution] = checks.check_models()
    assert "'gpt-9'" in caution.msg


@pytest.mark.django_db
def test_the_public_configuration_says_which_providers_are_real(client: Client, settings: Settings) -> None:
    demo = {"name": "demo", "label": "Demo", "real": False}
    assert client.get("/api/config").json()["providers"]["llm"] == [demo]
    settings.OPENAI_API_KEY = "sk-canary"
    body = client.get("/api/config")
    assert body.json()["providers"]["llm"] == [{"name": "openai", "label": "OpenAI", "real": True}, demo]
    assert "canary" not in body.content.decode()
