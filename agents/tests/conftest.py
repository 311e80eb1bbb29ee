"""What the tests of agents share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings

from agents.tests.mcp_hostile import Hostile
from core.tests.http_peer import Server


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
