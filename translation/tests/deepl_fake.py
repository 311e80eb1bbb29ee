"""A DeepL that counts: languages, texts, glossaries, documents, its refusals and its bill.

Shaped by the vendor's API reference (https://developers.deepl.com/api-reference, 2026-11); the vendor's own SDK, left
as it is, is its judge (``test_deepl_fake.py``). What is asked of it stands in ``asked``, what it would bill in
``billed``.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs
from urllib.parse import urlsplit

SOURCES = ["AR", "BG", "CS", "DA", "DE", "EL", "EN", "ES", "ET", "FI", "FR", "HE", "HU", "ID", "IT", "JA", "KO", "LT",
           "LV", "NB", "NL", "PL", "PT", "RO", "RU", "SK", "SL", "SV", "TH", "TR", "UK", "VI", "ZH"]  # fmt: skip
TARGETS = [*(code for code in SOURCES if code not in {"EN", "PT"}),
           "EN-GB", "EN-US", "ES-419", "PT-BR", "PT-PT", "ZH-HANS", "ZH-HANT"]  # fmt: skip
FORMAL = {"DE", "FR", "IT", "ES", "ES-419", "NL", "PL", "PT-BR", "PT-PT", "JA", "RU"}
MINIMUM = 50_000
WITH_MINIMUM = (".pdf", ".docx", ".doc", ".pptx", ".xlsx")
MOST_BYTES = 128 * 1024
MOST_TEXTS = 50


@dataclass
class Document:
    """``looks`` counts down to done; it is handed out once."""

    id: str
    key: str
    name: str
    content: bytes
    billed: int
    looks: int
    fails: str = ""
    is_fetched: bool = False


@dataclass
class Asked:
    """One request, read."""

    method: str
    path: str
    form: dict[str, Any]
    file: tuple[str, bytes] | None = None


def _say(text: str, target: str) -> str:
    return f"[{target}] {text}"


def _render(content: bytes) -> bytes:
    return b"translated:" + content


@dataclass
class Orders:
    """What it is told to do: ``statuses`` are answered first, in their order; the rest holds until changed."""

    statuses: list[int] = field(default_factory=list)
    cut: int = 0
    """So many requests are read, done, and their connection closed."""
    slow: float = 0
    looks: int = 1
    fails: str = ""
    detected: str = "EN"
    say: Callable[[str, str], str] = _say
    most_unfetched: int = 3
    render: Callable[[bytes], bytes] = _render


class FakeDeepL:
    """Runs until ``close``."""

    key = "fake-key:fx"

    def __init__(self) -> None:
        self.orders = Orders()
        self.asked: list[Asked] = []
        self.billed = 0
        self.documents: dict[str, Document] = {}
        self.glossaries: dict[str, dict[str, Any]] = {}
        self._numbers = count(1)
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"fake": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self._http.handle_error = lambda *_args: None  # type: ignore[method-assign] # whoever asked is dead
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def count(self, path: str) -> int:
        """How many requests came to a path."""
        return sum(one.path == path for one in self.asked)

    @property
    def uploads(self) -> list[bytes]:
        """What documents it took."""
        return [document.content for document in self.documents.values()]

    def answer(self, asked: Asked) -> tuple[int, Any]:
        """Status and document."""
        with self._lock:
            self.asked.append(asked)
            if self.orders.statuses:
                status = self.orders.statuses.pop(0)
                return status, {"message": f"told to answer {status}"}
            return self._route(asked)

    def _route(self, asked: Asked) -> tuple[int, Any]:
        parts = asked.path.strip("/").split("/")
        match parts:
            case ["v2", "languages"]:
                return 200, _languages(asked.form.get("type", "source"))
            case ["v2", "glossary-language-pairs"]:
                pairs = [{"source_lang": "en", "target_lang": code.lower()} for code in SOURCES if code != "EN"]
                return 200, {"supported_languages": pairs}
            case ["v2", "translate"]:
                return self._translate(asked.form)
            case ["v2", "document"]:
                return self._upload(asked)
            case ["v2", "document", name, *rest]:
                return self._document(name, asked.form, rest)
            case ["v2", "glossaries", *rest]:
                return self._glossaries(asked, rest)
        return 404, {"message": "no such path"}

    def _refusal(self, form: dict[str, Any]) -> str:
        target, source = str(form.get("target_lang", "")).upper(), str(form.get("source_lang", "")).upper()
        if target not in TARGETS:
            return "Value for 'target_lang' not supported."
        if source and source not in SOURCES:
            return "Value for 'source_lang' not supported."
        if form.get("formality") in {"more", "less"} and target not in FORMAL:
            return "'formality' is not supported for given 'target_lang'."
        if form.get("glossary_id") and (not source or form["glossary_id"] not in self.glossaries):
            return "Invalid or missing glossary."
        return ""

    def _translate(self, form: dict[str, Any]) -> tuple[int, Any]:
        texts = form["text"]
        if len(json.dumps(form).encode()) > MOST_BYTES:
            return 413, {"message": "Request size exceeds the limit"}
        if refusal := "Too many texts" if len(texts) > MOST_TEXTS else self._refusal(form):
            return 400, {"message": refusal}
        said = []
        for text in texts:
            billed = len(re.sub(r"<[^>]*>", "", text)) if form.get("tag_handling") else len(text)
            self.billed += billed
            spoken = self.orders.say(text, str(form["target_lang"]).upper())
            found = str(form.get("source_lang") or self.orders.detected).upper()
            said.append({"text": spoken, "detected_source_language": found, "billed_characters": billed})
        return 200, {"translations": said}

    def _upload(self, asked: Asked) -> tuple[int, Any]:
        if asked.file is None or (refusal := self._refusal(asked.form)):
            return 400, {"message": "file missing" if asked.file is None else refusal}
        unfetched = sum(not one.is_fetched and not one.fails for one in self.documents.values())
        if unfetched >= self.orders.most_unfetched:
            return 429, {"message": "Too many documents that were not downloaded"}
        name, content = asked.file
        characters = len(content.decode("utf-8", "replace"))
        billed = max(MINIMUM, characters) if name.endswith(WITH_MINIMUM) else characters
        number = next(self._numbers)
        made = Document(f"D{number}", f"K{number}", name, content, billed, self.orders.looks, self.orders.fails)
        self.documents[made.id] = made
        if not made.fails:
            self.billed += billed
        return 200, {"document_id": made.id, "document_key": made.key}

    def _document(self, name: str, form: dict[str, Any], rest: list[str]) -> tuple[int, Any]:
        found = self.documents.get(name)
        if found is None or form.get("document_key") != found.key or found.is_fetched:
            return 404, {"message": "Document not found"}
        if rest:
            if found.looks > 0:
                return 503, {"message": "Document translation in progress"}
            found.is_fetched = True
            return 200, self.orders.render(found.content)
        if found.fails:
            return 200, {"document_id": name, "status": "error", "error_message": found.fails}
        found.looks -= 1
        if found.looks >= 0:
            return 200, {"document_id": name, "status": "translating", "seconds_remaining": 10 * (found.looks + 1)}
        return 200, {"document_id": name, "status": "done", "billed_characters": found.billed}

    def _glossaries(self, asked: Asked, rest: list[str]) -> tuple[int, Any]:
        if not rest and asked.method == "POST":
            name = f"G{next(self._numbers)}"
            kept = {key: asked.form[key] for key in ("name", "source_lang", "target_lang", "entries")}
            self.glossaries[name] = kept
            return 201, _glossary(name, kept)
        if rest and rest[0] in self.glossaries:
            if asked.method == "DELETE":
                del self.glossaries[rest[0]]
                return 204, b""
            return 200, _glossary(rest[0], self.glossaries[rest[0]])
        return 404, {"message": "No such glossary"}


def _glossary(name: str, kept: dict[str, Any]) -> dict[str, Any]:
    return {
        "glossary_id": name,
        "ready": True,
        "name": kept["name"],
        "source_lang": kept["source_lang"].lower(),
        "target_lang": kept["target_lang"].lower(),
        "creation_time": "2026-11-30T12:00:00.000000Z",
        "entry_count": len(kept["entries"].splitlines()),
    }


def _languages(kind: str) -> list[dict[str, Any]]:
    if kind == "target":
        return [{"language": code, "name": code, "supports_formality": code in FORMAL} for code in TARGETS]
    return [{"language": code, "name": code} for code in SOURCES]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeDeepL

    def do_POST(self) -> None:
        asked = self._read()
        if self.headers["Authorization"] != f"DeepL-Auth-Key {self.fake.key}":
            self._send(403, {"message": "Wrong key"})
            return
        status, document = self.fake.answer(asked)
        time.sleep(self.fake.orders.slow)
        if self.fake.orders.cut:
            self.fake.orders.cut -= 1
            self.close_connection = True
            return
        self._send(status, document)

    do_GET = do_DELETE = do_POST  # noqa: N815 - the names the base class calls

    def _read(self) -> Asked:
        address = urlsplit(self.path)
        body = self._body()
        kind = self.headers.get("Content-Type", "")
        form: dict[str, Any] = {key: values[0] for key, values in parse_qs(address.query).items()}
        file = None
        if kind.startswith("application/json"):
            form |= json.loads(body)
        elif kind.startswith("application/x-www-form-urlencoded"):
            form |= {key: values[0] for key, values in parse_qs(body.decode()).items()}
        elif kind.startswith("multipart/form-data"):
            file = _multipart(kind, body, form)
        return Asked(self.command, address.path, form, file)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        pieces = []
        while size := int(self.rfile.readline().strip(), 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def _send(self, status: int, document: Any) -> None:
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/octet-stream" if document is content else "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


def _multipart(kind: str, body: bytes, form: dict[str, Any]) -> tuple[str, bytes] | None:
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    file = None
    for part in message.iter_parts():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        name = part.get_param("name", header="content-disposition")
        if part.get_filename():
            file = str(part.get_filename()), content
        else:
            form[str(name)] = content.decode()
    return file
