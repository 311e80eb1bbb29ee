"""Answers over HTTP: one place that begins them, follows them and lets them go."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from aichat import presentation
from aichat.api import serializers
from aichat.engine import engine
from aichat.engine import frames
from aichat.engine.transcript import Transcript
from aichat.models import ChatMessage
from aichat.services.messages import Exchange
from core.api.streaming import ReadyStream
from core.errors import InvalidInput

EVENTS = PolymorphicProxySerializer(
    component_name="AnswerEvent",
    serializers=[
        serializers.StartEventSerializer,
        serializers.DeltaEventSerializer,
        serializers.DoneEventSerializer,
        serializers.ErrorEventSerializer,
    ],
    resource_type_field_name=None,
)
"""The bodies of the events, for the schema."""

RESPONSES = {(200, "text/event-stream"): EVENTS}
POSITION = [
    OpenApiParameter("Last-Event-ID", str, OpenApiParameter.HEADER, description="The id of the last event received."),
    OpenApiParameter("last_event_id", str, description="The same, for those who cannot set headers."),
]


class AnyAccept(BaseContentNegotiation):
    """A client that accepts only ``text/event-stream`` still gets its errors as JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """The one for the request's content type."""
        return next((parser for parser in parsers if parser.media_type in (request.content_type or "")), None)

    def select_renderer(
        self, _request: Request, renderers: Any, _format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The first, whatever was asked for."""
        return renderers[0], renderers[0].media_type


def begin(request: Request, exchange: Exchange) -> StreamingHttpResponse:
    """Start the answer's engine when there is a job, and show the answer from where this attempt begins."""
    _require_loop(request)
    position, begun = 0, None
    if exchange.job is not None:
        position = len(exchange.job.base)
        begun = async_to_sync(engine.start)(exchange.job)
    body = presentation.exchange(
        exchange.user_message,
        exchange.message,
        files=exchange.files,
        siblings=exchange.siblings,
        left_out=exchange.left_out,
        position=position,
    )
    return _response(exchange.message, position, first=frames.start(position, body), begun=begun)


def resume(request: Request, row: ChatMessage, position: int) -> StreamingHttpResponse:
    """Show an answer from ``position`` on."""
    _require_loop(request)
    return _response(row, position)


def last_position(request: Request) -> int | None:
    """What the client has, from ``Last-Event-ID``; None when it has everything. Raises InvalidInput."""
    given = request.headers.get("Last-Event-ID") or request.query_params.get("last_event_id") or "0"
    number, dot, rest = given.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 10) or (dot and rest != "done"):
        raise InvalidInput(details={"last_event_id": ["This is not the id of an event of ours."]})
    return None if dot else int(number)


def _response(
    row: ChatMessage, position: int, *, first: bytes = b"", begun: Transcript | None = None
) -> StreamingHttpResponse:
    return ReadyStream(
        frames.answer(row, position, first=first, begun=begun),
        content_type="text/event-stream; charset=utf-8",
        headers={"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"},
    )


def _require_loop(request: Request) -> None:
    if not isinstance(request._request, ASGIRequest):
        raise ImproperlyConfigured("Answers are written in the server's event loop: serve kintsugi.asgi, not WSGI.")
