"""One call: judged, tried, tried again where that is safe, counted."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from typing import Final
from typing import cast
from typing import get_args

import httpcore2
import httpx2

from core.http.bodies import AsyncBody
from core.http.bodies import Body
from core.http.bodies import Meter
from core.http.bodies import Overflow
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
from core.http.network import Departure
from core.http.network import deadline
from core.http.network import departure
from core.observability.metrics import OUTGOING_SECONDS

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PASSING = frozenset({502, 503, 504})
_FIRST_PAUSE_SECONDS = 0.2
_BEFORE_SENDING = (Refused, httpx2.ConnectError, httpx2.ConnectTimeout)
MAX_BYTES: Final = "kintsugi.max_bytes"
"""The extension of a request with the limit of its good answer, in place of the client's."""


@dataclass(frozen=True, slots=True)
class Call:
    """What bounds the calls of one client: ``total`` seconds each, ``max_bytes`` of answer, ``retries``."""

    role: str
    total: float
    max_bytes: int
    retries: int
    circuit: str = ""
    overflow: Overflow = "refuse"

    def __post_init__(self) -> None:
        if self.overflow not in get_args(Overflow):
            raise ValueError(f"What overflows is one of {get_args(Overflow)}.")

    def meter(self, response: httpx2.Response, asked: Mapping[str, Any]) -> Meter:
        """How much of the answer is taken; ``asked`` are the extensions of the request. Raises AnswerRefused."""
        if MAX_BYTES in asked and response.is_success:
            return meter_for(response, self.role, asked[MAX_BYTES])
        return meter_for(response, self.role, self.max_bytes, self.overflow)


class _Attempts:
    """The bookkeeping of one request, the same with and without an event loop."""

    def __init__(self, call: Call, request: httpx2.Request) -> None:
        self.call = call
        self.started = time.monotonic()
        self.ends = self.started + call.total
        self.breaker = Breaker(call.role, request.url.host, call.circuit)
        self.extensions = request.extensions
        self._departure = departure.get() or Departure()
        self._tries_left = call.retries if request.method in _SAFE else 0
        self._pause = _FIRST_PAUSE_SECONDS

    def refuse_if_open(self) -> None:
        if wait := self.breaker.seconds_closed_to_us():
            self.observe("circuit_open")
            raise CircuitOpen(self.call.role, retry_after=wait, sent=self._departure.happened)

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
        sent = self._departure.happened or not isinstance(error, _BEFORE_SENDING)
        if isinstance(error, Refused):
            self.observe("refused")
            return AddressRefused(self.call.role, sent=sent)
        if isinstance(error, OutgoingError):
            self.observe(error.code)
            return error
        translated = translate(error, self.call.role, sent=sent) if isinstance(error, httpx2.HTTPError) else None
        self.observe(translated.code if translated else "failed")
        return translated or OutgoingError(self.call.role)


class Transport(httpx2.HTTPTransport):
    """For threads."""

    def __init__(self, call: Call, policy: Policy, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._call, self._policy = call, policy
        # httpx2 offers no other way to choose the network backend of its pool.
        self._pool = httpcore2.ConnectionPool(ssl_context=tls, network_backend=Backend(policy), keepalive_expiry=30)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send; raises children of OutgoingError only."""
        attempts = _Attempts(self._call, request)
        token = deadline.set(attempts.ends)
        try:
            self._policy.check_url(request.url)
            attempts.refuse_if_open()
            response = self._metered(self._try(request, attempts), attempts)
        except CircuitOpen:
            raise
        except (httpx2.HTTPError, Refused, OutgoingError) as error:
            raise attempts.give_up(error) from None
        finally:
            deadline.reset(token)
        return response

    def _metered(self, response: httpx2.Response, attempts: _Attempts) -> httpx2.Response:
        try:
            meter = self._call.meter(response, attempts.extensions)
        except OutgoingError:
            response.close()
            raise
        attempts.observe(f"{response.status_code // 100}xx")
        stream = cast("httpx2.SyncByteStream", response.stream)
        response.stream = Body(stream, meter, self._call.role, attempts.ends)
        return response

    def _try(self, request: httpx2.Request, attempts: _Attempts) -> httpx2.Response:
        while True:
            try:
                response = super().handle_request(request)
            except httpx2.TransportError:
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


class AsyncTransport(httpx2.AsyncHTTPTransport):
    """For event loops."""

    def __init__(self, call: Call, policy: Policy, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._call, self._policy = call, policy
        backend = AsyncBackend(policy)
        self._pool = httpcore2.AsyncConnectionPool(ssl_context=tls, network_backend=backend, keepalive_expiry=30)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send; raises children of OutgoingError only."""
        attempts = _Attempts(self._call, request)
        token = deadline.set(attempts.ends)
        try:
            self._policy.check_url(request.url)
            await asyncio.to_thread(attempts.refuse_if_open)
            response = await self._metered(await self._try(request, attempts), attempts)
        except CircuitOpen:
            raise
        except (httpx2.HTTPError, Refused, OutgoingError) as error:
            raise attempts.give_up(error) from None
        finally:
            deadline.reset(token)
        return response

    async def _metered(self, response: httpx2.Response, attempts: _Attempts) -> httpx2.Response:
        try:
            meter = self._call.meter(response, attempts.extensions)
        except OutgoingError:
            await response.aclose()
            raise
        attempts.observe(f"{response.status_code // 100}xx")
        stream = cast("httpx2.AsyncByteStream", response.stream)
        response.stream = AsyncBody(stream, meter, self._call.role, attempts.ends)
        return response

    async def _try(self, request: httpx2.Request, attempts: _Attempts) -> httpx2.Response:
        while True:
            try:
                response = await super().handle_async_request(request)
            except httpx2.TransportError:
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
