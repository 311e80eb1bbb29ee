"""What there is to get in by: the routes of the URL configuration with their verbs, and the commands of the socket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern
from django.urls import URLResolver
from django.urls import get_resolver
from django.urls import reverse

from core.realtime import commands
from core.realtime import protocol

VERBS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Route:
    """A path of the API; ``params`` are the names in it, in their order."""

    name: str
    path: str
    params: tuple[str, ...]
    view: Any

    @property
    def verbs(self) -> tuple[str, ...]:
        return tuple(verb for verb in VERBS if hasattr(self.view, verb))

    def url(self, ids: dict[str, Any]) -> str:
        return reverse(self.name, kwargs={param: ids[param] for param in self.params})


def _patterns(patterns: list[Any], path: str = "", params: tuple[str, ...] = ()) -> Iterator[Route]:
    for pattern in patterns:
        here, named = path + str(pattern.pattern), (*params, *pattern.pattern.converters)
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns, here, named)
        elif here.startswith("api/") and not here.startswith("api/v1/"):
            yield Route(str(pattern.name), here, named, _view(pattern))


def _view(pattern: URLPattern) -> Any:
    callback: Any = pattern.callback
    found = getattr(callback, "view_class", None) or getattr(callback, "cls", None)
    assert found is not None, f"{pattern.name} is no class: its verbs cannot be told"
    return found


def routes() -> dict[str, Route]:
    """By name; the versioned alias is left out."""
    found = list(_patterns(get_resolver().url_patterns))
    by_name = {route.name: route for route in found}
    assert len(by_name) == len(found), "two routes of the API have one name"
    return by_name


def socket_commands() -> set[str]:
    """What a client may ask for over the socket, the protocol's own frames included."""
    return {*commands.registry(), *protocol.COMMANDS}
