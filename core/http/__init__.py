"""The only door to the internet.

``with http.client(role="deepl", timeout=15) as client: client.get(url)``: an ``httpx`` client that refuses addresses
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

import httpx

from core.http.clients import AsyncClient
from core.http.clients import Client
from core.http.errors import AddressRefused
from core.http.errors import AnswerRefused
from core.http.errors import CircuitOpen
from core.http.errors import OutgoingError
from core.http.errors import TimedOut
from core.http.errors import Unreachable
from core.http.guard import Policy
from core.http.guard import Resolver
from core.http.guard import resolve_system
from core.http.transport import AsyncTransport
from core.http.transport import Call
from core.http.transport import Transport

__all__ = [
    "AddressRefused",
    "AnswerRefused",
    "CircuitOpen",
    "OutgoingError",
    "TimedOut",
    "Unreachable",
    "async_client",
    "client",
]

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0
TOTAL_SECONDS = 20.0
MAX_BYTES = 1024 * 1024
RETRIES = 2


def client(
    *,
    role: str,
    timeout: float = TOTAL_SECONDS,
    trusted: bool = False,
    base_url: str = "",
    headers: Mapping[str, str] | None = None,
    max_bytes: int = MAX_BYTES,
    redirects: int = 0,
    retries: int = RETRIES,
    allow_networks: Sequence[str] = (),
    resolver: Resolver = resolve_system,
) -> httpx.Client:
    """A client for one kind of service.

    ``role`` names the service in metrics and in the circuit breaker. ``timeout`` bounds a whole call in seconds, its
    retries included (with redirects, each hop), ``max_bytes`` the decompressed answer. Redirects are not followed
    unless ``redirects`` says how many; every hop is judged anew. ``allow_networks`` and ``resolver`` exist for tests.
    """
    call = Call(role=role, total=timeout, max_bytes=max_bytes, retries=retries)
    policy = Policy.of(trusted=trusted, allow_networks=allow_networks, resolver=resolver)
    return Client(
        role=role,
        transport=Transport(call, policy, _tls()),
        base_url=base_url,
        headers={"Accept-Encoding": "gzip", **(headers or {})},
        timeout=_timeouts(timeout),
        follow_redirects=redirects > 0,
        max_redirects=redirects,
        trust_env=False,
    )


def async_client(
    *,
    role: str,
    timeout: float = TOTAL_SECONDS,
    trusted: bool = False,
    base_url: str = "",
    headers: Mapping[str, str] | None = None,
    max_bytes: int = MAX_BYTES,
    redirects: int = 0,
    retries: int = RETRIES,
    allow_networks: Sequence[str] = (),
    resolver: Resolver = resolve_system,
) -> httpx.AsyncClient:
    """The same for an event loop; see :func:`client`."""
    call = Call(role=role, total=timeout, max_bytes=max_bytes, retries=retries)
    policy = Policy.of(trusted=trusted, allow_networks=allow_networks, resolver=resolver)
    return AsyncClient(
        role=role,
        transport=AsyncTransport(call, policy, _tls()),
        base_url=base_url,
        headers={"Accept-Encoding": "gzip", **(headers or {})},
        timeout=_timeouts(timeout),
        follow_redirects=redirects > 0,
        max_redirects=redirects,
        trust_env=False,
    )


def _timeouts(total: float) -> httpx.Timeout:
    return httpx.Timeout(min(READ_SECONDS, total), connect=min(CONNECT_SECONDS, total))


@cache
def _tls() -> ssl.SSLContext:
    """Made once: reading the certificates takes some 20 ms."""
    return httpx.create_ssl_context(trust_env=False)
