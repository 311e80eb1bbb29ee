"""A text as server-sent events: pieces as they are written, and the whole at the end."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import msgspec
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.asgi import ASGIRequest
from django.http import StreamingHttpResponse
from drf_spectacular.utils import PolymorphicProxySerializer
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from core.api.request import actor
from core.api.request import limit
from core.api.request import validated
from core.api.streaming import AnyAccept
from core.api.streaming import ReadyStream
from core.db_threads import in_db_thread
from core.errors import DomainError
from core.shapes import Shape
from translation import text_shapes
from translation.api.bodies import TextRequest
from translation.api.text_views import ask_of
from translation.models import Translation
from translation.presentation import texts as shown
from translation.services.texts import asking
from translation.services.texts import streaming
from translation.services.texts.asking import Begun
from translation.services.texts.streaming import Piece

logger = logging.getLogger(__name__)

_SHAPES: list[Any] = [text_shapes.TextDelta, text_shapes.TextReset, text_shapes.TextDone, text_shapes.TextFailed]
EVENTS = PolymorphicProxySerializer("TranslationEvent", serializers=_SHAPES, resource_type_field_name=None)


class TextStreamView(APIView):
    """A text, shown as it is written."""

    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="translation_stream", request=TextRequest, responses={(200, "text/event-stream"): EVENTS}
    )
    def post(self, request: Request) -> StreamingHttpResponse:
        """`delta` events, `reset` where what was shown is written anew, then `done` or `error`.

        Language models write while they are watched; other services answer in one piece. Whoever leaves ends it, and
        pays what was written.
        """
        limit(request, "translation")
        body = validated(request, TextRequest)
        ask, user = ask_of(body), actor(request)
        first = asking.known(user, ask, body.client_id)
        if first is not None:
            return respond(request, first)
        begun = asking.begin(user, ask, client_id=body.client_id)
        return respond(request, begun if begun.is_new else begun.translation)


def respond(request: Request, what: Begun | Translation) -> StreamingHttpResponse:
    """The events of a text that is begun, or the end of one that was done before."""
    if not isinstance(request._request, ASGIRequest):
        raise ImproperlyConfigured("Texts stream in the server's event loop: serve kintsugi.asgi, not WSGI.")
    return ReadyStream(
        _events(what) if isinstance(what, Begun) else _again(what),
        content_type="text/event-stream; charset=utf-8",
        headers={"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"},
    )


async def _again(row: Translation) -> AsyncGenerator[bytes]:
    yield await _done(row)


async def _events(begun: Begun) -> AsyncGenerator[bytes]:
    try:
        async with aclosing(streaming.run(begun)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Piece):
                    if piece.is_anew:
                        yield _event("reset", text_shapes.TextReset(reset=True))
                    yield _event("delta", text_shapes.TextDelta(delta=piece.text))
                else:
                    yield await _done(piece)
    except DomainError as error:
        yield b"event: error\ndata: %b\n\n" % msgspec.json.encode(error.body())
    except Exception:
        logger.exception("translation.stream_failed", extra={"translation": str(begun.translation.pk)})
        failed = text_shapes.TextFailed(error="Something went wrong.", code="internal_error")
        yield _event("error", failed)


async def _done(row: Translation) -> bytes:
    shape = await in_db_thread(shown.full, row)
    return _event("done", text_shapes.TextDone(done=True, translation=shape))


def _event(name: str, shape: Shape) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), shape.model_dump_json().encode())
