"""Who is at the other end of a request."""

from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request


def client_ip(request: HttpRequest | Request) -> str:
    """The client's address, seen through exactly ``TRUSTED_PROXIES`` proxies.

    Each trusted proxy appends the address it saw to ``X-Forwarded-For``; whatever stands left of those was written by
    the client and proves nothing.
    """
    remote = str(request.META.get("REMOTE_ADDR") or "")
    hops = settings.TRUSTED_PROXIES
    if hops:
        forwarded = [part.strip() for part in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")]
        if len(forwarded) >= hops:
            remote = forwarded[-hops]
    try:
        return str(ip_address(remote))
    except ValueError:
        return "unknown"
