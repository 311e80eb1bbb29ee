"""uvicorn's HTTP protocol, with an end to its patience: a line that brings no request is not kept."""

from __future__ import annotations

import asyncio
from typing import Any
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class PatientProtocol(HttpToolsProtocol):
    """Hangs up on whoever begins a request and does not go on with it.

    uvicorn waits for ever for the rest of a header and of a body, so a few hundred lines without an account would hold
    as many places. What comes slowly may come: only silence ends a body, as a phone in a tunnel uploads in bursts.
    """

    HEADER_SECONDS: ClassVar[float] = 10.0
    """From the opening of a line, or the first byte of its next request, to the end of the header."""
    BODY_SILENCE_SECONDS: ClassVar[float] = 60.0
    """Without one byte of a body that was promised."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._timer: asyncio.TimerHandle | None = None
        self._has_header = False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait(self.HEADER_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._has_header:
            self._wait(self.BODY_SILENCE_SECONDS)
        super().data_received(data)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._has_header = False
        # The first request has the rest of the time since the line was opened.
        if self._timer is None:
            self._wait(self.HEADER_SECONDS)

    def on_headers_complete(self) -> None:
        self._has_header = True
        self._wait(self.BODY_SILENCE_SECONDS)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._has_header = False
        self._stop()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        # From here on the line is a socket's, which has pings of its own.
        self._stop()
        super().handle_websocket_upgrade()

    def _wait(self, seconds: float) -> None:
        self._stop()
        self._timer = self.loop.call_later(seconds, self._hang_up)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _hang_up(self) -> None:
        if self.flow.read_paused:
            # The line is not silent: it is us who do not listen, until what came is used up.
            self._wait(self.BODY_SILENCE_SECONDS)
            return
        self._timer = None
        # The reader of the body hears of it as of any line that broke.
        self.transport.close()
