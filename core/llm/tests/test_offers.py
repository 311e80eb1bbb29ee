"""What an account's own list says decides: row by row, with its ends, and never in silence."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError
from django.core.management import call_command
from pytest_django.fixtures import Settings

from core import llm
from core.llm import catalogue
from core.llm import discovery
from core.llm import presets
from core.llm import registry
from core.llm.errors import ModelEnded
from core.llm.errors import UnknownModel
from core.llm.rows import LONGEST_ID
from core.llm.tests.servers import ModelServer

Place = Callable[..., None]


@pytest.fixture
def place(server: ModelServer, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Move the host of a provider to the test's server and give it a key: it stays that provider's own host."""

    def move(name: str) -> None:
        preset = presets.BY_NAME[name]
        here = replace(preset, base_url=server.root if preset.protocol == "messages" else server.base_url)
        monkeypatch.setattr(presets, "HOSTED", (here,))
        settings.OPENAI_BASE_URL = ""
        setattr(settings, preset.key, "sk-canary-7f3a")

    return move


@pytest.fixture
def own_server(server: ModelServer, settings: Settings) -> ModelServer:
    """A server of the operator's own."""
    settings.OPENAI_BASE_URL = server.base_url
    return server


def visible() -> list[str]:
    return [model.id for model in catalogue.visible() if not model.is_demo]


def table(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    call_command("check_providers", "--json")
    return {row["name"]: row for row in json.loads(capsys.readouterr().out)["providers"]}


def test_only_what_the_account_has_is_offered(server: ModelServer, place: Place) -> None:
    place("openai")
    server.lists("gpt-6-luna", "gpt-4o", "gpt-6-tts", "whisper-2")
    discovery.search()
    assert visible() == ["gpt-6-luna", "gpt-4o"]
    with pytest.raises(UnknownModel):
        llm.stream([], model="gpt-6.2-sol", max_tokens=5)


def test_the_vendors_own_date_beats_ours(server: ModelServer, place: Place) -> None:
    place("openai")
    today, later = {"shutdown_date": "2026-11-29"}, {"shutdown_date": "2027-06-01"}
    server.lists({"id": "gpt-4o", **today}, "gpt-6.1-terra", {"id": "o1", **later})
    discovery.search()
    assert visible() == ["gpt-6.1-terra", "o1"]
    with pytest.raises(ModelEnded) as ended:
        catalogue.require("gpt-4o")
    assert ended.value.context["successor"] == "gpt-6.1-terra"


def test_what_the_facts_know_is_offered_under_more_with_the_tier_of_its_price(
    server: ModelServer, place: Place, settings: Settings
) -> None:
    place("openai")
    server.lists("gpt-6-luna", "gpt-5.4-nano", "gpt-5.5-pro", "gpt-99-unheard-of")
    discovery.search()
    assert visible() == ["gpt-6-luna", "gpt-5.4-nano", "gpt-5.5-pro"]
    nano, pro = catalogue.get("gpt-5.4-nano"), catalogue.get("gpt-5.5-pro")
    assert (nano.group, nano.min_tier, nano.until) == ("more", "basic", date(2027, 4, 1))
    assert (pro.min_tier, pro.tools, pro.vision) == ("premium_ultra", True, True)
    settings.LLM_OFFER = "curated"
    assert visible() == ["gpt-6-luna"]
    settings.LLM_OFFER = "all"
    assert visible()[-1] == "gpt-99-unheard-of"
    unheard = catalogue.get("gpt-99-unheard-of")
    assert (unheard.min_tier, unheard.input_price) == ("premium_ultra", None)


def test_anthropics_list_is_asked_in_its_own_way_and_makes_whole_rows(server: ModelServer, place: Place) -> None:
    place("anthropic")
    effort = {"low": {"supported": True}, "high": {"supported": True}}
    server.lists(
        "claude-opus-5-5",
        {
            "id": "claude-next-6",
            "display_name": "Claude Next",
            "max_input_tokens": 2_000_000,
            "max_tokens": 64_000,
            "capabilities": {"image_input": {"supported": True}, "effort": effort},
        },
    )
    discovery.search()
    assert visible() == ["claude-opus-5-5", "claude-next-6"]
    asked = server.headers[0]
    assert (asked["authorization"], "x-api-key" in asked) == ("Bearer sk-canary-7f3a", False)
    assert asked["anthropic-version"]
    assert server.asked == ["/v1/models?limit=1000"]
    found = catalogue.get("claude-next-6")
    assert (found.context_window, found.max_output_tokens, found.vision) == (2_000_000, 64_000, True)
    assert (found.efforts, found.min_tier) == (("low", "high"), "premium_ultra")


def test_openrouter_runs_what_no_maker_of_ours_does_and_prices_the_rest(server: ModelServer, place: Place) -> None:
    place("openrouter")
    new = {"id": "new/model", "context_length": 65536, "pricing": {"prompt": "0.0000001", "completion": "0.0000004"}}
    server.lists("anthropic/claude-opus-5.5", new, "no/price")
    discovery.search()
    assert visible() == ["claude-opus-5-5", "openrouter/new/model"]
    assert catalogue.get("claude-opus-5-5").wire_name == "anthropic/claude-opus-5.5"
    found = catalogue.get("openrouter/new/model")
    assert (found.wire_name, found.min_tier, str(found.output_price)) == ("new/model", "basic", "0.4000000")


def test_a_hosted_preset_offers_what_the_facts_know(server: ModelServer, place: Place) -> None:
    place("groq")
    server.lists("openai/gpt-oss-120b", "whisper-large-v3")
    discovery.search()
    assert visible() == ["groq/openai/gpt-oss-120b"]
    assert catalogue.get("groq/openai/gpt-oss-120b").wire_name == "openai/gpt-oss-120b"


def test_a_makers_host_that_gives_no_list_keeps_what_its_maker_sells(
    server: ModelServer, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    place("openai")
    server.says("/v1/models", {"error": {"message": "sk-canary-7f3a"}}, status=500)
    discovery.search()
    assert "gpt-6-luna" in visible()
    assert "provider_unavailable" in caplog.text
    assert "canary" not in caplog.text


@pytest.mark.django_db
def test_an_address_without_a_list_offers_what_the_operator_names_and_says_so(
    own_server: ModelServer, settings: Settings, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    discovery.search()
    assert visible() == []
    path = tmp_path / "own.json"
    path.write_text(json.dumps({"models": [{"id": "qwen", "provider": "openai", "context_window": 32768}]}))
    settings.LLM_CATALOGUE = path
    assert visible() == ["qwen"]
    with pytest.raises(CommandError):
        call_command("check_providers")
    out = capsys.readouterr().out
    assert "gave no list of its models" in out
    assert "only what LLM_CATALOGUE names is offered" in out


def test_an_address_without_its_v1_is_corrected_by_trying(own_server: ModelServer, settings: Settings) -> None:
    settings.OPENAI_BASE_URL = own_server.root
    own_server.lists("qwen")
    discovery.search()
    assert visible() == ["qwen"]
    config = registry.config("openai")
    assert config is not None
    assert config.base_url == own_server.base_url


def test_a_list_too_long_is_cut_with_a_word(
    own_server: ModelServer, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.LLM_MOST_MODELS = 3
    own_server.lists(*(f"model-{number}" for number in range(10)))
    discovery.search()
    assert visible() == ["model-0", "model-1", "model-2"]
    assert "7 models beyond LLM_MOST_MODELS" in caplog.text


@pytest.mark.django_db
def test_a_name_that_cannot_be_stored_is_not_offered_and_told(
    own_server: ModelServer, capsys: pytest.CaptureFixture[str]
) -> None:
    fits, too_long = "m" * LONGEST_ID, "m" * (LONGEST_ID + 1)
    own_server.lists(fits, too_long, {"id": 7}, "with\nbreak")
    report = table(capsys)["openai"]
    assert report["offered"] == [fits]
    assert "3 models cannot be used" in report["notes"][0]


def test_ends_of_a_maker_say_nothing_of_other_peoples_servers(
    own_server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "today", lambda: date(2027, 6, 1))
    own_server.lists("gpt-4o")
    discovery.search()
    assert visible() == ["gpt-4o"]


def test_a_failure_leaves_what_was_known(own_server: ModelServer) -> None:
    own_server.lists("qwen")
    discovery.search()
    own_server.says("/v1/models", b"oops", status=503)
    discovery.search()
    assert visible() == ["qwen"]


def test_another_key_is_another_account(server: ModelServer, place: Place, settings: Settings) -> None:
    place("openai")
    server.lists("gpt-6-luna")
    discovery.search()
    assert visible() == ["gpt-6-luna"]
    settings.OPENAI_API_KEY = "sk-another"
    assert "gpt-6.2-sol" in visible()
    assert discovery.due()


def test_the_first_route_that_works_is_taken(settings: Settings) -> None:
    settings.OPENROUTER_API_KEY = "key"
    luna = catalogue.get("gpt-6-luna")
    assert (luna.provider, luna.wire_name) == ("openrouter", "openai/gpt-6-luna")
    settings.OPENAI_API_KEY = "key"
    luna = catalogue.get("gpt-6-luna")
    assert (luna.provider, luna.wire_name) == ("openai", "gpt-6-luna")


@pytest.mark.parametrize("preset", presets.HOSTED, ids=lambda preset: preset.name)
def test_a_key_alone_switches_a_preset_on(preset: presets.Preset, settings: Settings) -> None:
    setattr(settings, preset.key, "sk-canary-7f3a")
    slot = registry.running()[preset.name]
    assert slot.reason == f"{preset.key} is set."
    assert slot.config is not None
    assert slot.config.list_url.startswith(preset.base_url)
    assert "canary" not in repr(slot)
    registry.adapter(slot.config)


class TestEnds:
    @pytest.fixture(autouse=True)
    def _key(self, settings: Settings) -> None:
        settings.OPENAI_API_KEY = settings.ANTHROPIC_API_KEY = settings.OPENROUTER_API_KEY = "key"

    def test_the_missions_six_have_their_ends_and_heirs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(catalogue, "today", lambda: date(2027, 1, 15))
        heirs = {
            "gpt-4o": "gpt-6.1-terra",
            "gpt-4-turbo": "gpt-6.2-sol",
            "gpt-4o-mini": "gpt-6-luna",
            "o1": "gpt-6.2-astra",
            "o3-mini": "gpt-6.1-terra",
            "claude-3-opus": "claude-opus-5-5",
        }
        gone = {model.id: model for model in catalogue.ended()}
        assert set(gone) == set(heirs)
        for name, heir in heirs.items():
            successor = catalogue.successor(gone[name])
            assert successor is not None
            assert (successor.id, successor.min_tier) == (heir, gone[name].min_tier)
            dearer = (successor.output_price or 0) > (gone[name].output_price or 0)
            assert bool(gone[name].note) == dearer
            with pytest.raises(ModelEnded) as refused:
                llm.stream([], model=name, max_tokens=5)
            assert refused.value.status == 410
            assert refused.value.context["successor"] == heir

    @pytest.mark.parametrize(("day", "offered"), [(date(2027, 1, 13), True), (date(2027, 1, 14), False)])
    def test_the_day_it_says_is_the_first_without_it(
        self, monkeypatch: pytest.MonkeyPatch, day: date, *, offered: bool
    ) -> None:
        monkeypatch.setattr(catalogue, "today", lambda: day)
        assert ("gpt-4o" in visible()) is offered

    def test_a_successor_that_is_not_to_be_had_is_not_named(self, settings: Settings) -> None:
        settings.ANTHROPIC_API_KEY = settings.OPENAI_API_KEY = settings.OPENROUTER_API_KEY = ""
        with pytest.raises(ModelEnded) as refused:
            catalogue.require("o1")
        assert refused.value.context["successor"] is None

    def test_the_default_is_none_that_is_about_to_go(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        settings.DEFAULT_MODEL = "gpt-4o"
        assert catalogue.default().id == "gpt-4o"
        for day in (date(2027, 1, 1), date(2027, 2, 1)):
            monkeypatch.setattr(catalogue, "today", lambda day=day: day)
            assert catalogue.default().id == "claude-opus-5-5"

    @pytest.mark.django_db
    def test_the_table_tells_it(self, server: ModelServer, place: Place, capsys: pytest.CaptureFixture[str]) -> None:
        place("openai")
        server.lists("gpt-4o", "gpt-6.1-terra")
        call_command("check_providers")
        out = capsys.readouterr().out
        assert "gpt-4o will be switched off on 2027-01-14; its successor is gpt-6.1-terra." in out
        assert "o1 was switched off on 2026-10-23; nothing on offer succeeds it." in out
        assert "Not in this account: gpt-6-luna" in out
        assert "canary" not in out

    def test_the_lightest_model_is_the_cheapest(self) -> None:
        assert catalogue.light().id == "gpt-6-luna"


class TestThisMachine:
    @pytest.fixture
    def here(self, server: ModelServer, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
        settings.OPENAI_API_KEY = settings.OPENAI_BASE_URL = ""
        settings.LLM_DISCOVERY = True

        def put(name: str) -> None:
            monkeypatch.setattr(presets, "LOCAL", (replace(presets.BY_NAME[name], base_url=server.base_url),))

        return put

    def test_ollama_tells_of_each_model_what_it_can(self, server: ModelServer, here: Callable[[str], None]) -> None:
        here("ollama")
        server.lists("llava:7b", "mute")
        told = {
            "capabilities": ["completion", "vision", "tools", "thinking"],
            "model_info": {"llama.context_length": 131072},
        }
        server.says("/api/show#llava:7b", told)
        server.says("/api/show#mute", b"not json")
        discovery.search()
        sees, mute = catalogue.get("llava:7b"), catalogue.get("mute")
        assert (sees.vision, sees.tools, sees.context_window) == (True, True, 131072)
        assert (mute.vision, mute.tools, mute.context_window) == (False, False, 8192)
        assert (sees.efforts, sees.effort, mute.efforts) == (("none", "low", "medium", "high"), "medium", ())

    def test_lmstudio_has_a_list_of_its_own(self, server: ModelServer, here: Callable[[str], None]) -> None:
        here("lmstudio")
        server.lists("qwen-vl")
        row = {"id": "qwen-vl", "type": "vlm", "max_context_length": 32768, "capabilities": ["tool_use", "reasoning"]}
        server.lists(row, path="/api/v0/models")
        discovery.search()
        model = catalogue.get("qwen-vl")
        assert (model.vision, model.tools, model.context_window) == (True, True, 32768)
        assert model.efforts == ("none", "low", "medium", "high")

    def test_llamacpp_has_its_properties(self, server: ModelServer, here: Callable[[str], None]) -> None:
        here("llamacpp")
        server.lists({"id": "/models/small.gguf", "meta": {"n_ctx_train": 999}})
        properties = {
            "default_generation_settings": {"n_ctx": 16384},
            "modalities": {"vision": True},
            "chat_template_caps": {"supports_tools": True, "supports_reasoning_effort": True},
        }
        server.says("/props", properties)
        discovery.search()
        model = catalogue.get("/models/small.gguf")
        assert (model.name, model.vision, model.tools, model.context_window) == ("small", True, True, 16384)
        assert model.efforts == ("none", "low", "medium", "high")

    def test_it_is_searched_beside_keys_only_when_asked_to(
        self, server: ModelServer, here: Callable[[str], None], place: Place, settings: Settings
    ) -> None:
        here("local")
        place("groq")
        server.lists("openai/gpt-oss-120b")
        discovery.search()
        assert visible() == ["groq/openai/gpt-oss-120b"]
        settings.LLM_DISCOVERY = "always"
        discovery.search()
        assert visible() == ["openai/gpt-oss-120b", "groq/openai/gpt-oss-120b"]
