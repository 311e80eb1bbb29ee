"""The half of an adapter that is the same for all protocols: ask, try again, watch for silence, close.

The token stream is read from the socket by hand: a vendor's SDK builds an object of many fields for each event.
"""

from __future__ import annotations

import abc
import asyncio
import math
import random
from collections.abc import AsyncGenerator

import aiohttp
from django.conf import settings

from core.http.proxies import proxy_for
from core.llm import abilities
from core.llm.adapters import beat
from core.llm.adapters import credentials
from core.llm.adapters import failures
from core.llm.adapters import sessions
from core.llm.adapters.lines import LONGEST_EVENT
from core.llm.adapters.reader import Reader
from core.llm.base import Delta
from core.llm.base import ProviderConfig
from core.llm.base import Request
from core.llm.errors import ModelError
from core.llm.errors import ProviderRateLimited
from core.llm.errors import ProviderSilent
from core.llm.errors import ProviderUnavailable
from core.llm.errors import StreamCut

_LONGEST_WAIT_SECONDS = 5.0
"""A provider that asks for a longer pause is not waited for."""
_FIRST_PAUSE_SECONDS = 0.5
"""Doubled with each further try."""
_AFTER_FINISH_SECONDS = 5.0
"""How long the usage may take after the finish reason."""
_AFTER_DONE_SECONDS = 0.25
"""How long the end of the body may take after the last event, so that the connection can be used again."""
_MOST_ERROR_BYTES = 64 * 1024
LIST_SECONDS = 10.0
"""How long a provider may take to tell its models."""
GATHER_SECONDS = 0.03
"""Two frames of a screen. Pieces that follow one another at half of it, or closer, are taken together: each reading
alone costs more than the piece, here and in everybody behind."""
_MORE_SILENCE = {"medium": 2, "high": 5, "xhigh": 10, "max": 10}
"""Hidden thinking may send nothing for minutes: so many times ``LLM_SILENCE``, where ``LLM_SILENCE_BY_EFFORT`` says
nothing else. Guesses, until somebody has measured."""


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


class HTTPProvider(abc.ABC):
    """One configured provider; holds no connection of its own, so it serves any event loop."""

    def __init__(self, config: ProviderConfig) -> None:
        self.config = config
        self._headers = {
            "Content-Type": "application/json",
            "Accept": "text/event-stream",
            "Accept-Encoding": "identity",
            **credentials.headers(config),
        }

    @abc.abstractmethod
    def path(self, request: Request) -> str:
        """Where a generation is asked for, below the base URL."""

    @abc.abstractmethod
    def encode(self, request: Request) -> bytes:
        """The body of a generation; called in a thread when it holds pictures."""

    @abc.abstractmethod
    def reader(self, request: Request) -> Reader:
        """Who reads the answer."""

    @abc.abstractmethod
    async def list_models(self) -> list[str]:
        """The ids this provider serves."""

    async def stream(self, request: Request) -> AsyncGenerator[Delta]:
        heavy = any(message.images or message.documents for message in request.messages)
        body = await asyncio.to_thread(self.encode, request) if heavy else self.encode(request)
        response = await self._open(self.config.base_url + self.path(request), body, _silence_seconds(request))
        seconds = _silence_seconds(request)
        reader = self.reader(request)
        content = response.content
        silence = _Silence(content, seconds)
        now = asyncio.get_running_loop().time
        cause: Exception | None = None
        is_heard = has_words = False
        try:
            if response.content_type == "application/json":
                reader.document(await _document(response, seconds))
            while not reader.over:
                silence.since = now()
                data = await content.readany()
                is_quick = now() - silence.since <= GATHER_SECONDS / 2
                silence.since = math.inf
                if not data:
                    break
                delta = reader.feed(data)
                if reader.closing:
                    silence.shorten(_AFTER_FINISH_SECONDS)
                if delta is None and not is_heard and not reader.over:
                    # It has taken the request, and thinks perhaps for minutes before there is anything to tell.
                    delta = Delta()
                if delta is not None:
                    is_heard = True
                    yield delta
                    # Not after the first words, which somebody is waiting for with nothing to read.
                    if is_quick and has_words and not reader.finished:
                        await beat.next_beat(GATHER_SECONDS)
                    has_words = has_words or bool(delta.text or delta.reasoning)
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
        if (last := reader.close()) is not None:
            yield last
        trouble = reader.trouble()
        if trouble is not None:
            raise cause if cause and isinstance(trouble, StreamCut) else trouble

    async def _open(self, url: str, body: bytes, seconds: float) -> aiohttp.ClientResponse:
        """The answer whose body is the stream. Tries again only here, before the first byte."""
        tries = settings.LLM_RETRIES
        while True:
            try:
                return await self._post(url, body, seconds)
            except (ProviderUnavailable, ProviderRateLimited) as failure:
                pause = _pause(failure, settings.LLM_RETRIES - tries)
                if not tries or pause is None:
                    raise
            tries -= 1
            await asyncio.sleep(pause)

    async def _post(self, url: str, body: bytes, seconds: float) -> aiohttp.ClientResponse:
        session = await sessions.session()
        try:
            async with asyncio.timeout(seconds):
                response = await session.post(
                    url, data=body, headers=self._headers, allow_redirects=False, proxy=proxy_for(url)
                )
                if response.status == 200:
                    return response
                text = await beginning(response)
        except aiohttp.ServerTimeoutError as error:
            raise ProviderUnavailable(retry_after=round(settings.LLM_CONNECT_SECONDS)) from error
        except aiohttp.ClientError as error:
            raise ProviderUnavailable from error
        except TimeoutError as error:
            raise ProviderSilent from error
        raise failures.of_response(
            response.status,
            text,
            retry_after=_seconds(response.headers.get("Retry-After", "")),
            provider=self.config.name,
        )


async def _document(response: aiohttp.ClientResponse, seconds: float) -> bytes:
    """A whole body, or as much of it as an answer may be long."""
    try:
        async with asyncio.timeout(seconds):
            return await beginning(response, LONGEST_EVENT)
    except TimeoutError as error:
        raise ProviderSilent from error


def _silence_seconds(request: Request) -> float:
    asked = abilities.effort(request.model, request.effort, request.adjustments) or ""
    seconds: float = settings.LLM_SILENCE_SECONDS * _MORE_SILENCE.get(asked, 1)
    return next((told for effort, told in settings.LLM_SILENCE_BY_EFFORT.items() if effort == asked), seconds)


def _pause(failure: ModelError, tried: int) -> float | None:
    """Seconds to wait before the next try; None when a person should decide about it."""
    asked = failure.retry_after or 0
    if asked > _LONGEST_WAIT_SECONDS:
        return None
    backoff: float = _FIRST_PAUSE_SECONDS * 2**tried
    return asked + backoff * random.uniform(0.5, 1.0)  # noqa: S311 - spreads retries


def _seconds(header: str) -> float | None:
    """``Retry-After`` as seconds; a date, which no model provider sends, counts as absent."""
    try:
        value = float(header)
    except ValueError:
        return None
    return value if 0 <= value < math.inf else None


async def beginning(response: aiohttp.ClientResponse, most: int = _MOST_ERROR_BYTES) -> bytes:
    """A body, or about ``most`` bytes of a longer one, which is given up with its connection."""
    async with response:
        parts = []
        size = 0
        async for part in response.content.iter_any():
            parts.append(part)
            size += len(part)
            if size >= most:
                break
        return b"".join(parts)


async def _let_end(content: aiohttp.StreamReader) -> None:
    """After the last event only the end of the body is left; reading it saves the connection for the next answer."""
    if content.at_eof():
        return
    try:
        async with asyncio.timeout(_AFTER_DONE_SECONDS):
            while await content.readany():
                pass
    except (TimeoutError, aiohttp.ClientError, OSError, ProviderSilent):
        return
