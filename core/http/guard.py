"""Which addresses may be called. Addresses are judged, never strings: what a name means is what it resolves to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address
from ipaddress import IPv4Network
from ipaddress import IPv6Address
from ipaddress import IPv6Network
from ipaddress import ip_address
from ipaddress import ip_network
from typing import Self

from httpx2 import URL

Resolver = Callable[[str, int], list[str]]
"""Host and port to addresses; raises OSError when there are none."""

_Address = IPv4Address | IPv6Address
_Network = IPv4Network | IPv6Network

_PORTS = {"http": 80, "https": 443}
SCHEMES = tuple(_PORTS)

# Python calls these global, or did in some version: translations and tunnels that end in an IPv4 address of anybody's
# choice, relays, and blocks that no honest server has.
_DENIED: tuple[_Network, ...] = tuple(
    ip_network(network)
    for network in (
        "192.0.0.0/24",
        "192.88.99.0/24",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)


class Refused(Exception):
    """This URL or what it resolves to may not be called."""


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet; False for what is no address."""
    try:
        parsed: _Address = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    if not parsed.is_global or parsed.is_multicast or parsed.is_reserved or parsed.is_unspecified:
        return False
    return not any(parsed in network for network in _DENIED if network.version == parsed.version)


def is_link_local(address: str) -> bool:
    """Whether an address is of a machine's own network service, where clouds hand out credentials."""
    try:
        parsed: _Address = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return parsed.is_link_local


def resolve_system(host: str, port: int) -> list[str]:
    """Ask the system's resolver, which also knows ``0x7f000001`` and ``127.1``."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@cache
def _resolvers() -> ThreadPoolExecutor:
    # getaddrinfo knows no timeout; a thread can be left behind.
    return ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolver")


@dataclass(frozen=True, slots=True)
class Policy:
    """What one client may call."""

    trusted: bool
    allowed: tuple[_Network, ...]
    resolver: Resolver
    schemes: frozenset[str]

    @classmethod
    def of(
        cls,
        *,
        trusted: bool = False,
        allow_networks: Sequence[str] = (),
        resolver: Resolver = resolve_system,
        schemes: Sequence[str] = SCHEMES,
    ) -> Self:
        """A policy; ``allow_networks`` are let in on any port, whatever they are.

        Raises ValueError for schemes that are not some of SCHEMES; ``("https")`` is a string, and none of them.
        """
        if isinstance(schemes, str) or not schemes or not set(schemes) <= set(SCHEMES):
            raise ValueError(f"The schemes must be some of {SCHEMES}.")
        return cls(trusted, tuple(ip_network(network) for network in allow_networks), resolver, frozenset(schemes))

    def check_url(self, url: URL) -> None:
        """Raises Refused for a scheme that is not allowed, a missing host or credentials in the URL."""
        if url.scheme not in self.schemes or not url.host or url.userinfo:
            raise Refused

    def addresses(self, host: str, port: int, *, seconds: float) -> list[str]:
        """Resolve a host once; every one of its addresses must be allowed, or none is used.

        Connect to what this returns, not to the name: a second look could bring something else. Raises Refused, OSError
        when nothing is found, TimeoutError.
        """
        return self._judge(_resolvers().submit(self.resolver, host, port).result(seconds), port)

    async def addresses_async(self, host: str, port: int, *, seconds: float) -> list[str]:
        """The same for an event loop."""
        found = _resolvers().submit(self.resolver, host, port)
        return self._judge(await asyncio.wait_for(asyncio.wrap_future(found), seconds), port)

    def _judge(self, addresses: list[str], port: int) -> list[str]:
        if not addresses:
            raise OSError("no address")
        if not all(self._allows(address, port) for address in addresses):
            raise Refused
        return addresses

    def _allows(self, address: str, port: int) -> bool:
        if self.trusted:
            return True
        if any(ip_address(address) in network for network in self.allowed):
            return True
        return port in _PORTS.values() and is_public(address)
