"""What the tests of streams share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from collections.abc import Iterator

import pytest

from core.realtime import resolvers
from core.realtime.hub import Hub
from core.realtime.tests.peers import Client
from core.realtime.tests.peers import RedisServer
from core.realtime.tests.peers import Rooms


@pytest.fixture
def rooms(transactional_db: None) -> Iterator[Rooms]:
    """Rooms of kind ``t``."""
    resolver = Rooms()
    resolvers.register(resolver)
    yield resolver
    resolvers.unregister(resolver)


@pytest.fixture(params=["send", "wire"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How frames go out: by ASGI's send, or prepared."""
    monkeypatch.setattr(Client, "is_wired", request.param == "wire")
    return str(request.param)


@pytest.fixture
async def hub(rooms: Rooms, way: str) -> AsyncIterator[Hub]:
    """A hub of its own, as another process would have one."""
    made = Hub()
    yield made
    await made.stop()


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A Redis that a test may kill."""
    if not RedisServer.is_possible():
        pytest.skip("needs redis-server")
    server = RedisServer()
    server.start()
    yield server
    server.kill()
