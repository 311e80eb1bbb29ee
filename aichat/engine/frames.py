"""Answers as server-sent events.

Every event's id is a position: the length, in code points, of the message's text up to and including the event. So a
client that comes back says how much it has, and gets ``text[position:]``.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

import msgspec

from aichat.engine import engine
from aichat.engine.job import Outcome
from aichat.engine.transcript import Transcript
from aichat.models import ChatMessage

HEARTBEAT_SECONDS = 15.0
HEARTBEAT = b":\n\n"
_ERRORS = (ChatMessage.Status.INCOMPLETE, ChatMessage.Status.FAILED)

_encode = msgspec.json.encode


def start(position: int, body: dict[str, Any]) -> bytes:
    """The first event of a request that began or attached to an answer."""
    return b"event: start\nid: %d\ndata: %b\n\n" % (position, _encode(body))


def terminal(position: int, message_id: UUID, outcome: Outcome) -> bytes:
    """The last event: how the answer ended, or what went wrong, and what it cost."""
    figures = {
        "message_id": message_id,
        "prompt_tokens": outcome.prompt_tokens,
        "completion_tokens": outcome.completion_tokens,
        "total_tokens": outcome.prompt_tokens + outcome.completion_tokens,
        "estimated": outcome.estimated,
        "status": outcome.status,
    }
    if outcome.status in _ERRORS and outcome.error is not None:
        body = {"request_id": "", **outcome.error, **figures}
        return b"event: error\nid: %d.done\ndata: %b\n\n" % (position, _encode(body))
    body = {"delta": "", "done": True, "finish_reason": outcome.finish_reason or None, **figures}
    return b"id: %d.done\ndata: %b\n\n" % (position, _encode(body))


async def answer(
    row: ChatMessage, position: int, *, first: bytes = b"", begun: Transcript | None = None
) -> AsyncGenerator[bytes]:
    """``first`` (when there is one), the text of an answer from ``position`` on, and its end.

    ``begun`` is what :func:`engine.start` returned to the request that began the answer. Ends without a last event when
    this process can no longer see the answer; the client then asks again.
    """
    if first:
        yield first
    transcript = begun or engine.current().transcript(row)
    tail = b',"message_id":"%b","done":false}\n\n' % str(row.pk).encode()
    async for text in transcript.follow(position, idle=HEARTBEAT_SECONDS):
        if text:
            position += len(text)
            yield b'id: %d\ndata: {"delta":%b%b' % (position, _encode(text), tail)
        else:
            yield HEARTBEAT
    if transcript.outcome is not None:
        yield terminal(transcript.length, row.pk, transcript.outcome)
