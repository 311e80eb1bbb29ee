"""A server of language models that translates as a test says: well, or in all the ways that models have of failing.

It speaks chat completions as a stream; ``settings.OPENAI_BASE_URL`` points at it. What it is asked stands in ``asked``.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from typing import Any

_FENCE = "=====DATA====="


@dataclass
class Question:
    """A request, read. ``segments`` are those to translate by id; empty where a text stands alone."""

    system: str
    user: str
    model: str
    max_tokens: int
    data: dict[str, Any]

    @property
    def segments(self) -> dict[int, str]:
        return {one["id"]: one["text"] for one in self.data.get("segments", [])}

    @property
    def reasons(self) -> dict[int, list[str]]:
        return {one["id"]: one["wrong_before"] for one in self.data.get("segments", []) if "wrong_before" in one}

    @property
    def text(self) -> str:
        return self.user.removeprefix(f"{_FENCE}\n").removesuffix(f"\n{_FENCE}")


def say(segments: dict[int, str]) -> str:
    """The answer that is asked for."""
    return json.dumps({"translations": [{"id": key, "text": text} for key, text in segments.items()]})


class FakeModel:
    """``answer`` gives the text, or (text, finish reason); ``status`` is answered instead when it is not 200."""

    def __init__(
        self, answer: Callable[[Question], str | tuple[str, str]], *, models: tuple[str, ...] = ("m",)
    ) -> None:
        self.answer = answer
        self.status = 200
        self.models = ["m"]
        self.asked: list[Question] = []
        self.seconds = 0.0
        self.running = self.most_running = 0
        self.lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"fake": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self._http.handle_error = lambda *_args: None  # type: ignore[method-assign] # whoever asked is dead
        self.base_url = f"http://127.0.0.1:{self._http.server_port}/v1"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeModel

    def do_GET(self) -> None:
        self._send(200, json.dumps({"object": "list", "data": [{"id": name} for name in self.fake.models]}).encode())

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        question = _question(body)
        with self.fake.lock:
            self.fake.asked.append(question)
            self.fake.running += 1
            self.fake.most_running = max(self.fake.most_running, self.fake.running)
        try:
            time.sleep(self.fake.seconds)
            self._answer(question)
        finally:
            with self.fake.lock:
                self.fake.running -= 1

    def _answer(self, question: Question) -> None:
        if self.fake.status != 200:
            code = b"insufficient_quota" if self.fake.status == 402 else b"no"
            self._send(self.fake.status, b'{"error": {"message": "no", "code": "%b"}}' % code)
            return
        said = self.fake.answer(question)
        text, finish = said if isinstance(said, tuple) else (said, "stop")
        pieces = [text[at : at + 40] for at in range(0, len(text), 40)]
        events: list[dict[str, Any]] = [
            {"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]} for piece in pieces
        ]
        events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
        usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
        events.append({"choices": [], "usage": usage})
        lines = [f"data: {json.dumps({'id': 'c', 'object': 'chat.completion.chunk', **event})}\n\n" for event in events]
        self._send(200, "".join([*lines, "data: [DONE]\n\n"]).encode(), "text/event-stream")

    def _send(self, status: int, content: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


def _question(body: dict[str, Any]) -> Question:
    words = {message["role"]: message["content"] for message in body["messages"]}
    user = words["user"] if isinstance(words["user"], str) else words["user"][0]["text"]
    try:
        data = json.loads(user.removeprefix(f"{_FENCE}\n").removesuffix(f"\n{_FENCE}"))
    except ValueError:
        data = {}
    most = body.get("max_tokens") or body.get("max_completion_tokens") or 0
    return Question(str(words.get("system", "")), user, body["model"], most, data if isinstance(data, dict) else {})
