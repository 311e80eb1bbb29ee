"""The limit on request bodies, through the real ASGI application."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from django.conf import settings
from django.utils.module_loading import import_string


class Visit:
    """One request, sent in pieces; remembers how many pieces were read."""

    def __init__(self, pieces: list[bytes], content_type: str, *, declared: int | None = None) -> None:
        headers = [(b"host", b"localhost"), (b"content-type", content_type.encode())]
        if declared is not None:
            headers.append((b"content-length", str(declared).encode()))
        self.scope = {
            "type": "http", "http_version": "1.1", "method": "POST", "path": "/api/files", "raw_path": b"/api/files",
            "query_string": b"", "root_path": "", "scheme": "http", "headers": headers,
            "client": ("127.0.0.1", 1), "server": ("localhost", 80),
        }  # fmt: skip
        self.pieces = pieces
        self.read = 0
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        if self.read == len(self.pieces):
            await asyncio.Event().wait()  # the client stays
        self.read += 1
        body = self.pieces[self.read - 1]
        return {"type": "http.request", "body": body, "more_body": self.read < len(self.pieces)}

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    async def answer(self) -> tuple[int, dict[str, Any]]:
        application = import_string(settings.ASGI_APPLICATION)
        await application(self.scope, self.receive, self.send)
        body = b"".join(message.get("body", b"") for message in self.sent[1:])
        return self.sent[0]["status"], json.loads(body)


MEGABYTE = b"x" * 1024 * 1024
PARTS = "multipart/form-data; boundary=b"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("content_type", "limit"), [("application/json", 1), (PARTS, 21)])
async def test_a_body_that_declares_too_much_is_not_read(content_type: str, limit: int) -> None:
    visit = Visit([MEGABYTE], content_type, declared=limit * 1024 * 1024 + 1)
    status, body = await visit.answer()
    assert (status, body["code"], visit.read) == (413, "too_large", 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("content_type", "limit"), [("application/json", 1), (PARTS, 21)])
async def test_a_body_that_does_not_end_is_not_read_on(content_type: str, limit: int) -> None:
    visit = Visit([MEGABYTE] * 100, content_type)
    status, body = await visit.answer()
    assert (status, body["code"]) == (413, "too_large")
    assert visit.read == limit + 1


@pytest.mark.django_db(transaction=True)
async def test_a_body_within_the_limit_reaches_the_application() -> None:
    status, body = await Visit([MEGABYTE] * (settings.MAX_UPLOAD_BYTES // len(MEGABYTE)), PARTS).answer()
    assert (status, body["code"]) == (401, "unauthenticated")
