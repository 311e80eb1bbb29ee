"""How the API is served inside an ASGI process: in long-lived threads.

Django's own ASGI handler gives every request a thread of its own and hops onto it for each synchronous middleware. Here
the whole synchronous chain of a request (middleware, DRF view, queries, the signals around them) runs in one hop, in a
thread that lives on. What streams still streams from the event loop: a view returns a response with an async iterator,
and starts work beside itself with ``async_to_sync``, which leads back to the server's loop.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from typing import Any
from typing import cast

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.asgi import get_script_prefix
from django.core.handlers.exception import convert_exception_to_response
from django.db import close_old_connections
from django.http import HttpRequest
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix
from django.utils.module_loading import import_string

from core.api.streaming import ReadyStream


class DatabaseThreadHandler(ASGIHandler):
    """An ASGI handler whose middleware and views are synchronous."""

    def __init__(self) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(max_workers=settings.REQUEST_DB_THREADS, thread_name_prefix="request-thread")
        self._respond = sync_to_async(self._respond_in_thread, thread_sensitive=False, executor=self._threads)

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

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        """Django's, but for its hops between threads and its two tasks, which only a stream needs."""
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with body:
            set_script_prefix(get_script_prefix(scope))
            request, refusal = self.create_request(scope, body)
            if request is None:
                await self.send_response(cast("HttpResponseBase", refusal), send)
                return
            response = await self.run_get_response(request)
            if isinstance(response, StreamingHttpResponse):
                await self._stream(response, receive, send)
            else:
                await self.send_response(response, send)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """The response, made in a thread that keeps its database connection."""
        return await self._respond(request)

    def _respond_in_thread(self, request: HttpRequest) -> HttpResponseBase:
        # The signals that look after connections and caches belong into the thread that has these.
        signals.request_started.send(sender=self.__class__, scope=request.scope)  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
            if not response.streaming:
                self._close(response)
            return response
        finally:
            close_old_connections()

    def _close(self, response: HttpResponseBase) -> None:
        response._handler_class = self.__class__  # type: ignore[attr-defined] # missing in the stubs
        response.close()

    async def _stream(self, response: StreamingHttpResponse, receive: Any, send: Any) -> None:
        """Send until the end, or until the client has gone."""
        sending = asyncio.create_task(self.send_response(response, send))
        leaving = asyncio.create_task(self.listen_for_disconnect(receive))
        try:
            await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            leaving.cancel()
            (failure, _gone) = await asyncio.gather(sending, leaving, return_exceptions=True)
            await asyncio.get_running_loop().run_in_executor(self._threads, self._close, response)
        if isinstance(failure, Exception):
            raise failure

    async def send_response(self, response: HttpResponseBase, send: Any) -> None:
        """Django's, but for answers made of bytes that are ready: those go out as they come."""
        if not isinstance(response, ReadyStream):
            await super().send_response(response, send)
            return
        headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in response.items()]
        await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        async with aclosing(response.pieces) as pieces:
            async for piece in pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body"})
