from __future__ import annotations

from collections.abc import AsyncIterator
from collections.abc import Iterator
from datetime import date

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from pytest_django.fixtures import Settings

from core.llm import catalogue
from core.llm import discovery
from core.llm import heard
from core.llm.tests.offering import Offer
from core.llm.tests.servers import ModelServer
from core.llm.tests.vendors import Vendors
from core.llm.tests.wires import Wire
from tests.peers import llamacpp_locked
from tests.peers import llamacpp_process
from tests.peers import llamacpp_server
from tests.peers import llamacpp_thinking
from tests.peers import llmock_process
from tests.peers import llmock_server

__all__ = [
    "llamacpp_locked",
    "llamacpp_process",
    "llamacpp_server",
    "llamacpp_thinking",
    "llmock_process",
    "llmock_server",
]


@pytest.fixture(autouse=True)
def _nothing_found() -> Iterator[None]:
    discovery.forget()
    heard.forget()
    yield
    discovery.forget()
    heard.forget()


@pytest.fixture(autouse=True)
def _november(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day on which our list is as it was written; models end by the calendar."""
    monkeypatch.setattr(catalogue, "today", lambda: date(2026, 11, 29))


@pytest.fixture
def server() -> Iterator[ModelServer]:
    """A server that lists what a test says."""
    with ModelServer() as server:
        yield server


@pytest.fixture
def wire(settings: Settings) -> Iterator[Wire]:
    """A socket that says exactly what a test wants, with the provider ``openai`` pointed at it."""
    with Wire() as wire:
        settings.OPENAI_API_KEY = "sk-canary-7f3a"
        settings.OPENAI_BASE_URL = wire.base_url
        yield wire


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch) -> Offer:
    return Offer(monkeypatch)


@pytest_asyncio.fixture
async def vendors(offer: Offer) -> AsyncIterator[Vendors]:
    """OpenAI, Anthropic and Google, in the loop of the test; see ``vendors.py``."""
    vendors = Vendors()
    async with TestServer(vendors.app) as server:
        vendors.url = str(server.make_url("")).rstrip("/")
        offer.runs("openai", f"{vendors.url}/v1", "responses")
        offer.runs("anthropic", vendors.url, "messages")
        offer.runs("gemini", f"{vendors.url}/v1beta", "gemini")
        yield vendors
