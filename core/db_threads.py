"""Long-lived threads for database work that starts in an event loop.

Under ASGI every request has a thread of its own, and thread-sensitive ``sync_to_async`` puts all detached tasks of a
process behind one thread. Code that lives beside requests (generation, the socket hub) runs its queries here instead:
a fixed number of threads that keep their connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import ParamSpec
from typing import TypeVar

from django.conf import settings
from django.db import close_old_connections

P = ParamSpec("P")
R = TypeVar("R")


@cache
def executor() -> ThreadPoolExecutor:
    """The threads; what is given to them directly closes its connection itself."""
    return ThreadPoolExecutor(max_workers=settings.DB_THREADS, thread_name_prefix="db-thread")


def _fenced(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    close_old_connections()
    try:
        return function(*args, **kwargs)
    finally:
        close_old_connections()


async def in_db_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run ``function`` in a database thread and wait for it; a broken connection is dropped before and after."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(executor(), lambda: _fenced(function, *args, **kwargs))
