"""Answers that stream from the event loop."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from django.http import StreamingHttpResponse
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class ReadyStream(StreamingHttpResponse):
    """Pieces that are bytes already, so that no layer has to look at each one: tokens come by the thousand.

    ``kintsugi.handler`` reads ``pieces`` itself; any other handler finds a usual streaming response. No cookies.
    """

    def __init__(self, pieces: AsyncGenerator[bytes], **options: Any) -> None:
        super().__init__(pieces, **options)
        self.pieces = pieces


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
