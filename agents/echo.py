"""The echo service: what it was asked comes back, so that an agent can be tried without any account or network.

An ASGI app inside the process, under the reserved host ``echo.invalid``; functions reach it as they reach any server,
and it checks their signature as any receiver of Standard Webhooks does.
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import MutableMapping
from datetime import UTC
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from agents import signing

URL = "https://echo.invalid/echo"
TIME_URL = "https://echo.invalid/time"
TOLERANCE_SECONDS = 300
_MAX_BYTES = 256 * 1024

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


def service(secrets: Iterable[str]) -> App:
    """The service, knowing with what it may have been signed: it was told, as any other receiver is told by hand."""
    known = tuple(secrets)

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        path = scope["path"]
        if path == "/time":
            status, answer = 200, {"time": datetime.now(UTC).isoformat(timespec="seconds")}
        elif path == "/echo":
            status, answer = 200, _echo(scope, headers, body, known)
        else:
            status, answer = 404, {"error": "There is /echo and /time here."}
        content = json.dumps(answer, ensure_ascii=False).encode()
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())],
            }
        )
        await send({"type": "http.response.body", "body": content})

    return app


def _echo(scope: Message, headers: dict[str, str], body: bytes, secrets: tuple[str, ...]) -> dict[str, Any]:
    return {
        "method": scope["method"],
        "path": scope["path"],
        "query": parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True),
        "headers": headers,
        "body": _read(body),
        "signature": _signature(headers, body, secrets),
    }


def _signature(headers: dict[str, str], body: bytes, secrets: tuple[str, ...]) -> str:
    given = headers.get("webhook-signature")
    if given is None:
        return "none"
    at = headers.get("webhook-timestamp", "")
    if not at.isdigit() or abs(time.time() - int(at)) > TOLERANCE_SECONDS:
        return "too old"
    good = any(_is_good(headers.get("webhook-id", ""), at, body, given, secret) for secret in secrets)
    return "verified" if good else "wrong"


def _is_good(call_id: str, at: str, body: bytes, given: str, secret: str) -> bool:
    try:
        return signing.is_signed(call_id, at, body, given, secret)
    except ValueError:
        return False


def _read(body: bytes) -> Any:
    text = body.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


async def _body(receive: Receive) -> bytes:
    whole = bytearray()
    while True:
        message = await receive()
        whole += message.get("body", b"")
        if not message.get("more_body") or len(whole) > _MAX_BYTES:
            return bytes(whole[:_MAX_BYTES])
