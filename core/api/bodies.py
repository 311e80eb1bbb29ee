"""How much a client may send, decided before it is read.

Django's ASGI handler writes a whole request body to disk before anything of ours runs, and DRF's parsers read from
there without a limit. So the limit stands in front of the application.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable
from collections.abc import Callable
from typing import Any

from django.conf import settings

from core.errors import TooLarge
from core.ids import uuid7

logger = logging.getLogger(__name__)

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Any], Awaitable[None]]

_MULTIPART_ROOM = 1024 * 1024
"""What the form around an uploaded file may take."""


class _Exceeded(Exception):
    pass


def limited(
    application: Callable[[Message, Receive, Send], Awaitable[None]],
) -> Callable[[Message, Receive, Send], Awaitable[None]]:
    """The HTTP application, answering 413 for bodies over the limit without reading on."""

    async def limiting(scope: Message, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        limit = _limit(headers.get(b"content-type", b""))
        declared = headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            await _refuse(send)
            return
        try:
            await application(scope, _counting(receive, limit), send)
        except _Exceeded:
            await _refuse(send)

    return limiting


def _limit(content_type: bytes) -> int:
    if content_type.lower().startswith(b"multipart/"):
        return int(settings.MAX_UPLOAD_BYTES) + _MULTIPART_ROOM
    if content_type.lower().startswith(b"application/offset+octet-stream"):
        return int(settings.UPLOAD_CHUNK_BYTES)
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def _counting(receive: Receive, limit: int) -> Receive:
    """Raises _Exceeded while the body is read, which is before anything was answered."""
    taken = 0

    async def counting() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise _Exceeded
        return message

    return counting


async def _refuse(send: Send) -> None:
    error, request_id = TooLarge("What was sent is too large."), str(uuid7())
    logger.warning("A body over the limit was refused", extra={"request_id": request_id})
    headers = [
        (b"content-type", b"application/json"),
        (b"connection", b"close"),
        (b"x-request-id", request_id.encode()),
    ]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(error.body() | {"request_id": request_id}).encode()})
