"""A server below HTTP, for what no well-behaved peer would send: a thread, a socket, and the bytes of the test."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from typing import Any
from typing import Self

Conversation = Callable[[socket.socket], None]

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"
DONE = b"data: [DONE]\n\n"


def piece(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def event(text: str | None = None, *, finish: str | None = None, **more: Any) -> bytes:
    """One chat.completion.chunk as a line of the stream."""
    chunk = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": {} if text is None else {"content": text}, "finish_reason": finish}],
        **more,
    }
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


def plain(status: str, body: bytes, *, headers: str = "", content_type: str = "application/json") -> bytes:
    """A whole HTTP answer."""
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode()
        + body
    )


def rude_error(**fields: object) -> bytes:
    """The body of a refusal."""
    return json.dumps({"error": fields}).encode()


class Wire:
    """Accepts connections one after the other and holds the next scripted conversation on each request."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/v1"
        self.bodies: list[dict[str, Any]] = []
        self.heads: list[str] = []
        self.connections = 0
        self.hung_up = threading.Event()
        self._script: list[Conversation] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._listening.close()

    def says(self, *parts: bytes) -> None:
        """Answer the next request with these parts, each sent on its own, and keep the connection."""

        def conversation(peer: socket.socket) -> None:
            for part in parts:
                peer.sendall(part)

        self._script.append(conversation)

    def streams(self, *events: bytes, ends: bool = True) -> None:
        """Answer the next request with a chunked event stream."""
        self.says(HEAD, *(piece(data) for data in events), *([END] if ends else []))

    def does(self, conversation: Conversation) -> None:
        self._script.append(conversation)

    def cuts_after(self, *parts: bytes) -> None:
        """Send the parts, then close the connection hard."""

        def conversation(peer: socket.socket) -> None:
            for part in parts:
                peer.sendall(part)
            peer.shutdown(socket.SHUT_RDWR)

        self._script.append(conversation)

    def _accept(self) -> None:
        while True:
            try:
                peer, _address = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with peer:
            try:
                while self._request(peer):
                    self._script.pop(0)(peer)
            except OSError:
                pass
        self.hung_up.set()

    def _request(self, peer: socket.socket) -> bool:
        """Read one request; False when the client has closed."""
        data = b""
        while b"\r\n\r\n" not in data:
            received = peer.recv(65536)
            if not received:
                return False
            data += received
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
        )
        while len(body) < length:
            body += peer.recv(65536)
        self.heads.append(head.decode())
        self.bodies.append(json.loads(body) if body else {})
        return True
