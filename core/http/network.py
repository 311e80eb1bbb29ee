"""Connections that go to the judged address and know when the whole call is over.

``httpcore2`` asks its network backend to connect to a host name; TLS and the ``Host`` header keep using that name
whatever address the backend connects to. So this is the one place where a name becomes an address.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

import httpcore2

from core.http.guard import Policy

deadline: ContextVar[float] = ContextVar("outgoing_deadline", default=float("inf"))
"""When the call that is being made must be over, on the monotonic clock."""


class Departure:
    """Whether anything of a call, of its tries and of its redirects may have left this machine."""

    def __init__(self) -> None:
        self.happened = False


departure: ContextVar[Departure | None] = ContextVar("outgoing_departure", default=None)
"""That of the call that is being made."""

_MAX_ADDRESSES = 3


def _depart() -> None:
    if call := departure.get():
        call.happened = True


def _left(timeout: float | None, late: type[Exception]) -> float:
    left = min(timeout if timeout is not None else float("inf"), deadline.get() - time.monotonic())
    if left <= 0:
        raise late
    return left


class _Stream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left = _left(timeout, httpcore2.WriteTimeout)
        _depart()
        self._stream.write(buffer, left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout, httpcore2.ConnectTimeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _AsyncStream(httpcore2.AsyncNetworkStream):
    def __init__(self, stream: httpcore2.AsyncNetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore2\'s signature
        return await self._stream.read(max_bytes, _left(timeout, httpcore2.ReadTimeout))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        left = _left(timeout, httpcore2.WriteTimeout)
        _depart()
        await self._stream.write(buffer, left)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore2.AsyncNetworkStream:
        left = _left(timeout, httpcore2.ConnectTimeout)
        return _AsyncStream(await self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class Backend(httpcore2.NetworkBackend):
    """Connects threads."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._backend = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        *others, last = self._addresses(host, port, _left(timeout, httpcore2.ConnectTimeout))[:_MAX_ADDRESSES]
        for address in others:
            with suppress(httpcore2.ConnectError, httpcore2.ConnectTimeout):
                return self._connect(address, port, timeout, local_address, socket_options)
        return self._connect(last, port, timeout, local_address, socket_options)

    def _connect(self, address: str, port: int, timeout: float | None, *options: Any) -> httpcore2.NetworkStream:
        return _Stream(self._backend.connect_tcp(address, port, _left(timeout, httpcore2.ConnectTimeout), *options))

    def _addresses(self, host: str, port: int, seconds: float) -> list[str]:
        try:
            return self._policy.addresses(host, port, seconds=seconds)
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout from error
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError from error


class AsyncBackend(httpcore2.AsyncNetworkBackend):
    """Connects event loops."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._backend = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        left = _left(timeout, httpcore2.ConnectTimeout)
        *others, last = (await self._addresses(host, port, left))[:_MAX_ADDRESSES]
        for address in others:
            with suppress(httpcore2.ConnectError, httpcore2.ConnectTimeout):
                return await self._connect(address, port, timeout, local_address, socket_options)
        return await self._connect(last, port, timeout, local_address, socket_options)

    async def _connect(
        self,
        address: str,
        port: int,
        timeout: float | None,  # noqa: ASYNC109
        *options: Any,
    ) -> httpcore2.AsyncNetworkStream:
        left = _left(timeout, httpcore2.ConnectTimeout)
        return _AsyncStream(await self._backend.connect_tcp(address, port, left, *options))

    async def _addresses(self, host: str, port: int, seconds: float) -> list[str]:
        try:
            return await self._policy.addresses_async(host, port, seconds=seconds)
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout from error
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError from error
