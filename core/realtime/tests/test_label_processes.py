"""Telling one connection, by the front door of real servers: one alone, and two that meet in Redis."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import AsyncIterator
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.ids import uuid7
from tests.kit.redis import RedisServer
from tests.kit.servers import Server
from tests.kit.servers import serving
from tests.kit.sockets import Socket
from tests.kit.sockets import opened

PROBE = {"DJANGO_SETTINGS_MODULE": "tests.probe.settings"}


@pytest.fixture(params=["one process", "two processes"])
def servers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """Where the sockets of a test are opened: at one server, or at two."""
    if request.param == "one process":
        with serving(tmp_path, REDIS_URL="", **PROBE) as server:
            yield server, server
        return
    redis: RedisServer = request.getfixturevalue("redis_server")
    with serving(tmp_path, REDIS_URL=redis.url(), **PROBE) as one, one.beside(tmp_path) as two:
        yield one, two


def _signed_up(server: Server) -> str:
    name = f"user{secrets.token_hex(4)}"
    body = {"username": name, "email": f"{name}@example.com", "password": "correct-horse-7"}
    server.post("/api/auth/register", body).good()
    return str(server.post("/api/auth/login", {"email": name, "password": body["password"]}).good()["access_token"])


class Tab:
    """A socket that is live; what the probe told it is in ``told``."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._count = 0
        self.told: list[str] = []

    async def ask(self, command: str, **payload: Any) -> None:
        """Send a command and wait for its answer."""
        self._count += 1
        number = str(self._count)
        await self._socket.say(command, payload, number)
        while (frame := await self._hear()).get("id") != number:
            pass
        assert frame["type"] in ("ok", "synced"), frame

    async def until(self, text: str) -> None:
        """Wait until it was told this."""
        while text not in self.told:
            await self._hear()

    async def _hear(self) -> dict[str, Any]:
        frame = await self._socket.hear()
        if frame["type"] == "probe.whispered":
            self.told.append(frame["payload"]["text"])
        return frame


@contextlib.asynccontextmanager
async def tab(server: Server, token: str) -> AsyncIterator[Tab]:
    """A live socket of this user at this server."""
    async with opened(f"{server.url.replace('http', 'ws', 1)}/ws?token={token}") as socket:
        await socket.greeted()
        made = Tab(socket)
        await made.ask("sync", streams={})
        yield made


async def test_a_label_reaches_its_connection_alone_wherever_it_is(servers: tuple[Server, Server]) -> None:
    here, there = servers
    alices, bobs = _signed_up(here), _signed_up(here)
    desk, phone = str(uuid7()), str(uuid7())
    async with (
        tab(here, alices) as one,
        tab(there, alices) as two,
        tab(there, alices) as three,
        tab(there, bobs) as bob,
    ):
        await one.ask("probe.label", label=desk)
        await two.ask("probe.label", label=phone)
        await three.ask("probe.label", label=phone)
        await three.ask("probe.unlabel", label=phone)
        await one.ask("probe.whisper", text="from the desk to the phone", only=phone)
        await two.ask("probe.whisper", text="from the phone to the desk", only=desk)
        await bob.ask("probe.whisper", text="from a stranger to the desk", only=desk)
        for sender, name in ((one, "desk"), (two, "phone")):
            await sender.ask("probe.whisper", text=f"from the {name} to all")
        await bob.ask("probe.whisper", text="from bob to himself")
        # What one process told comes in order, what two told in any.
        for each in (one, two, three):
            await each.until("from the desk to all")
            await each.until("from the phone to all")
        await bob.until("from bob to himself")
    to_all = ["from the desk to all", "from the phone to all"]
    assert sorted(one.told) == sorted([*to_all, "from the phone to the desk"])
    assert sorted(two.told) == sorted([*to_all, "from the desk to the phone"])
    assert sorted(three.told) == sorted(to_all)
    assert bob.told == ["from bob to himself"]
