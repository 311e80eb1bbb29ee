"""``manage.py serve``: the production server."""

from __future__ import annotations

import os
import signal
import socket
import sys
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand
from django.core.management.base import CommandError
from django.core.management.base import CommandParser

from core.realtime.protocol import MAX_FRAME_BYTES


class Command(BaseCommand):
    """uvicorn as it was measured: uvloop, httptools, prepared WebSocket frames without deflate, our own access log.

    The same from the command line: ``uvicorn kintsugi.asgi:application --loop uvloop --http httptools
    --ws kintsugi.frames:FramesProtocol --ws-per-message-deflate false --no-access-log``.
    """

    help = "Serve HTTP on BIND:PORT (WEB_CONCURRENCY processes)."
    # The checks run in `migrate` and in CI; here they would only delay the start of every process.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bind", default=settings.CONFIG.bind, help="Address to listen on (BIND).")
        parser.add_argument("--port", type=int, default=settings.CONFIG.port, help="Port to listen on (PORT).")
        parser.add_argument("--workers", type=int, default=int(os.environ.get("WEB_CONCURRENCY", "1")))

    def handle(self, *args: Any, **options: Any) -> None:
        bind, port, workers = options["bind"], options["port"], options["workers"]
        if workers > 1 and settings.EMBEDDED:
            raise CommandError("More than one serving process needs REDIS_URL: what they share is in Redis.")
        _refuse_taken(bind, port)
        # uvicorn stops in good order and then raises the signal again; a stop that was asked for is a success.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        uvicorn.run(
            "kintsugi.asgi:application",
            host=bind,
            port=port,
            workers=workers,
            loop="uvloop",
            http="kintsugi.patience:PatientProtocol",
            ws="kintsugi.frames:FramesProtocol",
            ws_per_message_deflate=False,
            # The socket's own limit is below it; whatever is above is answered with 1009 as well.
            ws_max_size=MAX_FRAME_BYTES + 4096,
            # A line that is dead is noticed within 15 s.
            ws_ping_interval=10,
            ws_ping_timeout=5,
            # A thousand clients come back at once after a restart.
            backlog=4096,
            lifespan="on",
            access_log=False,
            log_config=None,
            server_header=False,
            # X-Forwarded-For is read by core.net, through exactly TRUSTED_PROXIES hops.
            proxy_headers=False,
            timeout_graceful_shutdown=10,
        )


def _refuse_taken(bind: str, port: int) -> None:
    try:
        with socket.socket(socket.AF_INET6 if ":" in bind else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((bind, port))
    except OSError as error:  # also when there is no IPv6
        raise CommandError(f"Cannot listen on {bind}, port {port}: {error.strerror}.") from None
