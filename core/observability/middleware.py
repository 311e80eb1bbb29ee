"""Around every request: its id, its line in the access log, its figures."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Awaitable
from collections.abc import Callable
from typing import Any
from typing import cast

from asgiref.sync import iscoroutinefunction
from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import SimpleLazyObject

from core.ids import uuid7
from core.observability import metrics
from core.observability.context import request_id

logger = logging.getLogger("kintsugi.access")

_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_PROBES = frozenset({"health", "ready", "metrics"})

_Answer = HttpResponseBase | Awaitable[HttpResponseBase]


class RequestMiddleware:
    """Sets and returns ``X-Request-Id``; measures until the answer begins. Works in a sync and in an async chain."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], _Answer]) -> None:
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> _Answer:
        if self._is_async:
            return self._answer_async(request)
        started = _begin(request)
        try:
            response = cast("HttpResponseBase", self.get_response(request))
        finally:
            metrics.IN_FLIGHT.dec()
        return _end(request, response, started)

    async def _answer_async(self, request: HttpRequest) -> HttpResponseBase:
        started = _begin(request)
        try:
            response = await cast("Awaitable[HttpResponseBase]", self.get_response(request))
        finally:
            metrics.IN_FLIGHT.dec()
        return _end(request, response, started)


def _begin(request: HttpRequest) -> float:
    # Never taken back: what streams after the middleware has returned still belongs to this request, and every request
    # has a context of its own.
    request_id.set(_inbound_id(request) or str(uuid7()))
    metrics.IN_FLIGHT.inc()
    return time.perf_counter()


def _inbound_id(request: HttpRequest) -> str | None:
    """The id a trusted proxy gave; anybody else could write lies into the logs."""
    given = request.headers.get("X-Request-Id", "") if settings.TRUSTED_PROXIES else ""
    return given if _SANE_ID.fullmatch(given) else None


def _end(request: HttpRequest, response: HttpResponseBase, started: float) -> HttpResponseBase:
    seconds = time.perf_counter() - started
    route = request.resolver_match.route if request.resolver_match else "unmatched"
    metrics.observe_request(method=request.method or "", route=route, status=response.status_code, seconds=seconds)
    response["X-Request-Id"] = request_id.get()
    logger.log(
        _level(route, response.status_code),
        "%s %s %d in %.0f ms",
        request.method,
        route,
        response.status_code,
        seconds * 1000,
        extra={
            "method": request.method,
            "route": route,
            "status": response.status_code,
            "duration_ms": round(seconds * 1000, 1),
            "user_id": _user_id(request),
        },
    )
    return response


def _level(route: str, status: int) -> int:
    if status >= 500:
        return logging.WARNING
    return logging.DEBUG if route in _PROBES else logging.INFO


def _user_id(request: HttpRequest) -> str | None:
    """Who was found to ask; never asks the database for it."""
    user: Any = vars(request).get("user")
    if isinstance(user, SimpleLazyObject):
        user = vars(request).get("_cached_user")
    return str(user.pk) if user is not None and user.pk else None
