"""What the API says is somebody's own, and no cache on the way keeps it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.test import AsyncClient

from accounts.models import User
from conftest import JsonClient
from conftest import bearer
from kintsugi.asgi import application

pytestmark = pytest.mark.django_db(transaction=True)
PERSONAL = ["/api/auth/me", "/api/auth/sessions", "/api/chats", "/api/conversations", "/api/v1/auth/me"]


@pytest.mark.parametrize("path", [*PERSONAL, "/api/no-such-page", "/api/conversations/no-such-id"])
def test_it_is_not_to_be_stored(alice_client: JsonClient, path: str) -> None:
    assert alice_client.get(path).headers["Cache-Control"] == "no-store"


def test_nor_is_a_refusal(anonymous: JsonClient) -> None:
    assert anonymous.get("/api/auth/me").headers["Cache-Control"] == "no-store"


async def _headers(path: str, authorization: str) -> dict[str, str]:
    """As it leaves the process: the API has a chain of middleware that Django's test client does not go through."""
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "path": path, "raw_path": path.encode(),
        "query_string": b"", "root_path": "", "scheme": "http", "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
        "headers": [(b"host", b"localhost"), (b"authorization", authorization.encode())],
    }  # fmt: skip
    asked = False

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if asked:
            await asyncio.Event().wait()
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await application(scope, receive, send)
    return {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}


@pytest.mark.parametrize("path", PERSONAL)
async def test_as_it_leaves_the_process(alice: User, path: str) -> None:
    from asgiref.sync import sync_to_async

    headers = await _headers(path, (await sync_to_async(bearer)(alice))["Authorization"])
    assert headers["cache-control"] == "no-store"


async def test_what_is_for_everybody_says_so_itself() -> None:
    assert (await AsyncClient().get("/")).headers.get("Cache-Control") != "no-store"
