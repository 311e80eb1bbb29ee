from __future__ import annotations

from collections.abc import AsyncIterator
from collections.abc import Iterator
from contextlib import suppress
from datetime import date

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from aichat.engine import engines
from aichat.tests.talking import Talk
from core import llm
from core.llm import discovery
from core.llm.tests.wires import Wire
from tests.peers import llamacpp_process
from tests.peers import llamacpp_server
from tests.peers import llmock_process
from tests.peers import llmock_server

__all__ = ["llamacpp_process", "llamacpp_server", "llmock_process", "llmock_server"]


@pytest.fixture(autouse=True)
def _quick_demo(settings: Settings) -> Iterator[None]:
    settings.LLM_DEMO_WORD_SECONDS = 0.001
    settings.DEFAULT_MODEL = "demo"
    discovery.forget()
    yield
    discovery.forget()


@pytest.fixture
def november(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day on which our list is as it was written; models end by the calendar."""
    monkeypatch.setattr(llm.catalogue, "today", lambda: date(2026, 11, 29))


@pytest.fixture
async def _engine_ends() -> AsyncIterator[None]:
    """Answers outlive their requests, but not their test."""
    yield
    with suppress(TimeoutError):
        await engines.current().drain()
    await engines.shut_down()


@pytest.fixture
async def talk(transactional_db: None, alice: User, _engine_ends: None) -> Talk:
    return await Talk.of(alice)


@pytest.fixture
async def stranger(transactional_db: None, charlie: User) -> Talk:
    return await Talk.of(charlie)


@pytest.fixture
def wire(settings: Settings) -> Iterator[Wire]:
    """A socket that says exactly what a test wants, with the provider ``openai`` pointed at it."""
    with Wire() as wire:
        settings.OPENAI_API_KEY = "sk-canary-7f3a"
        settings.OPENAI_BASE_URL = wire.base_url
        yield wire
