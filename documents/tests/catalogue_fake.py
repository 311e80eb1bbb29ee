"""Crossref, OpenAlex and Semantic Scholar on one port, answering in the shapes of their documentation (2026-11)."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl
from urllib.parse import unquote
from urllib.parse import urlsplit

Answer = tuple[int, dict[str, str], Any]


class FakeCatalogues:
    """``answers`` by the beginning of a path, the longest one counting; what nobody answers is 404."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer | Callable[[dict[str, str]], Answer]] = {}
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []
        handler = type("Handler", (_Handler,), {"fake": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def answer(self, path: str, query: dict[str, str], headers: dict[str, str]) -> Answer:
        self.asked.append((path, query, headers))
        for begin in sorted(self.answers, key=len, reverse=True):
            if path.startswith(begin):
                found = self.answers[begin]
                return found(query) if callable(found) else found
        return 404, {}, {"message": "Resource not found."}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeCatalogues

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.casefold(): value for name, value in self.headers.items()}
        status, more, document = self.fake.answer(unquote(parts.path), dict(parse_qsl(parts.query)), headers)
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: Any) -> None:
        """Quiet."""
