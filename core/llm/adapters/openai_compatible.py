"""Any server that speaks OpenAI's chat completions: OpenAI, OpenRouter, vLLM, Ollama, llama.cpp, LM Studio.

The token stream is read from the socket by hand (see :mod:`core.llm.adapters.wire`); the ``openai`` SDK, which builds
an object of many fields for each chunk, does what is not a stream.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import AsyncGenerator

import aiohttp
from django.conf import settings

from core.llm.adapters import failures
from core.llm.adapters import payload
from core.llm.adapters import sessions
from core.llm.adapters.wire import Reader
from core.llm.base import Delta
from core.llm.base import ProviderConfig
from core.llm.base import Request
from core.llm.errors import ModelError
from core.llm.errors import ProviderRateLimited
from core.llm.errors import ProviderSilent
from core.llm.errors import ProviderUnavailable
from core.llm.errors import StreamCut

_LONGEST_WAIT = 5.0
_FIRST_PAUSE = 0.5
_AFTER_FINISH = 5.0
_AFTER_DONE = 0.25
_MOST_ERROR_BYTES = 64 * 1024
_LIST_SECONDS = 10.0


class _Silence:
    """Ends a read that waits too long, with one timer for a whole stream instead of one for each chunk.

    ``since`` is the loop's time at which the read began to wait, infinity while nobody waits.
    """

    __slots__ = ("_content", "_handle", "_loop", "_seconds", "since")

    def __init__(self, content: aiohttp.StreamReader, seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._content = content
        self._seconds = seconds
        self.since = math.inf
        self._handle = self._loop.call_later(seconds, self._look)

    def _look(self) -> None:
        waited = self._loop.time() - self.since
        if waited >= self._seconds:
            self._content.set_exception(ProviderSilent())
        else:
            self._handle = self._loop.call_later(min(self._seconds, self._seconds - waited), self._look)

    def shorten(self, seconds: float) -> None:
        """From now on wait no longer than this."""
        self._seconds = min(seconds, self._seconds)
        self.stop()
        self._handle = self._loop.call_later(self._seconds, self._look)

    def stop(self) -> None:
        self._handle.cancel()


class OpenAICompatible:
    """One configured provider; holds no connection of its own, so it serves any event loop."""

    def __init__(self, config: ProviderConfig) -> None:
        self.config = config
        self._url = f"{config.base_url}/chat/completions"
        self._headers = {
            "Content-Type": "application/json",
            "Accept": "text/event-stream",
            "Accept-Encoding": "identity",
            "User-Agent": "Kintsugi",
            **dict(config.headers),
        }
        if config.api_key:
            self._headers["Authorization"] = f"Bearer {config.api_key}"
        if config.organization:
            self._headers["OpenAI-Organization"] = config.organization

    async def stream(self, request: Request) -> AsyncGenerator[Delta]:
        response = await self._open(payload.encode(request, sends_usage=self.config.sends_usage))
        reader = Reader()
        content = response.content
        silence = _Silence(content, settings.LLM_SILENCE_SECONDS)
        now = asyncio.get_running_loop().time
        cause: Exception | None = None
        try:
            while not reader.over:
                silence.since = now()
                data = await content.readany()
                silence.since = math.inf
                if not data:
                    break
                delta = reader.feed(data)
                if delta is not None:
                    if delta.finish_reason:
                        silence.shorten(_AFTER_FINISH)
                    yield delta
            await _let_end(content)
        except (aiohttp.ClientError, OSError) as error:
            cause = StreamCut()
            cause.__cause__ = error
        except ProviderSilent as error:
            cause = error
        finally:
            silence.stop()
            # A connection whose answer was read to its end has gone back to the pool by itself.
            response.close()
        if reader.failure:
            raise reader.failure
        if not reader.finished:
            raise cause or StreamCut()

    async def list_models(self) -> list[str]:
        import openai

        client = openai.AsyncOpenAI(
            base_url=self.config.base_url,
            api_key=self.config.api_key or "none",
            organization=self.config.organization or None,
            max_retries=0,
            timeout=_LIST_SECONDS,
        )
        async with client:
            try:
                return sorted([model.id async for model in client.models.list()])
            except openai.APIStatusError as error:
                raise failures.of_response(error.status_code, error.response.content) from error
            except openai.OpenAIError as error:
                raise ProviderUnavailable from error

    async def _open(self, body: bytes) -> aiohttp.ClientResponse:
        """The answer whose body is the stream. Tries again only here, before the first byte."""
        tries = settings.LLM_RETRIES
        while True:
            try:
                return await self._post(body)
            except (ProviderUnavailable, ProviderRateLimited) as failure:
                pause = _pause(failure, settings.LLM_RETRIES - tries)
                if not tries or pause is None:
                    raise
            tries -= 1
            await asyncio.sleep(pause)

    async def _post(self, body: bytes) -> aiohttp.ClientResponse:
        session = await sessions.session()
        try:
            async with asyncio.timeout(settings.LLM_SILENCE_SECONDS):
                response = await session.post(self._url, data=body, headers=self._headers, allow_redirects=False)
                if response.status == 200 and response.content_type != "application/json":
                    return response
                text = await _beginning(response)
        except aiohttp.ServerTimeoutError as error:
            raise ProviderUnavailable(retry_after=round(settings.LLM_CONNECT_SECONDS)) from error
        except aiohttp.ClientError as error:
            raise ProviderUnavailable from error
        except TimeoutError as error:
            raise ProviderSilent from error
        raise self._refusal(response, text)

    def _refusal(self, response: aiohttp.ClientResponse, body: bytes) -> ModelError:
        if response.status == 200:
            return failures.of_success(body, provider=self.config.name)
        return failures.of_response(
            response.status,
            body,
            retry_after=_seconds(response.headers.get("Retry-After", "")),
            provider=self.config.name,
        )


def _pause(failure: ModelError, tried: int) -> float | None:
    """Seconds to wait before the next try; None when a person should decide about it."""
    asked = failure.retry_after or 0
    if asked > _LONGEST_WAIT:
        return None
    backoff: float = _FIRST_PAUSE * 2**tried
    return asked + backoff * random.uniform(0.5, 1.0)  # noqa: S311 - spreads retries


def _seconds(header: str) -> float | None:
    """``Retry-After`` as seconds; a date, which no model provider sends, counts as absent."""
    try:
        value = float(header)
    except ValueError:
        return None
    return value if 0 <= value < math.inf else None


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    async with response:
        parts = []
        size = 0
        async for part in response.content.iter_any():
            parts.append(part)
            size += len(part)
            if size >= _MOST_ERROR_BYTES:
                break
        return b"".join(parts)


async def _let_end(content: aiohttp.StreamReader) -> None:
    """After the last event only the end of the body is left; reading it saves the connection for the next answer."""
    if content.at_eof():
        return
    try:
        async with asyncio.timeout(_AFTER_DONE):
            while await content.readany():
                pass
    except (TimeoutError, aiohttp.ClientError, OSError, ProviderSilent):
        return
