"""A server of two models that write as the demo would, or fail in all the ways that models have of failing.

It speaks chat completions as a stream. What it was asked stands in ``asked``; ``statuses`` are answered first, by
model, each once, and ``says`` in place of the demo's words, by the name of the schema.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from typing import Any

from core import llm
from documents import demo
from documents import drafting
from documents import outlining
from documents import styling
from documents.writing import contract
from documents.writing import judge

_TASKS = {
    outlining.TASK: outlining.SCHEMA.name,
    drafting.QUERIES_TASK: drafting.QUERIES.name,
    drafting.PLAN_TASK: drafting.PLAN.name,
    contract.RULES: contract.SCHEMA.name,
    styling.TASK: styling.SCHEMA.name,
    drafting.SUMMARY_TASK: drafting.SUMMARY.name,
}


@dataclass(frozen=True)
class Asked:
    """One request, read. ``schema`` is the name of what was asked for."""

    model: str
    schema: str
    messages: tuple[llm.Message, ...]

    @property
    def text(self) -> str:
        return "\n".join(message.content for message in self.messages)


class FakeModel:
    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.statuses: dict[str, list[int]] = {}
        self.says: dict[str, Callable[[Asked], str]] = {}
        self.lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"fake": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self.base_url = f"http://127.0.0.1:{self._http.server_port}/v1"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def answer(self, asked: Asked) -> str:
        if asked.schema in self.says:
            return self.says[asked.schema](asked)
        if asked.schema == judge.SCHEMA.name:
            return _judgements(asked)
        scripted = demo.ANSWERS[asked.schema]
        return json.dumps(scripted(asked.messages, contract.SCHEMA))


def _judgements(asked: Asked) -> str:
    pairs = json.loads(asked.messages[1].content.split("=====PAIRS=====")[1])
    said = [{"id": one["id"], "verdict": "supports", "words": one["quote"], "sentence": "supports"} for one in pairs]
    return json.dumps({"judgements": said})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeModel

    def do_GET(self) -> None:
        self._send(200, json.dumps({"object": "list", "data": [{"id": "a"}, {"id": "b"}]}).encode())

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = _asked(body)
        with self.fake.lock:
            self.fake.asked.append(asked)
            waiting = self.fake.statuses.get(asked.model, [])
            status = waiting.pop(0) if waiting else 200
        if status != 200:
            self._send(status, b'{"error": {"message": "no", "code": "no"}}')
            return
        text = self.fake.answer(asked)
        events: list[dict[str, Any]] = [
            {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]},
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
            {"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}},
        ]
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


def _asked(body: dict[str, Any]) -> Asked:
    messages = tuple(llm.Message(one["role"], one["content"]) for one in body["messages"])
    told = next(message.content for message in messages if message.role == "user")
    schema = next((name for task, name in _TASKS.items() if task in told), judge.SCHEMA.name)
    return Asked(body["model"], schema, messages)
