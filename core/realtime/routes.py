"""Which callable serves which socket: the house's own at ``/ws``, and those that modules name."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.urls.resolvers import RoutePattern
from django.utils.module_loading import import_string

from core import modules
from core.realtime import door
from core.realtime import protocol
from core.realtime import socket

_API, _API_ALIAS = "api/", "api/v1/"


async def serve(scope: door.Scope, receive: door.Receive, send: door.Send) -> None:
    """Serve one socket: by the callable of its route, or as the house's own, which refuses every path but ``/ws``."""
    path = scope["path"].removeprefix("/")
    if path.startswith(_API_ALIAS):
        path = _API + path.removeprefix(_API_ALIAS)
    for route, pattern, application in table():
        if match := pattern.match(path):
            scope["url_route"] = {"args": (), "kwargs": match[2]}  # as Channels' URLRouter has it
            await door.guarded(application, route, scope, receive, send)
            return
    await socket.serve(scope, receive, send)


@cache
def table() -> tuple[tuple[str, RoutePattern, door.Application], ...]:
    """The routes of all installed modules; raises ImproperlyConfigured for one that hides ``/ws``."""
    return tuple((route, _pattern(route), _callable(dotted)) for route, dotted in modules.socket_routes().items())


def _pattern(route: str) -> RoutePattern:
    pattern = RoutePattern(route, is_endpoint=not route.endswith("/"))
    if route.startswith("/") or pattern.match(protocol.PATH.removeprefix("/")):
        raise ImproperlyConfigured(
            f"The socket route {route!r} begins with a slash, or hides the house's own socket at {protocol.PATH}."
        )
    return pattern


def _callable(dotted: str) -> Any:
    return import_string(dotted)
