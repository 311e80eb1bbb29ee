"""One pool of connections for each event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import aiohttp
from django.conf import settings

_sessions: dict[asyncio.AbstractEventLoop, tuple[aiohttp.ClientSession, AsyncGenerator[aiohttp.ClientSession]]] = {}


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
    connector = aiohttp.TCPConnector(limit=0, ttl_dns_cache=300, keepalive_timeout=30)
    # Silence is watched per stream: aiohttp's own read timeout would set a timer for every chunk.
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=settings.LLM_CONNECT_SECONDS)
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
    ) as opened:
        try:
            yield opened
        finally:
            _sessions.pop(loop, None)
