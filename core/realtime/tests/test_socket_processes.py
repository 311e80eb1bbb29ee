"""The socket of real servers, over TCP."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import time
from pathlib import Path

import pytest

from core.realtime.protocol import MAX_FRAME_BYTES
from tests.kit.servers import Server
from tests.kit.servers import serving
from tests.kit.sockets import opened

UVICORN = ("serve",)
DAPHNE = ("runserver", "--noreload", "127.0.0.1:{port}")
CANARY = "canary-" + secrets.token_hex(8)


def _signed_up(server: Server) -> str:
    name = f"user{secrets.token_hex(4)}"
    body = {"username": name, "email": f"{name}@example.com", "password": "correct-horse-7"}
    server.post("/api/auth/register", body).good()
    granted = server.post("/api/auth/login", {"email": name, "password": body["password"]}).good()
    return str(granted["access_token"])


def _ticket(server: Server, token: str) -> str:
    return str(server.post("/api/auth/ws-ticket", {}, token=token).good()["ticket"])


def _address(server: Server, token: str) -> str:
    return f"{server.url.replace('http', 'ws', 1)}/ws?token={token}"


async def _conversation(server: Server, token: str, *, too_large: int) -> None:
    """What must hold behind every server."""
    async with opened(_address(server, _ticket(server, token)), origin=server.url) as socket:
        await socket.greeted()
        assert socket.connection.protocol.extensions == []
        await socket.say("sync", {"streams": {}}, "1")
        synced = await socket.hear()
        assert (synced["type"], synced["id"], synced["payload"]["more"]) == ("synced", "1", False)
        await socket.say("ack", {}, "2")
        assert await socket.hear() == {"type": "ok", "id": "2", "payload": {}}
        await socket.text("nonsense")
        assert (await socket.ended())[0] == 4009
    async with opened(_address(server, token)) as socket:
        await socket.greeted()
        await socket.say("ack", "x" * MAX_FRAME_BYTES)
        assert (await socket.ended())[0] == too_large
    async with opened(_address(server, token), origin="https://evil.example") as socket:
        assert (await socket.ended())[0] == 4003
    hidden = _address(server, CANARY).replace("token=", "%74oken=")
    protocols = ["kintsugi.v1", f"bearer.{CANARY}"]
    for address, offered in ((_address(server, CANARY), None), (hidden, None), (hidden, protocols)):
        async with opened(address, subprotocols=offered) as socket:
            assert (await socket.ended())[0] == 4001
    protocols = ["kintsugi.v1", f"bearer.{token}"]
    async with opened(server.url.replace("http", "ws", 1) + "/ws", subprotocols=protocols) as socket:
        await socket.greeted()
        assert socket.connection.subprotocol == "kintsugi.v1"
        (await asyncio.to_thread(server.post, "/api/auth/logout", {}, token=token)).good()
        assert (await socket.ended())[0] == 4010


def _says_nothing_of(server: Server, *tokens: str) -> None:
    log = server.log
    for token in (CANARY, *tokens):
        assert token not in log
        assert token[:24] not in log
    assert "Traceback" not in log, log


async def test_under_uvicorn(tmp_path: Path) -> None:
    with serving(tmp_path, *UVICORN, LOG_LEVEL="DEBUG") as server:
        token, other = _signed_up(server), _signed_up(server)
        await _conversation(server, token, too_large=1009)
        async with opened(_address(server, other).replace("token=", "%74oken=")) as socket:
            await socket.greeted()
            stopped = asyncio.create_task(asyncio.to_thread(server.stop))
            assert (await socket.ended())[0] == 1012
            assert await stopped == 0, server.log
            assert "graceful shutdown exceeded" not in server.log, "nothing was waited for"
        _says_nothing_of(server, token, other)


async def test_under_daphne(tmp_path: Path) -> None:
    with serving(tmp_path, *DAPHNE, LOG_LEVEL="DEBUG") as server:
        token = _signed_up(server)
        # daphne can close with private codes only.
        await _conversation(server, token, too_large=4009)
        _says_nothing_of(server, token)


async def test_a_dead_line_is_noticed_within_fifteen_seconds(tmp_path: Path) -> None:
    with serving(tmp_path, *UVICORN) as server:
        token = _signed_up(server)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        writer.write(
            f"GET /ws?token={token} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        assert b"101" in await reader.readline()
        begun = time.monotonic()
        # From here on this end reads and never answers, as if the line were dead.
        async with asyncio.timeout(20):
            while await reader.read(65_536):
                pass
        assert time.monotonic() - begun < 16
        writer.close()


@pytest.mark.skipif(not os.environ.get("REDIS_URL"), reason="two processes meet in Redis")
async def test_a_logout_at_one_process_closes_the_socket_at_another(tmp_path: Path) -> None:
    with serving(tmp_path, *UVICORN) as one, one.beside(tmp_path) as two:
        token = _signed_up(one)
        async with opened(_address(two, token)) as socket:
            await socket.greeted()
            (await asyncio.to_thread(one.post, "/api/auth/logout", {}, token=token)).good()
            assert (await socket.ended())[0] == 4010
