"""Who is at the other end of a request."""

from __future__ import annotations

from ipaddress import ip_address
from ipaddress import ip_network

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request


def client_ip(request: HttpRequest | Request) -> str:
    """The client's address, seen through exactly ``TRUSTED_PROXIES`` proxies; "unknown" when nobody can tell."""
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
    return peer_address(str(request.META.get("REMOTE_ADDR") or ""), forwarded)


def peer_address(remote: str, forwarded: str) -> str:
    """The same, of the connection's other end and what ``X-Forwarded-For`` says.

    Each trusted proxy appends the address it saw to ``X-Forwarded-For``; whatever stands left of those was written by
    the client and proves nothing.
    """
    hops = settings.TRUSTED_PROXIES
    if hops:
        seen = [part.strip() for part in forwarded.split(",")]
        if len(seen) >= hops:
            remote = seen[-hops]
    try:
        return str(ip_address(remote))
    except ValueError:
        return "unknown"


def address_key(address: str) -> str:
    """Who counts as one client before sign-in: an IPv4 address, or the /64 that an IPv6 host can roam in."""
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address
