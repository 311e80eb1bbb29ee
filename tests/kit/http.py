"""Requests to a process, and its answers: JSON or a form goes there, and mostly JSON comes back."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from collections.abc import Sequence
from email.message import Message
from typing import Any
from typing import NamedTuple
from urllib.parse import urlencode


class Answer(NamedTuple):
    """Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """None if there is nothing."""
        return json.loads(self.body) if self.body else None

    @property
    def is_good(self) -> bool:
        return self.status < 400

    def good(self) -> Any:
        """The JSON of an answer that must be good."""
        assert self.is_good, f"{self.status}: {self.body[:2_000]!r}"
        return self.json


def request(
    method: str,
    url: str,
    body: Any = None,
    *,
    form: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None,
    token: str = "",
    seconds: float = 20,
) -> Answer:
    """``body`` goes as JSON, or ``form`` as a form; OSError if there is no answer."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    data = None
    if form is not None:
        data = urlencode(form).encode()
    elif body is not None:
        data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
    asked = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=seconds) as answer:
            return _answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        return _answer(error.code, error.headers, error.read())


def _answer(status: int, headers: Message, body: bytes) -> Answer:
    return Answer(status, {name.lower(): value for name, value in headers.items()}, body)
