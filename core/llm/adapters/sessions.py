"""One pool of connections for each event loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator

import aiohttp
from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver
from django.conf import settings

from core.http import guard

_sessions: dict[asyncio.AbstractEventLoop, tuple[aiohttp.ClientSession, AsyncGenerator[aiohttp.ClientSession]]] = {}


class _Resolver(ThreadedResolver):
    """The system's resolver, without what no name of a model server may mean: see :func:`guard.is_link_local`."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await super().resolve(host, port, family)
        # A machine at home may have such an address beside another one.
        usable = [entry for entry in found if not guard.is_link_local(entry["host"])]
        if not usable:
            raise OSError(None, "only link-local addresses")
        return usable


async def session() -> aiohttp.ClientSession:
    """The running loop's session, made at the first call and closed with the loop."""
    loop = asyncio.get_running_loop()
    known = _sessions.get(loop)
    if known is None:
        keeper = _keep(loop)
        known = _sessions[loop] = (await anext(keeper), keeper)
    return known[0]


async def _keep(loop: asyncio.AbstractEventLoop) -> AsyncGenerator[aiohttp.ClientSession]:
    """Holds a session open until the loop shuts its generators down, which is the only farewell a loop offers."""
    connector = aiohttp.TCPConnector(limit=0, ttl_dns_cache=300, keepalive_timeout=30, resolver=_Resolver())
    # Silence is watched per stream: aiohttp's own read timeout would set a timer for every chunk.
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=settings.LLM_CONNECT_SECONDS)
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
    ) as opened:
        try:
            yield opened
        finally:
            _sessions.pop(loop, None)
