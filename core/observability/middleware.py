"""Gives every request an id."""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable

from asgiref.sync import iscoroutinefunction
from asgiref.sync import markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.ids import uuid7
from core.observability.context import request_id


class RequestMiddleware:
    """Sets and returns ``X-Request-Id``."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id.set(str(uuid7()))
        response = await self.get_response(request)
        response["X-Request-Id"] = request_id.get()
        return response
