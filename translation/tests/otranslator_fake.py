"""An OTranslator of our own, shaped by what its vendor documents: counts uploads and what it would bill.

Run it inside a test, or as a process: ``python -m translation.tests.otranslator_fake PORT``.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from dataclasses import dataclass
from dataclasses import field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from typing import Any

KEY = "otranslator-key"
MARK = b"translated:"


@dataclass
class Task:
    name: str
    content: bytes
    languages: tuple[str, str]
    looks: int = 0


@dataclass
class FakeOTranslator:
    """``failures`` are statuses, or ``cut``, with which the next requests to ``create`` are answered; ``gone`` and
    ``terminated`` hold names of files. ``looks`` is after how many questions a document is done."""

    port: int = 0
    looks: int = 1
    failures: list[Any] = field(default_factory=list)
    terminated: set[str] = field(default_factory=set)
    forgotten: set[str] = field(default_factory=set)
    tasks: dict[str, Task] = field(default_factory=dict)
    uploads: list[bytes] = field(default_factory=list)
    callbacks: list[str] = field(default_factory=list)
    latency: float = 0.0

    def __post_init__(self) -> None:
        outer, self._lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.answer(self, body)

            def do_GET(self) -> None:
                if self.path == "/api/uploads":
                    reply(self, 200, {"uploads": [one.decode("latin-1") for one in outer.uploads]})
                    return
                task = outer.tasks.get(self.path.rpartition("/")[2])
                if task is None:
                    reply(self, 404, {"error": "No such file"})
                    return
                time.sleep(outer.latency)
                reply(self, 200, MARK + task.content)

            def log_message(self, *_args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.http.daemon_threads = True
        self.http.handle_error = lambda *_args: None  # type: ignore[method-assign] # whoever asked is dead
        self.url = f"http://127.0.0.1:{self.http.server_port}/api"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()

    @property
    def billed(self) -> int:
        """Characters of all that was uploaded."""
        return sum(len(content.decode(errors="ignore")) for content in self.uploads)

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        if request.headers["Authorization"] != KEY:
            reply(request, 401, {"error": "Unauthorized"})
            return
        match request.path.rpartition("/")[2]:
            case "create":
                self._create(request, body)
            case "query":
                self._query(request, json.loads(body))
            case "translateTexts":
                texts = json.loads(body)["texts"]
                reply(request, 200, {"taskId": "t", "translatedTexts": [f"ot {text}" for text in texts], "price": 0.1})
            case _:
                reply(request, 404, {"error": "Not found"})

    def _create(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        with self._lock:
            failure = self.failures.pop(0) if self.failures else None
        if isinstance(failure, int):
            reply(request, failure, {"error": "No"})
            return
        form = _form(request.headers["Content-Type"], body)
        name, content = form["file"]
        with self._lock:
            task_id = f"task-{len(self.tasks) + 1}"
            languages = (form["fromLang"][1].decode(), form["toLang"][1].decode())
            self.tasks[task_id] = Task(name, content, languages)
            self.uploads.append(content)
            if "webhookUrl" in form:
                self.callbacks.append(form["webhookUrl"][1].decode())
        time.sleep(self.latency)
        if failure == "cut":
            request.close_connection = True
            request.connection.close()
            return
        reply(request, 200, {"taskId": task_id})

    def _query(self, request: BaseHTTPRequestHandler, asked: dict[str, Any]) -> None:
        task = self.tasks.get(asked["taskId"])
        if task is None or asked["taskId"] in self.forgotten:
            reply(request, 404, {"error": "No such task"})
            return
        task.looks += 1
        if task.name in self.terminated:
            reply(request, 200, {"status": "Terminated", "progress": 10, "errorMsg": "It could not be read"})
            return
        if task.looks <= self.looks:
            reply(request, 200, {"status": "Processing", "progress": 50})
            return
        url = f"{self.url}/files/{asked['taskId']}"
        reply(request, 200, {"status": "Completed", "progress": 100, "translatedFileUrl": url, "price": 0.25})


def reply(request: BaseHTTPRequestHandler, status: int, body: Any) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    request.send_response(status)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    request.wfile.write(content)


def _form(content_type: str, body: bytes) -> dict[str, tuple[str, bytes]]:
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    found = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found[str(name)] = (part.get_filename() or "", content)
    return found


if __name__ == "__main__":
    FakeOTranslator(port=int(sys.argv[1]), latency=0.02)
    threading.Event().wait()
