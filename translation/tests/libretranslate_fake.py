"""A LibreTranslate that answers as its source says (release 1.9.6, ``libretranslate/app.py`` and ``language.py``)."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from typing import Any

PAIRS = {"en": ["en", "uk", "es", "pt-BR", "zh-Hans"], "uk": ["en", "uk"], "es": ["en", "es"], "pt-BR": ["en", "pt-BR"],
         "zh-Hans": ["en", "zh-Hans"]}  # fmt: skip


class FakeLibreTranslate:
    """``refusal`` (status, sentence) is answered instead where it is set."""

    def __init__(self, *, key: str = "", limit: int = 2_000) -> None:
        self.key, self.limit = key, limit
        self.refusal: tuple[int, str] | None = None
        self.asked: list[dict[str, Any]] = []
        handler = type("Handler", (_Handler,), {"fake": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def translate(self, asked: dict[str, Any]) -> tuple[int, Any]:
        self.asked.append(asked)
        if self.refusal:
            return self.refusal[0], {"error": self.refusal[1]}
        if self.key and asked.get("api_key") != self.key:
            return 403, {"error": "Invalid API key"}
        texts = asked["q"] if isinstance(asked["q"], list) else [asked["q"]]
        if sum(map(len, texts)) > self.limit:
            size = sum(map(len, texts))
            return 400, {"error": f"Invalid request: request ({size}) exceeds text limit ({self.limit})"}
        source = "en" if asked["source"] == "auto" else asked["source"]
        if source not in PAIRS:
            return 400, {"error": f"{source} is not supported"}
        if asked["target"] not in PAIRS[source]:
            return 400, {"error": f"{asked['target']} is not supported"}
        said = [f"[{asked['target']}] {text}" for text in texts]
        answer: dict[str, Any] = {"translatedText": said if isinstance(asked["q"], list) else said[0]}
        if asked["source"] == "auto":
            answer["detectedLanguage"] = [{"confidence": 90.0, "language": source}] * len(texts)
        return 200, answer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeLibreTranslate

    def do_GET(self) -> None:
        if self.path == "/languages":
            self._send(200, [{"code": code, "name": code, "targets": targets} for code, targets in PAIRS.items()])
        elif self.path == "/frontend/settings":
            self._send(200, {"charLimit": self.fake.limit, "apiKeys": bool(self.fake.key), "suggestions": False})
        else:
            self._send(404, {"error": "Not found"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._send(*self.fake.translate(body))

    def _send(self, status: int, document: Any) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: Any) -> None:
        """Quiet."""
