"""Anthropic itself, and servers that speak its protocol."""

from __future__ import annotations

import asyncio

import aiohttp

from core.http.proxies import proxy_for
from core.llm.adapters import credentials
from core.llm.adapters import failures
from core.llm.adapters import sessions
from core.llm.adapters import values
from core.llm.adapters.http import LIST_SECONDS
from core.llm.adapters.http import HTTPProvider
from core.llm.adapters.messages import payload
from core.llm.adapters.messages.wire import MessagesReader
from core.llm.base import Request
from core.llm.errors import ProviderUnavailable


class Messages(HTTPProvider):
    path = "/v1/messages"

    def encode(self, request: Request) -> bytes:
        return payload.encode(request)

    def reader(self, request: Request) -> MessagesReader:
        return MessagesReader(request.model.provider, request.model.wire_name)

    async def list_models(self) -> list[str]:
        url = f"{self.config.base_url}/v1/models?limit=1000"
        session = await sessions.session()
        try:
            async with (
                asyncio.timeout(LIST_SECONDS),
                session.get(
                    url, headers=credentials.headers(self.config), allow_redirects=False, proxy=proxy_for(url)
                ) as response,
            ):
                body = await response.read()
                if response.status != 200:
                    raise failures.of_response(response.status, body, provider=self.config.name)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ProviderUnavailable from error
        rows = values.items((values.frame(body) or {}).get("data"))
        return sorted(str(row["id"]) for row in rows if row.get("id"))
