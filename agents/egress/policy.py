"""Which servers a function may call: any of the open internet by https, and those that the operator names.

``AGENT_HTTP_HOSTS`` may be called by plain http, ``AGENT_PRIVATE_HOSTS`` may lie inside the house and on any port; both
hold ``host:port`` with commas between them. A target in both is called by http in a private network.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import SplitResult
from urllib.parse import urlsplit

from django.conf import settings

from agents.egress import problems
from agents.egress.problems import CannotBuild

ECHO_HOST = "echo.invalid"
"""Reserved (RFC 2606): our own echo service, which no network leads to."""
BUILTIN_MCP_HOST = "mcp.echo.invalid"
"""Reserved as well: our own MCP server."""
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a call goes, and what ``core.http`` must be told to let it."""

    host: str
    port: int
    schemes: tuple[str, ...]
    is_private: bool
    """One that the operator named, so its address is not judged."""

    @property
    def name(self) -> str:
        """As the operator would write it into a setting."""
        return f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def target_of(url: str) -> Target:
    """The target of an address. Raises CannotBuild with the rule it breaks; what it resolves to is judged later."""
    parts, port = _split(url)
    host = parts.hostname or ""
    if host in (ECHO_HOST, BUILTIN_MCP_HOST):
        return Target(host, port, ("https",), is_private=False)
    target = Target(host, port, ("https",), is_private=(host, port) in _named("AGENT_PRIVATE_HOSTS"))
    if parts.scheme == "http":
        if (host, port) not in _named("AGENT_HTTP_HOSTS"):
            raise CannotBuild(problems.not_https(target.name))
        target = Target(host, port, ("https", "http"), is_private=target.is_private)
    if not target.is_private and port not in _PORTS.values():
        raise CannotBuild(problems.other_port(target.name))
    return target


def _split(url: str) -> tuple[SplitResult, int]:
    # urlsplit drops tabs and line breaks; others would read another address then.
    if not url.isascii() or any(not "!" <= char <= "~" or char in '\\"<>^`|' for char in url):
        raise CannotBuild(problems.wrong_address())
    try:
        parts = urlsplit(url)
        port = _PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
    except ValueError:
        raise CannotBuild(problems.wrong_address()) from None
    if parts.scheme not in _PORTS or not parts.hostname or not port or any(char in parts.netloc for char in "{}%"):
        raise CannotBuild(problems.wrong_address())
    if "@" in parts.netloc:
        raise CannotBuild(problems.password_in_address())
    return parts, port


def _named(setting: str) -> frozenset[tuple[str, int]]:
    return frozenset(host_and_port(one) for one in getattr(settings, setting, ()))


def host_and_port(text: str) -> tuple[str, int]:
    """Of ``host:port`` or ``[::1]:port``. Raises ValueError."""
    parts = urlsplit(f"//{text.strip()}")
    if not parts.hostname or not parts.port or parts.path or "@" in parts.netloc:
        raise ValueError(f"{text!r} is not host:port.")
    return parts.hostname, parts.port
