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
from django.utils.module_loading import import_string

from core.errors import DomainError
from core.errors import TooLarge
from core.errors import Unauthenticated
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
    """The HTTP application, answering 413 for bodies over the limit without reading on.

    Files come only from somebody signed in: of whoever is not, no more is read than of a form, and the answer is the
    401 they would get when it was all on disk.
    """

    async def limiting(scope: Message, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        limit, error = _limit(headers, is_api=scope["path"].startswith("/api/"))
        declared = headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            await _refuse(send, error)
            return
        try:
            await application(scope, _counting(receive, limit), send)
        except _Exceeded:
            await _refuse(send, error)

    return limiting


def _limit(headers: dict[bytes, bytes], *, is_api: bool) -> tuple[int, DomainError]:
    """Bytes, and what more of them are answered with."""
    plain, content_type = int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE), headers.get(b"content-type", b"").lower()
    too_large = TooLarge("What was sent is too large.")
    if content_type.startswith(b"multipart/"):
        most = int(settings.MAX_UPLOAD_BYTES) + _MULTIPART_ROOM
    elif content_type.startswith(b"application/offset+octet-stream"):
        most = int(settings.UPLOAD_CHUNK_BYTES)
    else:
        return plain, too_large
    if is_api and not _is_signed(headers.get(b"authorization", b"")):
        return plain, Unauthenticated()
    return most, too_large


def _is_signed(authorization: bytes) -> bool:
    """Whether a bearer token is there that we signed; whether its session lives is asked later, by a query."""
    scheme, _, token = authorization.decode("latin-1").partition(" ")
    looks_signed: Callable[[str], bool] = import_string(settings.SIGNED_TOKEN)
    return scheme.lower() == "bearer" and looks_signed(token.strip())


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


async def _refuse(send: Send, error: DomainError) -> None:
    request_id = str(uuid7())
    logger.warning("A body over the limit was refused", extra={"request_id": request_id})
    headers = [
        (b"content-type", b"application/json"),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
        (b"x-request-id", request_id.encode()),
    ]
    if isinstance(error, Unauthenticated):
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(error.body() | {"request_id": request_id}).encode()})
