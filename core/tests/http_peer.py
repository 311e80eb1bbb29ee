"""A real server on loopback, and clients that may call it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from typing import Any

import httpx2
from prometheus_client import REGISTRY

from core import http

LOOPBACK: Any = {"allow_networks": ["127.0.0.0/8"]}


class Server:
    """A real server on loopback; ``answers`` maps a path to what it does."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.seen: list[tuple[str, str, str]] = []
        self.bodies: list[bytes] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.seen.append((self.command, self.path, self.headers["Host"]))
                length = int(self.headers.get("Content-Length") or 0)
                outer.bodies.append(self.rfile.read(length))
                outer.answers[self.path.partition("?")[0]](self)

            do_POST = do_PUT = do_GET  # noqa: N815 - the names the base class calls

            def log_message(self, *_args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.handle_error = lambda *_args: None  # type: ignore[method-assign]
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def say(self, path: str, status: int = 200, body: bytes = b"hello", **headers: str) -> None:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        self.answers[path] = answer


def shop(server: Server, **options: Any) -> httpx2.Client:
    return http.client(role="shop", base_url=server.url, **LOOPBACK, **options)


def async_shop(server: Server, **options: Any) -> httpx2.AsyncClient:
    return http.async_client(role="shop", base_url=server.url, **LOOPBACK, **options)


def outcomes(role: str, outcome: str) -> float:
    name = "kintsugi_outgoing_request_duration_seconds_count"
    return REGISTRY.get_sample_value(name, {"role": role, "outcome": outcome}) or 0.0
