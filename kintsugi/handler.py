"""How the API is served inside an ASGI process: in long-lived threads.

Django's own ASGI handler gives every request a thread of its own and hops onto it for each synchronous middleware. Here
the whole synchronous chain of a request (middleware, DRF view, queries) runs in one hop, in a thread that lives on.
What streams still streams from the event loop: a view returns a response with an async iterator, and starts work beside
itself with ``async_to_sync``, which leads back to the server's loop.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.exception import convert_exception_to_response
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string


class ThreadLaneHandler(ASGIHandler):
    """An ASGI handler whose middleware and views are synchronous."""

    def __init__(self) -> None:
        super().__init__()
        lanes = ThreadPoolExecutor(max_workers=settings.REQUEST_LANES, thread_name_prefix="request-lane")
        self._respond = sync_to_async(self._respond_in_lane, thread_sensitive=False, executor=lanes)

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - Django's signature
        """Build the synchronous chain of ``settings.API_MIDDLEWARE``.

        The API has no sessions, forms or static files; and one middleware that is only asynchronous would cost each
        request two hops between threads.
        """
        chain: Any = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined] # missing in the stubs
        for path in reversed(settings.API_MIDDLEWARE):
            chain = convert_exception_to_response(import_string(path)(chain))
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        self._middleware_chain = chain

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # Without Django's ThreadSensitiveContext, which makes (and ends) a thread for each request.
        await self.handle(scope, receive, send)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """The response, made in a lane."""
        return await self._respond(request)

    def _respond_in_lane(self, request: HttpRequest) -> HttpResponseBase:
        close_old_connections()
        try:
            return self.get_response(request)
        finally:
            close_old_connections()
