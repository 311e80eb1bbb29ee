"""A small HTTP server for lists of models: paths with their answers, and what was asked."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from typing import Any
from typing import Self


class ModelServer:
    """Answers GET and POST at the paths it was given, 404 elsewhere."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.root = f"http://127.0.0.1:{self._server.server_port}"
        self.base_url = f"{self.root}/v1"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def says(self, path: str, document: Any, *, status: int = 200) -> None:
        """Answer a path with a document, or with bytes as they are."""
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.answers[path] = (status, body)

    def lists(self, *rows: Any, path: str = "/v1/models") -> None:
        """Answer with such a list of models; a text is a row with that id."""
        self.says(path, {"object": "list", "data": [{"id": row} if isinstance(row, str) else row for row in rows]})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        peer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                asked = self.rfile.read(length) if length else b""
                peer.asked.append(self.path)
                peer.headers.append({name.lower(): value for name, value in self.headers.items()})
                status, body = peer.answers.get(self.path.partition("?")[0], (404, b"{}"))
                name = json.loads(asked).get("model") if asked else None
                if name is not None:
                    status, body = peer.answers.get(f"{self.path}#{name}", (status, body))
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = _answer  # noqa: N815 - the base class looks for these names

            def log_message(self, *_words: Any) -> None:
                """Nothing: the test looks at what was asked."""

        return Handler
