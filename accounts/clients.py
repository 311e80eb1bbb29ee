"""From where somebody acts: what sessions and the audit log keep of a request."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from rest_framework.request import Request

from core.net import client_ip


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """Address and user agent; both empty for what the house does by itself (commands, tasks)."""

    ip: str = ""
    user_agent: str = ""


NOBODY = ClientInfo()
_AGENT_CHARS = 300
"""As many as the columns ``user_agent`` take."""


def client_of(request: HttpRequest | Request | None) -> ClientInfo:
    """The client behind a request."""
    if request is None:
        return NOBODY
    return ClientInfo(
        ip=client_ip(request), user_agent=_printable(str(request.META.get("HTTP_USER_AGENT", "")))[:_AGENT_CHARS]
    )


def _printable(text: str) -> str:
    # PostgreSQL refuses NUL, and nobody wants control characters in a table staff read.
    return "".join(character for character in text if character.isprintable())
