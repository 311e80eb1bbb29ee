"""A push service and the browsers behind it, written from RFC 8030, 8188, 8291 and 8292: a peer that believes nothing.

It takes a request only if its headers are whole and its signature is good for this very origin, and reads the notice
with the browser's own keys. What it finds wrong it answers with 4xx and keeps in ``complaints``.
"""

from __future__ import annotations

import json
import secrets
import struct
import threading
import time
from base64 import urlsafe_b64decode
from base64 import urlsafe_b64encode
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from typing import Any

import jwt
import time_machine
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization import PublicFormat
from django.utils import timezone

from accounts.models import User
from core.jobs import worker
from core.models import Job
from core.push import notices
from core.push import subscriptions

Answer = tuple[int, dict[str, str]]
"""Status and headers."""


def b64(raw: bytes) -> str:
    """base64url without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(text: str) -> bytes:
    """The other way round."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Browser:
    """One subscription, as the browser has it."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    shown: list[dict[str, Any]] = field(default_factory=list)

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def subscription(self) -> dict[str, Any]:
        """As ``PushSubscription.toJSON()``."""
        return {"endpoint": self.endpoint, "keys": {"p256dh": b64(self.public), "auth": b64(self.auth)}}

    def read(self, body: bytes) -> dict[str, Any]:
        """Decrypt a message (RFC 8291, 3.4). Raises InvalidTag when it is not for this browser."""
        salt, (size, length) = body[:16], struct.unpack("!LB", body[16:21])
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        if len(sealed) > size:
            raise ValueError("More than one record.")
        secret = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        shared = _derive(self.auth, secret, b"WebPush: info\x00" + self.public + sender, 32)
        key = _derive(salt, shared, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = _derive(salt, shared, b"Content-Encoding: nonce\x00", 12)
        text, delimiter, _padding = AESGCM(key).decrypt(nonce, sealed, None).rpartition(b"\x02")
        if not delimiter:
            raise ValueError("The last record has another delimiter.")
        found: dict[str, Any] = json.loads(text)
        return found


def _derive(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


class _Listener(ThreadingHTTPServer):
    request_queue_size = 128


class PushService:
    """A server on loopback. ``moods`` may answer in its place, by the number of the request, from 0."""

    def __init__(self) -> None:
        self.browsers: dict[str, Browser] = {}
        self.complaints: list[str] = []
        self.requests: list[dict[str, str]] = []
        self.moods: Callable[[int], Answer | None] = lambda _number: None
        self.taken = threading.Event()
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                if len(body) < length:  # its sender was killed: nothing came
                    self.close_connection = True
                    return
                status, headers = outer.answer(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()
                outer.taken.set()

            def log_message(self, *_args: Any) -> None:
                pass

        self._http = _Listener(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def browser(self) -> Browser:
        """A browser that subscribes."""
        path = f"/push/{secrets.token_urlsafe(16)}"
        self.browsers[path] = Browser(self.url + path)
        return self.browsers[path]

    def device(self, user: User) -> Browser:
        """A browser in which this person wants to be told."""
        browser = self.browser()
        subscriptions.subscribe(user, endpoint=browser.endpoint, **browser.subscription()["keys"])
        return browser

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """What this service says to a request."""
        with self._lock:
            number = len(self.requests)
            self.requests.append(headers)
            if mood := self.moods(number):
                return mood
            browser = self.browsers.get(path)
            if browser is None:
                return 410, {}
            try:
                self._check(headers)
                browser.shown.append(browser.read(body))
            except Exception as problem:  # whatever is wrong with it
                self.complaints.append(f"{type(problem).__name__}: {problem}")
                return 400, {}
            return 201, {"Location": f"{self.url}/message/{number}"}

    def _check(self, headers: dict[str, str]) -> None:
        scheme, _, rest = headers["authorization"].partition(" ")
        said = dict(part.strip().split("=", 1) for part in rest.split(","))
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(said["k"]))
        claims = jwt.decode(said["t"], public, algorithms=["ES256"], audience=self.url)
        problems = {
            "the scheme": scheme != "vapid",
            "how long it is signed": not time.time() < claims["exp"] <= time.time() + 86400,
            "the contact": not claims["sub"].startswith(("mailto:", "https:")),
            "the encoding": headers["content-encoding"] != "aes128gcm",
            "how long it lives": not headers["ttl"].isdigit(),
            "the urgency": headers.get("urgency", "normal") not in ("very-low", "low", "normal", "high"),
            "the topic": len(headers.get("topic", "")) > 32,
        }
        if wrong := [name for name, is_wrong in problems.items() if is_wrong]:
            raise ValueError(", ".join(wrong))

    def close(self) -> None:
        """Stop listening."""
        self._http.shutdown()
        self._http.server_close()


@contextmanager
def push_service(settings: Any) -> Iterator[PushService]:
    """A service which this site may call for the time being."""
    service = PushService()
    settings.PUSH_NETWORKS, settings.PUSH_SCHEMES = ["127.0.0.0/8"], ("http", "https")
    try:
        yield service
    finally:
        service.close()


def deliver() -> None:
    """One try of each job that waits to send notices, when it is due."""
    for job in Job.objects.filter(kind=notices.SEND, state=Job.State.QUEUED):
        with time_machine.travel(max(job.run_at, timezone.now()) + timedelta(seconds=0.01), tick=False):
            worker.run_job(job.pk)
