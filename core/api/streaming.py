"""Answers that stream from the event loop."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from django.http import StreamingHttpResponse


class ReadyStream(StreamingHttpResponse):
    """Pieces that are bytes already, so that no layer has to look at each one: tokens come by the thousand.

    ``kintsugi.handler`` reads ``pieces`` itself; any other handler finds a usual streaming response. No cookies.
    """

    def __init__(self, pieces: AsyncGenerator[bytes], **options: Any) -> None:
        super().__init__(pieces, **options)
        self.pieces = pieces
