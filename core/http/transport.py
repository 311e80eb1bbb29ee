"""One call: judged, tried, tried again where that is safe, counted."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from dataclasses import dataclass
from typing import cast

import httpcore
import httpx

from core.http.bodies import AsyncBody
from core.http.bodies import Body
from core.http.bodies import meter_for
from core.http.bodies import translate
from core.http.breaker import Breaker
from core.http.errors import AddressRefused
from core.http.errors import CircuitOpen
from core.http.errors import OutgoingError
from core.http.guard import Policy
from core.http.guard import Refused
from core.http.network import AsyncBackend
from core.http.network import Backend
from core.http.network import deadline
from core.observability.metrics import OUTGOING_SECONDS

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PASSING = frozenset({502, 503, 504})
_FIRST_PAUSE = 0.2


@dataclass(frozen=True, slots=True)
class Call:
    """What bounds the calls of one client: ``total`` seconds each, ``max_bytes`` of answer, ``retries``."""

    role: str
    total: float
    max_bytes: int
    retries: int


class _Attempts:
    """The bookkeeping of one request, the same with and without an event loop."""

    def __init__(self, call: Call, request: httpx.Request) -> None:
        self.call = call
        self.started = time.monotonic()
        self.ends = self.started + call.total
        self.breaker = Breaker(call.role, request.url.host)
        self._tries_left = call.retries if request.method in _SAFE else 0
        self._pause = _FIRST_PAUSE

    def refuse_if_open(self) -> None:
        if wait := self.breaker.seconds_closed_to_us():
            self.observe("circuit_open")
            raise CircuitOpen(self.call.role, retry_after=wait)

    def pause_before_retry(self) -> float | None:
        """Seconds to wait before another try, or None when this was the last. Jitter keeps processes apart."""
        pause = random.uniform(self._pause / 2, self._pause)  # noqa: S311 - not a secret
        if not self._tries_left or time.monotonic() + pause >= self.ends:
            return None
        self._tries_left -= 1
        self._pause *= 2
        return pause

    def observe(self, outcome: str) -> None:
        OUTGOING_SECONDS.labels(self.call.role, outcome).observe(time.monotonic() - self.started)

    def give_up(self, error: Exception) -> OutgoingError:
        """Count what happened and say it in our words."""
        if isinstance(error, Refused):
            self.observe("refused")
            return AddressRefused(self.call.role)
        if isinstance(error, OutgoingError):
            self.observe(error.code)
            return error
        translated = translate(error, self.call.role) if isinstance(error, httpx.HTTPError) else None
        self.observe(translated.code if translated else "failed")
        return translated or OutgoingError(self.call.role)


class Transport(httpx.HTTPTransport):
    """For threads."""

    def __init__(self, call: Call, policy: Policy, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._call, self._policy = call, policy
        # httpx offers no other way to choose the network backend of its pool.
        self._pool = httpcore.ConnectionPool(ssl_context=tls, network_backend=Backend(policy), keepalive_expiry=30)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send; raises children of OutgoingError only."""
        attempts = _Attempts(self._call, request)
        token = deadline.set(attempts.ends)
        try:
            self._policy.check_url(request.url)
            attempts.refuse_if_open()
            response = self._metered(self._try(request, attempts), attempts)
        except CircuitOpen:
            raise
        except (httpx.HTTPError, Refused, OutgoingError) as error:
            raise attempts.give_up(error) from None
        finally:
            deadline.reset(token)
        return response

    def _metered(self, response: httpx.Response, attempts: _Attempts) -> httpx.Response:
        try:
            meter = meter_for(response, self._call.role, self._call.max_bytes)
        except OutgoingError:
            response.close()
            raise
        attempts.observe(f"{response.status_code // 100}xx")
        stream = cast("httpx.SyncByteStream", response.stream)
        response.stream = Body(stream, meter, self._call.role, attempts.ends)
        return response

    def _try(self, request: httpx.Request, attempts: _Attempts) -> httpx.Response:
        while True:
            try:
                response = super().handle_request(request)
            except httpx.TransportError:
                attempts.breaker.failed()
                pause = attempts.pause_before_retry()
                if pause is None:
                    raise
            else:
                if response.status_code < 500:
                    attempts.breaker.succeeded()
                    return response
                attempts.breaker.failed()
                pause = attempts.pause_before_retry() if response.status_code in _PASSING else None
                if pause is None:
                    return response
                response.close()
            time.sleep(pause)
            attempts.refuse_if_open()


class AsyncTransport(httpx.AsyncHTTPTransport):
    """For event loops."""

    def __init__(self, call: Call, policy: Policy, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._call, self._policy = call, policy
        backend = AsyncBackend(policy)
        self._pool = httpcore.AsyncConnectionPool(ssl_context=tls, network_backend=backend, keepalive_expiry=30)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send; raises children of OutgoingError only."""
        attempts = _Attempts(self._call, request)
        token = deadline.set(attempts.ends)
        try:
            self._policy.check_url(request.url)
            await asyncio.to_thread(attempts.refuse_if_open)
            response = await self._metered(await self._try(request, attempts), attempts)
        except CircuitOpen:
            raise
        except (httpx.HTTPError, Refused, OutgoingError) as error:
            raise attempts.give_up(error) from None
        finally:
            deadline.reset(token)
        return response

    async def _metered(self, response: httpx.Response, attempts: _Attempts) -> httpx.Response:
        try:
            meter = meter_for(response, self._call.role, self._call.max_bytes)
        except OutgoingError:
            await response.aclose()
            raise
        attempts.observe(f"{response.status_code // 100}xx")
        stream = cast("httpx.AsyncByteStream", response.stream)
        response.stream = AsyncBody(stream, meter, self._call.role, attempts.ends)
        return response

    async def _try(self, request: httpx.Request, attempts: _Attempts) -> httpx.Response:
        while True:
            try:
                response = await super().handle_async_request(request)
            except httpx.TransportError:
                await asyncio.to_thread(attempts.breaker.failed)
                pause = attempts.pause_before_retry()
                if pause is None:
                    raise
            else:
                if response.status_code < 500:
                    await asyncio.to_thread(attempts.breaker.succeeded)
                    return response
                await asyncio.to_thread(attempts.breaker.failed)
                pause = attempts.pause_before_retry() if response.status_code in _PASSING else None
                if pause is None:
                    return response
                await response.aclose()
            await asyncio.sleep(pause)
            await asyncio.to_thread(attempts.refuse_if_open)
