"""The limit on request bodies, through the real ASGI application."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from asgiref.sync import sync_to_async
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts import tokens
from accounts.models import Session
from accounts.models import User
from accounts.services import sessions


class Visit:
    """One request, sent in pieces; remembers how many pieces were read."""

    def __init__(
        self, pieces: list[bytes], content_type: str, *, declared: int | None = None, bearer: str = ""
    ) -> None:
        headers = [(b"host", b"localhost"), (b"content-type", content_type.encode())]
        if bearer:
            headers.append((b"authorization", f"Bearer {bearer}".encode()))
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


OFFSET = "application/offset+octet-stream"


@pytest.fixture
def token(alice: User) -> str:
    return sessions.open_session(alice).access_token


def forged(token: str) -> str:
    claims = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(claims, "not-the-secret-of-this-house-0123456789", algorithm="HS256")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("content_type", "limit"), [("application/json", 1), (PARTS, 21), (OFFSET, 4)])
async def test_a_body_that_declares_too_much_is_not_read(token: str, content_type: str, limit: int) -> None:
    visit = Visit([MEGABYTE], content_type, declared=limit * 1024 * 1024 + 1, bearer=token)
    status, body = await visit.answer()
    assert (status, body["code"], visit.read) == (413, "too_large", 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("content_type", "limit"), [("application/json", 1), (PARTS, 21)])
async def test_a_body_that_does_not_end_is_not_read_on(token: str, content_type: str, limit: int) -> None:
    visit = Visit([MEGABYTE] * 100, content_type, bearer=token)
    status, body = await visit.answer()
    assert (status, body["code"]) == (413, "too_large")
    assert visit.read == limit + 1


@pytest.mark.django_db(transaction=True)
async def test_a_body_within_the_limit_reaches_the_application(token: str) -> None:
    pieces = [MEGABYTE] * (settings.MAX_UPLOAD_BYTES // len(MEGABYTE))
    status, body = await Visit(pieces, PARTS, bearer=token).answer()
    assert (status, body["code"]) == (400, "file_missing")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("content_type", [PARTS, OFFSET])
@pytest.mark.parametrize("bearer", ["none", "made up", "forged", "run out", "a refresh token"])
async def test_of_strangers_no_file_is_read(alice: User, token: str, content_type: str, bearer: str) -> None:
    """They would be refused in the end, after it was all written to disk; the same answer comes now.

    A browser whose token ran out renews it at a 401 and sends again.
    """
    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        old = tokens.access_token(await Session.objects.aget(), at=timezone.now())
    grant = await sync_to_async(sessions.open_session)(alice)
    said = {
        "none": "",
        "made up": "x" * 40,
        "forged": forged(token),
        "run out": old,
        "a refresh token": grant.refresh_token,
    }[bearer]
    visit = Visit([MEGABYTE] * 100, content_type, bearer=said)
    status, body = await visit.answer()
    assert (status, body["code"]) == (401, "unauthenticated")
    assert visit.read == 2
    declared = Visit([MEGABYTE] * 2, content_type, bearer=said, declared=2 * len(MEGABYTE))
    assert (await declared.answer())[0] == 401
    assert declared.read == 0
