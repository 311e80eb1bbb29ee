"""Answers of the API are kept by no cache, unless the view says otherwise: most of them are somebody's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.utils.decorators import sync_and_async_middleware


@sync_and_async_middleware
def unstored(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Sets ``Cache-Control: no-store`` below ``/api/`` where a view has set none."""

    def said(request: HttpRequest, response: Any) -> Any:
        if request.path_info.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> Any:
            return said(request, await get_response(request))

        return answer_async

    def answer(request: HttpRequest) -> Any:
        return said(request, get_response(request))

    return answer
