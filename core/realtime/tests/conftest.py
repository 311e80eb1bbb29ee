"""What the tests of streams share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Iterator

import pytest

from core.realtime import catchup
from core.realtime import reading
from core.realtime import resolvers
from core.realtime.bus import Message
from core.realtime.bus import get_bus
from core.realtime.hub import Hub
from core.realtime.tests.peers import Client
from core.realtime.tests.peers import Rooms
from tests.kit.redis import RedisServer


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


class SilentBus:
    """Loses what is published; a test hands out what it wants to, as often and in the order it wants to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._bus = get_bus()
        self._publish = self._bus.publish
        self.lost: list[Message] = []
        monkeypatch.setattr(self._bus, "publish", self.lost.append)

    def ring(self, *messages: Message) -> None:
        for message in messages:
            self._publish(message)


@pytest.fixture
def silent_bus(monkeypatch: pytest.MonkeyPatch) -> SilentBus:
    return SilentBus(monkeypatch)


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[], object]], None]:
    """Let something happen once, in a database thread, right before or after a step of ``sync``."""

    def arrange(step: str, action: Callable[[], object]) -> None:
        module, name = {"heads": (reading, "heads"), "read": (catchup, "read")}[step.split()[1]]
        real, pending = getattr(module, name), [action]

        def patched(*args: object) -> object:
            if step.startswith("before") and pending:
                pending.pop()()
            answer = real(*args)
            if step.startswith("after") and pending:
                pending.pop()()
            return answer

        monkeypatch.setattr(module, name, patched)

    return arrange
