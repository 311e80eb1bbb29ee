"""Answers as server-sent events: one place that begins them and follows them.

Every event's id is a position: the length, in code points, of the message's text up to and including the event. So a
client that comes back says how much it has, and gets ``text[position:]``.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

import msgspec
from asgiref.sync import async_to_sync
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework.request import Request

from aichat import presentation
from aichat import shapes
from aichat.costs import Costs
from aichat.costs import shown_to
from aichat.engine import engines
from aichat.models import ChatMessage
from aichat.services import answers
from aichat.services.messages import Exchange
from core.api.request import actor
from core.api.streaming import ReadyStream
from core.errors import InvalidInput
from core.llm.generation import AnswerOutcome
from core.llm.generation import Thinking
from core.llm.generation import Transcript
from core.shapes import Shape

HEARTBEAT_SECONDS = 15.0
_HEARTBEAT = b":\n\n"
_ERRORS = (ChatMessage.Status.INCOMPLETE, ChatMessage.Status.FAILED)

_SHAPES: list[Any] = [shapes.StartEvent, shapes.DeltaEvent, shapes.ThinkingEvent, shapes.DoneEvent, shapes.ErrorEvent]
EVENTS = PolymorphicProxySerializer("AnswerEvent", serializers=_SHAPES, resource_type_field_name=None)
"""The bodies of the events, for the schema."""

RESPONSES = {(200, "text/event-stream"): EVENTS}
POSITION = [
    OpenApiParameter("Last-Event-ID", str, OpenApiParameter.HEADER, description="The id of the last event received."),
    OpenApiParameter("last_event_id", str, description="The same, for those who cannot set headers."),
]


def begin(request: Request, exchange: Exchange) -> StreamingHttpResponse:
    """Have the attempt written when there is one to begin, and show the answer from where it begins."""
    _require_loop(request)
    position, begun = 0, None
    costs = shown_to(actor(request))
    if exchange.attempt is not None:
        position = len(exchange.attempt.base)
        begun = async_to_sync(engines.start)(exchange.attempt)
    start = presentation.exchange(
        exchange.user_message,
        exchange.message,
        costs=costs,
        files=exchange.files,
        siblings=exchange.siblings,
        left_out=exchange.left_out,
        position=position,
        succeeded=exchange.succeeded,
    )
    first = b"event: start\nid: %d\ndata: %b\n\n" % (position, _body(start))
    return _response(exchange.message, position, costs, first=first, begun=begun)


def resume(request: Request, row: ChatMessage, position: int) -> StreamingHttpResponse:
    """Show an answer from ``position`` on."""
    _require_loop(request)
    return _response(row, position, shown_to(actor(request)))


def last_position(request: Request) -> int | None:
    """What the client has, from ``Last-Event-ID``; None when it has everything. Raises InvalidInput."""
    given = request.headers.get("Last-Event-ID") or request.query_params.get("last_event_id") or "0"
    number, dot, rest = given.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 10) or (dot and rest != "done"):
        raise InvalidInput(details={"last_event_id": ["This is not the id of an event of ours."]})
    return None if dot else int(number)


def _response(
    row: ChatMessage, position: int, costs: Costs, *, first: bytes = b"", begun: Transcript | None = None
) -> StreamingHttpResponse:
    return ReadyStream(
        _events(row, position, costs, first=first, begun=begun),
        content_type="text/event-stream; charset=utf-8",
        headers={"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"},
    )


async def _events(
    row: ChatMessage, position: int, costs: Costs, *, first: bytes = b"", begun: Transcript | None = None
) -> AsyncGenerator[bytes]:
    """``first`` (when there is one), all that is thought, the text of an answer from ``position`` on, and its end.

    ``begun`` is what the engine returned to the request that began the answer. Ends without a last event when this
    process can no longer see the answer; the client then asks again.
    """
    if first:
        yield first
    transcript = begun or engines.current().transcript(row.pk, answers.snapshot(row))
    tail = b',"message_id":"%b","done":false}\n\n' % str(row.pk).encode()
    async for piece in transcript.watch(position, idle=HEARTBEAT_SECONDS):
        if isinstance(piece, Thinking):
            yield _thinking(row.pk, piece)
        elif piece:
            position += len(piece)
            yield b'id: %d\ndata: {"delta":%b%b' % (position, _encode(piece), tail)
        else:
            yield _HEARTBEAT
    if transcript.outcome is not None:
        yield _last(transcript.length, row.pk, transcript.outcome, costs)


def _thinking(message_id: UUID, news: Thinking) -> bytes:
    """Without an id, so that the position of a client that comes back stays one in the text."""
    body = {"message_id": str(message_id), "from": news.start, "delta": news.text, "seconds": round(news.seconds, 1)}
    return b"event: thinking\ndata: %b\n\n" % _encode(body)


def _last(position: int, message_id: UUID, outcome: AnswerOutcome, costs: Costs) -> bytes:
    """The last event: how the answer ended, or what went wrong, and what it cost."""
    used = outcome.prompt_tokens + outcome.completion_tokens
    figures = {
        "message_id": message_id,
        "prompt_tokens": outcome.prompt_tokens,
        "completion_tokens": outcome.completion_tokens,
        "total_tokens": used,
        "reasoning_tokens": outcome.reasoning_tokens,
        "thinking_ms": outcome.thinking_ms,
        "effort": outcome.effort,
        "cached_tokens": outcome.cached_tokens,
        "cache_write_tokens": outcome.cache_write_tokens,
        "cost": costs.amount(outcome.cost),
        "priced": costs.day(outcome.priced),
        "held_tokens": outcome.held_tokens,
        "released_tokens": presentation.released(outcome.held_tokens, used),
        "estimated": outcome.estimated,
        "status": outcome.status,
    }
    if outcome.status in _ERRORS and outcome.error is not None:
        failed = shapes.ErrorEvent.model_validate({"request_id": "", **outcome.error, **figures})
        return b"event: error\nid: %d.done\ndata: %b\n\n" % (position, _body(failed))
    done = shapes.DoneEvent.model_validate(
        {"delta": "", "done": True, "finish_reason": outcome.finish_reason or None, **figures}
    )
    return b"id: %d.done\ndata: %b\n\n" % (position, _body(done))


def _body(event: Shape) -> bytes:
    return event.model_dump_json(exclude_unset=True).encode()


_encode = msgspec.json.encode


def _require_loop(request: Request) -> None:
    if not isinstance(request._request, ASGIRequest):
        raise ImproperlyConfigured("Answers are written in the server's event loop: serve kintsugi.asgi, not WSGI.")
