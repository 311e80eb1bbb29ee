"""What the tests of agents share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings

from accounts.models import User
from agents import runner
from agents.tests.asking import Asker
from agents.tests.mcp_hostile import Hostile
from core.llm import discovery
from core.llm.tests.wires import Wire
from core.tests.http_peer import Server
from tests.peers import llmock_process
from tests.peers import llmock_server

__all__ = ["llmock_process", "llmock_server"]


@pytest.fixture
def peer(settings: Settings) -> Iterator[Server]:
    """A server on loopback that the operator lets functions call by plain http."""
    server = Server()
    settings.AGENT_HTTP_HOSTS = settings.AGENT_PRIVATE_HOSTS = [f"127.0.0.1:{server.http.server_port}"]
    yield server
    server.http.shutdown()
    server.http.server_close()


@pytest.fixture
def hostile(peer: Server) -> Hostile:
    """A server of tools that answers by hand."""
    return Hostile(peer)


@pytest.fixture(autouse=True)
def _closed_circuits() -> Iterator[None]:
    yield
    cache.clear()


@pytest.fixture
def _quick_demo(settings: Settings) -> Iterator[None]:
    settings.LLM_DEMO_WORD_SECONDS = 0.001
    discovery.forget()
    yield
    discovery.forget()


@pytest.fixture
async def _runs_end() -> AsyncIterator[None]:
    """Runs outlive their requests, but not their test."""
    yield
    await runner.current().shut_down()


@pytest.fixture
async def asker(transactional_db: None, alice: User, _quick_demo: None, _runs_end: None) -> Asker:
    return await Asker.of(alice)


@pytest.fixture
async def stranger(transactional_db: None, charlie: User) -> Asker:
    return await Asker.of(charlie)


@pytest.fixture
def wire(settings: Settings) -> Iterator[Wire]:
    """A socket that says exactly what a test wants, with the provider ``openai`` pointed at it."""
    with Wire() as wire:
        settings.OPENAI_API_KEY = "sk-canary-7f3a"
        settings.OPENAI_BASE_URL = wire.base_url
        yield wire
