"""Who may open a socket."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl
from urllib.parse import urlencode
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port
from django.http.request import validate_host

from core import errors
from core.api import throttles
from core.net import address_key
from core.net import peer_address
from core.realtime.identity import Identity
from core.realtime.identity import sessions
from core.realtime.protocol import SUBPROTOCOL

_BEARER = "bearer."


def take_token(scope: dict[str, Any]) -> str:
    """The token of a handshake, taken out of ``scope``: what a server or a reporter writes of it shows none.

    It stands in the query (``token``) or among the subprotocols (``bearer.<token>``); empty when in neither.
    """
    query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    found = [value for name, value in query if name == "token"]
    scope["query_string"] = urlencode([(name, value) for name, value in query if name != "token"]).encode()
    offered = list(scope.get("subprotocols", ()))
    found += [name.removeprefix(_BEARER) for name in offered if name.startswith(_BEARER)]
    scope["subprotocols"] = [name for name in offered if not name.startswith(_BEARER)]
    scope["headers"] = [
        (name, b"" if name == b"sec-websocket-protocol" else value) for name, value in scope.get("headers", ())
    ]
    return found[0] if found else ""


def subprotocol(scope: dict[str, Any]) -> str | None:
    """What to answer: ours, when it was offered."""
    return SUBPROTOCOL if SUBPROTOCOL in scope.get("subprotocols", ()) else None


def origin_is_ours(scope: dict[str, Any]) -> bool:
    """Whether the page that opens the socket is the site's own, or listed. What sends no Origin is no browser."""
    origin = _header(scope, b"origin")
    if not origin:
        return True
    if origin in settings.CORS_ALLOWED_ORIGINS or origin == _origin_of(settings.PUBLIC_URL):
        return True
    host = _header(scope, b"host")
    domain, _port = split_domain_port(host)
    known = bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)
    return known and origin in (f"http://{host}", f"https://{host}")


def admit(token: str, address: str) -> Identity:
    """:func:`count` and :func:`authenticate`."""
    count(address)
    return authenticate(token)


def count(address: str) -> None:
    """Count a socket of this address; raises RateLimited. Runs in a database thread, as the cache may be Redis."""
    throttles.hit("socket", address_key(address))


def authenticate(token: str) -> Identity:
    """Whose token this is. Runs in a database thread; raises Unauthenticated for no good token."""
    if not token or "\x00" in token:
        raise errors.Unauthenticated
    return sessions().authenticate(token)


def address_of(scope: dict[str, Any]) -> str:
    """The client's address, seen through the trusted proxies."""
    client = scope.get("client") or ("", 0)
    return peer_address(str(client[0]), _header(scope, b"x-forwarded-for"))


def _header(scope: dict[str, Any], name: bytes) -> str:
    values = [value for key, value in scope.get("headers", ()) if key.lower() == name]
    return b",".join(values).decode("latin-1")


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
