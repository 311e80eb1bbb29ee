"""A model that its provider lists and does not have is hidden for a while."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from pytest_django.fixtures import Settings

from core.llm import catalogue
from core.llm import discovery
from core.llm import listings
from core.llm.errors import ModelGone
from core.llm.errors import UnknownModel
from core.llm.tests.asking import ask
from core.llm.tests.servers import ModelServer


@pytest.fixture
def listed(server: ModelServer, settings: Settings) -> ModelServer:
    settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL, settings.LLM_RETRIES = "", server.base_url, 0
    server.lists("gpt-4o", "qwen")
    discovery.search()
    return server


@pytest.mark.parametrize("name", ["gpt-4o", "qwen"])
async def test_it_is_hidden_and_the_list_is_asked_again(listed: ModelServer, name: str) -> None:
    assert {model.id for model in catalogue.visible()} == {"gpt-4o", "qwen", "demo"}
    assert not discovery.due()
    error = {"message": f"The model `{name}` does not exist.", "code": "model_not_found"}
    listed.says("/v1/chat/completions", {"error": error}, status=404)
    with pytest.raises(ModelGone):
        await ask("Hi", model=name)
    other = {"gpt-4o", "qwen"} - {name}
    assert {model.id for model in catalogue.visible()} == {*other, "demo"}
    with pytest.raises(UnknownModel):
        catalogue.require(name)
    assert discovery.due()


def test_a_list_that_still_names_it_brings_it_back_after_an_hour_only(
    listed: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = listings.everything()[0].config
    listings.lose(config, "qwen")
    discovery.search()
    assert not discovery.due()
    assert "qwen" not in {model.id for model in catalogue.visible()}
    later = time.monotonic() + listings.HIDDEN_SECONDS + 1
    monkeypatch.setattr("core.llm.listings.time", SimpleNamespace(monotonic=lambda: later))
    assert "qwen" in {model.id for model in catalogue.visible()}


async def test_any_other_refusal_hides_nothing(listed: ModelServer) -> None:
    listed.says("/v1/chat/completions", {"error": {"message": "no", "code": "odd"}}, status=400)
    with pytest.raises(Exception, match="did not accept"):
        await ask("Hi", model="qwen")
    assert "qwen" in {model.id for model in catalogue.visible()}
