from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from core.llm import discovery
from core.llm.tests.wires import Wire
from tests.peers import llamacpp_process
from tests.peers import llamacpp_server
from tests.peers import llmock_process
from tests.peers import llmock_server

__all__ = ["llamacpp_process", "llamacpp_server", "llmock_process", "llmock_server"]


@pytest.fixture(autouse=True)
def _nothing_found() -> Iterator[None]:
    discovery.forget()
    yield
    discovery.forget()


@pytest.fixture
def wire(settings: Settings) -> Iterator[Wire]:
    """A socket that says exactly what a test wants, with the provider ``openai`` pointed at it."""
    with Wire() as wire:
        settings.OPENAI_API_KEY = "sk-canary-7f3a"
        settings.OPENAI_BASE_URL = wire.base_url
        yield wire
