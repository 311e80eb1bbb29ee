"""The only door to the internet.

``with http.client(role="deepl", timeout=15) as client: client.get(url)``: an ``httpx2`` client that refuses addresses
inside the house, is bounded in time and size, retries what is safe, stops calling a service that is down (for all
processes), and counts every call under its role. It raises children of :class:`OutgoingError` only, which hold no URL,
no header and no secret.

``trusted=True`` is for addresses the operator configured: any address, any port, larger answers. What a user typed is
never trusted.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from collections.abc import Sequence
from functools import cache

import httpx2

from core.http.bodies import Overflow
from core.http.bodies import is_cut
from core.http.clients import AsyncClient
from core.http.clients import Client
from core.http.errors import AddressRefused
from core.http.errors import AnswerRefused
from core.http.errors import Busy
from core.http.errors import CircuitOpen
from core.http.errors import OutgoingError
from core.http.errors import TimedOut
from core.http.errors import Unreachable
from core.http.files import async_download
from core.http.files import async_upload
from core.http.files import download
from core.http.files import upload
from core.http.guard import SCHEMES
from core.http.guard import Policy
from core.http.guard import Resolver
from core.http.guard import resolve_system
from core.http.transport import AsyncTransport
from core.http.transport import Call
from core.http.transport import Transport

__all__ = [
    "AddressRefused",
    "AnswerRefused",
    "Busy",
    "CircuitOpen",
    "OutgoingError",
    "TimedOut",
    "Unreachable",
    "async_client",
    "async_download",
    "async_upload",
    "client",
    "download",
    "is_cut",
    "upload",
]

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0
TOTAL_SECONDS = 20.0
MAX_BYTES = 1024 * 1024
"""Of an answer's body, unpacked."""
RETRIES = 2
"""Tries after the first one, of requests that change nothing."""


def client(
    *,
    role: str,
    timeout: float | None = None,
    connect: float = CONNECT_SECONDS,
    read: float = READ_SECONDS,
    trusted: bool = False,
    base_url: str = "",
    headers: Mapping[str, str] | None = None,
    max_bytes: int = MAX_BYTES,
    overflow: Overflow = "refuse",
    redirects: int = 0,
    retries: int = RETRIES,
    circuit: str = "",
    schemes: Sequence[str] = SCHEMES,
    allow_networks: Sequence[str] = (),
    resolver: Resolver = resolve_system,
) -> httpx2.Client:
    """A client for one kind of service.

    ``role`` names the service in metrics and in the circuit breaker; ``circuit`` names one target of many in a role,
    which gets a breaker of its own: one that is down takes none of the others on its host along.

    ``timeout`` bounds a whole call in seconds, its retries included (with redirects, each hop); without it that is
    TOTAL_SECONDS, or what ``connect`` and ``read`` need. They bound connecting and each silence of the other side.

    ``max_bytes`` bounds the decompressed answer: a larger one is refused, or with ``overflow="cut"`` its first bytes
    are kept, for calls whose effect cannot be taken back (:func:`is_cut` tells). Redirects are not followed unless
    ``redirects`` says how many; every hop is judged anew, by ``schemes`` too. ``allow_networks`` and ``resolver`` exist
    for tests. Raises ValueError for another ``overflow`` or other ``schemes``.
    """
    total = _total(timeout, connect, read)
    call = Call(role, total=total, max_bytes=max_bytes, retries=retries, circuit=circuit, overflow=overflow)
    policy = Policy.of(trusted=trusted, allow_networks=allow_networks, resolver=resolver, schemes=schemes)
    return Client(
        role=role,
        transport=Transport(call, policy, _tls()),
        base_url=base_url,
        headers={"Accept-Encoding": "gzip", **(headers or {})},
        timeout=_timeouts(total, connect, read),
        follow_redirects=redirects > 0,
        max_redirects=redirects,
        trust_env=False,
    )


def async_client(
    *,
    role: str,
    timeout: float | None = None,
    connect: float = CONNECT_SECONDS,
    read: float = READ_SECONDS,
    trusted: bool = False,
    base_url: str = "",
    headers: Mapping[str, str] | None = None,
    max_bytes: int = MAX_BYTES,
    overflow: Overflow = "refuse",
    redirects: int = 0,
    retries: int = RETRIES,
    circuit: str = "",
    schemes: Sequence[str] = SCHEMES,
    allow_networks: Sequence[str] = (),
    resolver: Resolver = resolve_system,
) -> httpx2.AsyncClient:
    """The same for an event loop; see :func:`client`."""
    total = _total(timeout, connect, read)
    call = Call(role, total=total, max_bytes=max_bytes, retries=retries, circuit=circuit, overflow=overflow)
    policy = Policy.of(trusted=trusted, allow_networks=allow_networks, resolver=resolver, schemes=schemes)
    return AsyncClient(
        role=role,
        transport=AsyncTransport(call, policy, _tls()),
        base_url=base_url,
        headers={"Accept-Encoding": "gzip", **(headers or {})},
        timeout=_timeouts(total, connect, read),
        follow_redirects=redirects > 0,
        max_redirects=redirects,
        trust_env=False,
    )


def _total(timeout: float | None, connect: float, read: float) -> float:
    return max(TOTAL_SECONDS, connect + read) if timeout is None else timeout


def _timeouts(total: float, connect: float, read: float) -> httpx2.Timeout:
    # Sending and waiting for a connection keep the usual bound: a long answer is no reason for a slow question.
    return httpx2.Timeout(min(READ_SECONDS, total), connect=min(connect, total), read=min(read, total))


@cache
def _tls() -> ssl.SSLContext:
    """Made once: reading the certificates takes some 20 ms."""
    return httpx2.create_ssl_context(trust_env=False)
