"""The socket of real servers, over TCP."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import secrets
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from core.realtime.protocol import MAX_FRAME_BYTES
from tests.processes import Server
from tests.processes import serving

UVICORN = ("serve",)
DAPHNE = ("runserver", "--noreload", "127.0.0.1:{port}")
CANARY = "canary-" + secrets.token_hex(8)


def _post(server: Server, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read() or b"{}")  # type: ignore[no-any-return]


def _signed_up(server: Server) -> str:
    name = f"user{secrets.token_hex(4)}"
    body = {"username": name, "email": f"{name}@example.com", "password": "correct-horse-7"}
    _post(server, "/api/auth/register", body)
    granted = _post(server, "/api/auth/login", {"email": name, "password": body["password"]})
    return str(granted["access_token"])


def _ticket(server: Server, token: str) -> str:
    return str(_post(server, "/api/auth/ws-ticket", {}, token)["ticket"])


def _address(server: Server, token: str) -> str:
    return f"{server.url.replace('http', 'ws', 1)}/ws?token={token}"


async def _greeted(socket: ClientConnection) -> dict[str, Any]:
    hello: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 10))
    assert hello["type"] == "hello"
    return hello


async def _ended(socket: ClientConnection) -> tuple[int, list[dict[str, Any]]]:
    frames = []
    try:
        async with asyncio.timeout(10):
            while True:
                frames.append(json.loads(await socket.recv()))
    except ConnectionClosed as closed:
        return (closed.rcvd.code if closed.rcvd else 1006), frames


async def _conversation(server: Server, token: str, *, too_large: int) -> None:
    """What must hold behind every server."""
    async with connect(_address(server, _ticket(server, token)), origin=server.url) as socket:  # type: ignore[arg-type]
        await _greeted(socket)
        assert socket.protocol.extensions == []
        await socket.send('{"type": "sync", "id": "1", "payload": {"streams": {}}}')
        synced = json.loads(await socket.recv())
        assert (synced["type"], synced["id"], synced["payload"]["more"]) == ("synced", "1", False)
        await socket.send('{"type": "ack", "id": "2", "payload": {}}')
        assert json.loads(await socket.recv()) == {"type": "ok", "id": "2", "payload": {}}
        await socket.send("nonsense")
        assert (await _ended(socket))[0] == 4009
    async with connect(_address(server, token)) as socket:
        await _greeted(socket)
        await socket.send('{"type": "ack", "payload": "' + "x" * MAX_FRAME_BYTES + '"}')
        assert (await _ended(socket))[0] == too_large
    async with connect(_address(server, token), origin="https://evil.example") as socket:  # type: ignore[arg-type]
        assert (await _ended(socket))[0] == 4003
    hidden = _address(server, CANARY).replace("token=", "%74oken=")
    protocols: Any = ["kintsugi.v1", f"bearer.{CANARY}"]
    for address, offered in ((_address(server, CANARY), None), (hidden, None), (hidden, protocols)):
        async with connect(address, subprotocols=offered) as socket:
            assert (await _ended(socket))[0] == 4001
    protocols = ["kintsugi.v1", f"bearer.{token}"]
    async with connect(server.url.replace("http", "ws", 1) + "/ws", subprotocols=protocols) as socket:
        await _greeted(socket)
        assert socket.subprotocol == "kintsugi.v1"
        await asyncio.to_thread(_post, server, "/api/auth/logout", {}, token)
        assert (await _ended(socket))[0] == 4010


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
        async with connect(_address(server, other).replace("token=", "%74oken=")) as socket:
            await _greeted(socket)
            begun = time.monotonic()
            stopped = asyncio.create_task(asyncio.to_thread(server.stop))
            assert (await _ended(socket))[0] == 1012
            assert await stopped == 0, server.log
            assert time.monotonic() - begun < 8
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
        reader, writer = await asyncio.open_connection("127.0.0.1", int(server.url.rsplit(":", 1)[1]))
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
    with serving(tmp_path, *UVICORN) as one:
        token = _signed_up(one)
        two = Server(one.url, one.words, tmp_path / "second.log", one.env | {"PORT": str(_free(one))})
        two.url = f"http://127.0.0.1:{two.env['PORT']}"
        two.start()
        try:
            async with connect(_address(two, token)) as socket:
                await _greeted(socket)
                await asyncio.to_thread(_post, one, "/api/auth/logout", {}, token)
                assert (await _ended(socket))[0] == 4010
        finally:
            two.stop()


def _free(server: Server) -> int:
    from tests.processes import free_port

    port = free_port()
    return port if not server.url.endswith(f":{port}") else free_port()
