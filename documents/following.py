"""``/api/jobs/ws/generation/<document>``: what is told of one document, and how it stands to begin with.

It is the house's own socket with less in it: the same hub hears the same stream of its user, and frames of anything
else are left out on their way. So there is one account of what happened, and nobody hears more here than at ``/ws``.
"""

from __future__ import annotations

import contextlib
import json
from typing import Any
from uuid import UUID

from core.db_threads import in_db_thread
from core.realtime import door
from core.realtime import frames
from core.realtime import handshake
from core.realtime import protocol
from core.realtime import streams
from core.realtime.events import Event
from core.realtime.identity import Identity
from core.realtime.names import user_stream
from core.realtime.socket import Socket
from documents.models import Document
from documents.models import DocumentRun
from documents.services import telling

_HELLO = "hello"
_CONTROL = frozenset({_HELLO, "ping", "ok", "error"})


async def serve(scope: door.Scope, receive: door.Receive, send: door.Send) -> None:
    """Until closed by either side; strangers are told that they may not, as whoever names no document is."""
    if (await receive())["type"] != "websocket.connect":
        return
    with contextlib.suppress(OSError):  # the client has gone meanwhile
        await send({"type": "websocket.accept", "subprotocol": handshake.subprotocol(scope)})
        identity = await door.identified(scope, send)
        if identity is None:
            return
        document_id: UUID = scope["url_route"]["kwargs"]["document_id"]
        begins = await in_db_thread(_present, identity, document_id)
        if begins is None:
            await send({"type": "websocket.close", "code": protocol.NOT_ALLOWED, "reason": "not_found"})
            return
        position, state = begins
        socket = Socket(identity, _only(document_id, send, state))
        await socket.live(_first(_sync(identity, position), receive))


def _present(identity: Identity, document_id: UUID) -> tuple[int, list[bytes]] | None:
    """Up to where the stream of the user is told by the frames beside it; None for what they may not see."""
    # The position first: what happens meanwhile is told twice, and not left out.
    position = streams.head(user_stream(identity.user.pk))
    document = Document.objects.visible_to(identity.user).filter(pk=document_id).first()
    if document is None:
        return None
    events: list[Event] = [telling.event_of(document)]
    last = DocumentRun.objects.filter(document=document).order_by("-id").first()
    if last is not None and (event := telling.event_of_run(last)) is not None:
        events.append(event)
    return position, [frames.encode(event.type, event) for event in events]


def _sync(identity: Identity, position: int) -> dict[str, Any]:
    """What a client of `/ws` says to hear what comes after a position; here nobody has to say it."""
    payload = {"streams": {str(user_stream(identity.user.pk)): position}}
    return {"type": "websocket.receive", "text": json.dumps({"type": "sync", "payload": payload})}


def _first(message: dict[str, Any], receive: door.Receive) -> door.Receive:
    waiting = [message]

    async def receiving() -> dict[str, Any]:
        return waiting.pop() if waiting else await receive()

    return receiving


def _only(document_id: UUID, send: door.Send, state: list[bytes]) -> door.Send:
    """Sends what is about this document, or about the socket itself; the present state behind the greeting."""
    wanted = str(document_id)

    async def sending(message: dict[str, Any]) -> None:
        if message["type"] != "websocket.send":
            await send(message)
            return
        frame = json.loads(message["text"])
        if frame["type"] in _CONTROL or _is_about(frame, wanted):
            await send(message)
        if frame["type"] == _HELLO:
            for told in state:
                await send({"type": "websocket.send", "text": told.decode()})

    return sending


def _is_about(frame: dict[str, Any], document_id: str) -> bool:
    if frame["type"] in {event.type for event in telling.JOB_EVENTS}:
        return bool(frame["payload"]["document_id"] == document_id)
    if frame["type"] in {event.type for event in telling.DOCUMENT_EVENTS}:
        return bool(frame["payload"]["id"] == document_id)
    return False
