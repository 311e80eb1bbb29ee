"""What a server says it serves; an OpenAI-compatible one is asked by the ``openai`` SDK, the way answers are."""

from __future__ import annotations

import asyncio
import math

import aiohttp
import httpx2

from core.http import bodies
from core.http.errors import OutgoingError
from core.http.proxies import proxy_for
from core.llm.adapters import credentials
from core.llm.adapters import failures
from core.llm.adapters import sessions
from core.llm.adapters.http import LIST_SECONDS
from core.llm.adapters.http import beginning
from core.llm.base import ProviderConfig
from core.llm.errors import ProviderUnavailable

LARGEST_LIST = 16 * 1024 * 1024
"""Bytes, unpacked: of a list that is longer nothing is believed."""


async def list_models(config: ProviderConfig) -> list[str]:
    """The ids, sorted; raises the errors of :mod:`core.llm.errors`."""
    import openai

    http = openai.DefaultAsyncHttpxClient(
        trust_env=False,
        proxy=proxy_for(config.base_url),
        follow_redirects=False,
        headers={"Accept-Encoding": "gzip"},
        event_hooks={"response": [_bound]},
    )
    client = openai.AsyncOpenAI(
        base_url=config.base_url,
        api_key=config.api_key or "none",
        organization=config.organization or None,
        max_retries=0,
        timeout=LIST_SECONDS,
        http_client=http,
    )
    async with client:
        try:
            # Of the SDK's timeout each piece that drips in is a new beginning.
            async with asyncio.timeout(LIST_SECONDS):
                return sorted([model.id async for model in client.models.list()])
        except openai.APIStatusError as error:
            raise failures.of_response(error.status_code, error.response.content, provider=config.name) from error
        except (openai.OpenAIError, OutgoingError, TimeoutError) as error:
            raise ProviderUnavailable from error


async def _bound(response: httpx2.Response) -> None:
    """The SDK reads bodies whole, those of errors as well."""
    meter = bodies.meter_for(response, "llm", LARGEST_LIST)
    assert isinstance(response.stream, httpx2.AsyncByteStream)  # noqa: S101 - of an asynchronous client
    response.stream = bodies.AsyncBody(response.stream, meter, "llm", math.inf)


async def document(config: ProviderConfig) -> bytes:
    """The body of the list of a server that speaks its maker's own protocol; raises the errors of
    :mod:`core.llm.errors`."""
    session = await sessions.session()
    try:
        async with (
            asyncio.timeout(LIST_SECONDS),
            session.get(
                config.list_url,
                headers={"Accept-Encoding": "identity", **credentials.headers(config)},
                allow_redirects=False,
                proxy=proxy_for(config.list_url),
            ) as response,
        ):
            body = await beginning(response, LARGEST_LIST)
            if len(body) >= LARGEST_LIST:
                raise ProviderUnavailable
            if response.status != 200:
                raise failures.of_response(response.status, body, provider=config.name)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ProviderUnavailable from error
    return body
