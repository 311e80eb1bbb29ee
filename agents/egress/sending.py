"""Sending what was built: through ``core.http``, to the one address, without following anything."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from urllib.parse import urljoin
from urllib.parse import urlsplit

import httpx2
from django.conf import settings

from agents import echo
from agents.egress import policy
from agents.egress import problems
from agents.egress.policy import Target
from agents.egress.problems import CannotBuild
from agents.egress.problems import Problem
from agents.egress.redacting import Redactor
from agents.egress.repeats import Failure
from agents.egress.shapes import Request
from core import http
from core.observability.redaction import redact_shapes

ROLE = "agents"
CONNECT_SECONDS = 10.0
MAX_BYTES = 1024 * 1024
MAX_TEXT = 256 * 1024
"""Characters that are kept of it. Looking through more would take too long in an event loop."""
KEPT_HEADERS = ("content-type", "content-length", "retry-after", "date", "x-request-id")
_TEXTS = ("json", "xml", "javascript", "yaml", "csv", "x-www-form-urlencoded")
_FAILURES: dict[type[http.OutgoingError], Failure] = {
    http.AddressRefused: "refused",
    http.CircuitOpen: "paused",
}
STATUS_FAILURES: Mapping[int, Failure] = {429: "limited", 503: "unavailable", 502: "lost", 504: "lost"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, without secrets; ``failure`` is None for a good answer, ``problem`` says what to do about it."""

    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    is_cut: bool = False
    bytes: int = 0
    """Of the body, as far as it was read."""
    seconds: float = 0.0
    sent: bool = True
    """False when nothing can have left."""
    failure: Failure | None = None
    problem: Problem | None = None
    retry_after: int | None = None
    """Seconds."""

    @property
    def is_gone(self) -> bool:
        """The other side wants no more calls: its function is to be switched off."""
        return self.status == 410


async def send(request: Request, *, name: str = "", last4: str = "", secrets: Iterable[str] = ()) -> Answer:
    """Send a request once. Raises nothing but CancelledError: what goes wrong is an answer with a failure.

    ``name`` and ``last4`` of function and secret are for the sentence of a problem; ``secrets`` are those of the whole
    run, looked for in what comes back beside the request's own.
    """
    began = time.monotonic()
    redactor = Redactor((*request.secrets, *secrets))
    try:
        target = policy.target_of(request.url)
    except CannotBuild as error:
        return Answer(None, sent=False, failure="refused", problem=error.problem)
    try:
        async with asyncio.timeout(request.timeout + 1), _client(request, target) as client:
            got = await _ask(client, request)
    except (http.OutgoingError, TimeoutError) as error:
        return _failed(request, target, error, time.monotonic() - began)
    return _judged(request, got, redactor, time.monotonic() - began, name=name, last4=last4)


def _client(request: Request, target: Target) -> httpx2.AsyncClient:
    if target.host == policy.ECHO_HOST:
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=echo.service(request.secrets)), trust_env=False)
    return http.async_client(
        role=ROLE,
        timeout=request.timeout,
        connect=CONNECT_SECONDS,
        read=request.timeout,
        trusted=target.is_private,
        max_bytes=MAX_BYTES,
        overflow="cut",
        retries=0,
        circuit=str(request.function_id),
        schemes=target.schemes,
    )


@dataclass(frozen=True, slots=True)
class _Got:
    response: httpx2.Response
    body: bytes
    is_cut: bool


async def _ask(client: httpx2.AsyncClient, request: Request) -> _Got:
    agent = {"User-Agent": f"Kintsugi agents ({urlsplit(settings.PUBLIC_URL).hostname})"}
    headers = agent | dict(request.headers)
    async with client.stream(request.method, request.url, headers=headers, content=request.body or None) as response:
        body = await response.aread()
        return _Got(response, body, http.is_cut(response))


def _failed(request: Request, target: Target, error: Exception, seconds: float) -> Answer:
    sent = getattr(error, "sent", True)
    kind = _FAILURES.get(type(error)) if isinstance(error, http.OutgoingError) else None
    failure: Failure = kind or ("lost" if sent else "unsent")
    match error:
        case http.AddressRefused():
            problem = problems.private_address(target.name)
        case http.CircuitOpen():
            problem = problems.paused(request.host, error.retry_after or 60)
        case http.TimedOut() | TimeoutError():
            problem = problems.timed_out(request.host, request.timeout)
        case http.AnswerRefused():
            problem = problems.cut_off(request.host)
        case _:
            problem = problems.cut_off(request.host) if sent else problems.unreachable(request.host)
    return Answer(None, seconds=seconds, sent=sent, failure=failure, problem=problem)


def _judged(request: Request, got: _Got, redactor: Redactor, seconds: float, *, name: str, last4: str) -> Answer:
    status = got.response.status_code
    headers = {
        key: redactor.foreign(got.response.headers[key][:200]) for key in KEPT_HEADERS if key in got.response.headers
    }
    retry_after = seconds_of(headers.get("retry-after", ""))
    problem = _problem(request, got, redactor, name=name, last4=last4)
    text = problem.sentence if problem and problem.code == "redirected" else _text(got, redactor)
    failure: Failure | None = None if status < 300 else STATUS_FAILURES.get(status, "answered")
    return Answer(
        status=status,
        headers=headers,
        text=text,
        is_cut=got.is_cut or len(got.body) > MAX_TEXT,
        bytes=len(got.body),
        seconds=seconds,
        failure=failure,
        problem=problem,
        retry_after=retry_after,
    )


def _problem(request: Request, got: _Got, redactor: Redactor, *, name: str, last4: str) -> Problem | None:
    status, host = got.response.status_code, request.host
    match status:
        case _ if status < 300:
            return None
        case _ if status < 400:
            return problems.redirected(host, redactor.text(_host_of(request.url, got.response)))
        case 401 | 403:
            return problems.key_refused(host, name, last4)
        case 404 if "/webhook-test/" in request.url:
            return problems.n8n_test_address()
        case 404 if "/webhook/" in request.url and b"is not registered" in got.body:
            return problems.n8n_not_active()
        case 404:
            return problems.not_found(host)
        case 410:
            return problems.gone(host, name)
        case 429:
            return problems.limited(host, seconds_of(got.response.headers.get("retry-after", "")))
        case _ if status >= 500:
            return problems.failed_there(host, status)
    return None


def _host_of(url: str, response: httpx2.Response) -> str:
    try:
        return (urlsplit(urljoin(url, response.headers.get("location", ""))).hostname or "")[:200]
    except ValueError:
        return ""


def _text(got: _Got, redactor: Redactor) -> str:
    media_type = got.response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type and not media_type.startswith("text/") and not any(word in media_type for word in _TEXTS):
        return f"[{len(got.body)} bytes of {media_type[:100]}]" if got.body else ""
    text = got.body.decode(_charset(got.response), "replace").replace("\0", "")
    # Ours are looked for in all of it, before its end is taken off: none is cut in two.
    return redact_shapes(redactor.text(text, is_cut=got.is_cut)[:MAX_TEXT])


def _charset(response: httpx2.Response) -> str:
    name = response.charset_encoding or "utf-8"
    # The name is the other side's: only those that cannot grow a text, and that are no codec of Python's own kind.
    return name if name.lower().replace("_", "-") in _CHARSETS else "utf-8"


_CHARSETS = frozenset(
    """
    utf-8 us-ascii utf-16 iso-8859-1 iso-8859-2 iso-8859-5 iso-8859-15
    windows-1250 windows-1251 windows-1252 koi8-r koi8-u
    """.split()  # noqa: SIM905
)


def seconds_of(text: str) -> int | None:
    """Of a header ``Retry-After``; a date in it is not read."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None
