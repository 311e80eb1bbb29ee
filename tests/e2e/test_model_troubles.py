"""What people see when a model is overloaded, turns out not to be there, or was switched off by its maker."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from core.llm.tests.servers import ModelServer
from tests.e2e.conftest import OpenBrowser
from tests.e2e.steps import answers
from tests.e2e.steps import composer
from tests.e2e.steps import register
from tests.e2e.steps import wait_for_end
from tests.kit.processes import manage
from tests.kit.servers import Server
from tests.kit.servers import serving

pytestmark = pytest.mark.e2e

_ROWS = [
    {"id": "kiln", "name": "Kiln", "successor": "kiln-2"},
    {"id": "kiln-2", "name": "Kiln 2"},
    {"id": "old-kiln", "provider": "anthropic", "name": "Old Kiln", "until": "2026-01-14", "successor": "kiln-2"},
]
_ANSWER = {
    "choices": [{"index": 0, "message": {"content": "Gold mends it."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13},
}
_CHAT = "/v1/chat/completions"


@dataclass
class Kilns:
    """A site whose models are those of one server of a test."""

    site: Server
    models: ModelServer


@pytest.fixture
def kilns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kilns]:
    folder = tmp_path_factory.mktemp("kilns")
    usual = {"provider": "openai", "context_window": 32768, "min_tier": "basic"}
    catalogue = folder / "models.json"
    catalogue.write_text(json.dumps({"models": [usual | row for row in _ROWS]}), encoding="utf-8")
    with ModelServer() as models:
        models.lists("kiln", "kiln-2")
        models.says(_CHAT, _ANSWER)
        told = {
            "OPENAI_BASE_URL": models.base_url,
            "LLM_CATALOGUE": str(catalogue),
            "DEFAULT_MODEL": "kiln",
            "DEMO_PROVIDERS": "false",
            # A second provider, to be offered in the place of the first; nobody asks it anything.
            "ANTHROPIC_API_KEY": "sk-ant-nobody",
            "NO_PROXY": "127.0.0.1",
        }
        with serving(folder, RATE_LIMIT_ENABLED="false", **told) as site:
            yield Kilns(site, models)


@pytest.fixture
def visit(kilns: Kilns, open_browser: OpenBrowser) -> Page:
    page = open_browser(kilns.site.url)
    register(page)
    return page


def _ask(page: Page, question: str) -> None:
    composer(page).fill(question)
    page.get_by_role("button", name="Send", exact=True).click()


def test_overloaded_gone_and_ended_each_have_a_way_on(kilns: Kilns, visit: Page) -> None:
    page = visit
    overloaded = {"error": {"type": "overloaded_error", "message": "Overloaded"}}
    kilns.models.says(_CHAT, overloaded, status=529)
    _ask(page, "What is kintsugi?")
    last = answers(page).last
    expect(last).to_contain_text("overloaded")
    expect(last.get_by_role("button", name="Ask Claude Haiku 5.5")).to_be_visible()

    gone = {"error": {"code": "model_not_found", "message": "The model `kiln` does not exist."}}
    kilns.models.says(f"{_CHAT}#kiln", gone, status=404)
    kilns.models.says(f"{_CHAT}#kiln-2", _ANSWER)
    last.get_by_role("button", name="Try again").click()
    expect(last).to_contain_text("does not have this model")
    last.get_by_role("button", name="Go on with Kiln 2").click()
    expect(answers(page).last).to_contain_text("Gold mends it.")
    wait_for_end(page)
    expect(page.get_by_role("button", name=re.compile("^Model: Kiln 2"))).to_be_visible()

    # As a chat is that was begun before the day.
    code = "from aichat.models import Chat; Chat.objects.update(model='old-kiln')"
    changed = manage("shell", "-v", "0", "-c", code, env=kilns.site.env)
    assert changed.returncode == 0, changed.stderr
    page.reload()
    note = page.get_by_role("status").filter(has_text="Old Kiln was switched off by its maker")
    expect(note.get_by_role("button", name="Go on")).to_be_visible()
    note.get_by_role("button", name=re.compile("^Choose another model")).click()
    menu = page.get_by_role("dialog", name="Choose another model")
    menu.get_by_role("button", name=re.compile("^Kiln 2")).click()
    expect(note).to_be_hidden()
    _ask(page, "And now?")
    expect(answers(page)).to_have_count(2)
    expect(answers(page).last).to_contain_text("Gold mends it.")
