"""What arrives as text is UTF-8 and holds nothing a database refuses, before any view reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import Http404
from django.http import HttpRequest
from django.utils.decorators import sync_and_async_middleware


@sync_and_async_middleware
def plain_text(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Reads every request as UTF-8, drops cookies with a NUL in them, and finds nothing at a path that has one.

    Django lets the client name the codec of its query and its body, out of all that Python knows: one megabyte of
    ``punycode`` keeps a processor busy for a minute. JSON has no charset (RFC 8259), and our pages send UTF-8.
    A quoted cookie may hold any character, and so may a part of a path; PostgreSQL answers a NUL by an error.
    """

    def clean(request: HttpRequest) -> HttpRequest:
        if "\x00" in request.path_info:
            raise Http404
        if request.encoding:
            request.encoding = "utf-8"
        if any("\x00" in value for value in request.COOKIES.values()):
            request.COOKIES = {name: value for name, value in request.COOKIES.items() if "\x00" not in value}
        return request

    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> Any:
            return await get_response(clean(request))

        return answer_async

    def answer(request: HttpRequest) -> Any:
        return get_response(clean(request))

    return answer
