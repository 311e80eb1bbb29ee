"""A serving process: the modules' hooks, and the embedded worker and beat."""

from __future__ import annotations

import asyncio
import atexit
import gc
import logging
import threading
from typing import Any

from django.conf import settings
from django.urls import get_resolver

from core import modules
from kintsugi.serving import ServeTasks

logger = logging.getLogger(__name__)


class EmbeddedCelery:
    """Worker and beat as threads of this process, for a set-up without Redis."""

    def __init__(self) -> None:
        self._worker: Any = None
        self._beat: Any = None

    def start(self) -> None:
        from celery import beat

        from kintsugi.celery import app

        app.loader.import_default_modules()
        self._worker = app.WorkController(
            pool_cls="threads", concurrency=4, without_mingle=True, without_gossip=True, without_heartbeat=True
        )
        threading.Thread(target=self._worker.start, name="celery-worker", daemon=True).start()
        # The shelve file of the default scheduler would be shared by processes; the schedule is code.
        self._beat = beat.EmbeddedService(app, thread=True, scheduler_cls=beat.Scheduler)
        self._beat.start()

    def stop(self) -> None:
        if self._beat:
            self._beat.stop()
        if self._worker:
            self._worker.stop()


def _settle() -> None:
    """Load what only a first request would have loaded, and take all of it out of the garbage collector's sight.

    It stays to the end, and going through it stopped every request for 70 to 200 ms at each full collection
    (https://docs.python.org/3/library/gc.html#gc.freeze).
    """
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()


class ServingProcess:
    """Started once, by the lifespan protocol or by the first request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started = False
        self._celery: EmbeddedCelery | None = None
        self._serving: ServeTasks | None = None
        self._has_lifespan = False

    async def ensure_started(self) -> None:
        if self._serving is not None:
            return
        await asyncio.to_thread(self._start)
        if self._serving is None:  # else another request was first
            self._serving = ServeTasks()
            if not self._has_lifespan:
                atexit.register(self._serving.stop_at_exit)

    def _start(self) -> None:
        with self._lock:
            if self._started:
                return
            for module in modules.installed():
                module.start()
            if settings.EMBEDDED and not settings.CELERY_TASK_ALWAYS_EAGER:
                self._celery = EmbeddedCelery()
                self._celery.start()
            _settle()
            self._started = True

    def stop(self) -> None:
        if self._started:
            for module in modules.installed():
                module.stop()
        if self._celery:
            self._celery.stop()
            self._celery = None

    async def lifespan(self, receive: Any, send: Any) -> None:
        """The ASGI lifespan protocol: https://asgi.readthedocs.io/en/latest/specs/lifespan.html"""
        self._has_lifespan = True
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self.ensure_started()
                except Exception as error:
                    logger.exception("The process cannot start")
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    return
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if self._serving is not None:
                    await self._serving.stop()
                await asyncio.to_thread(self.stop)
                await send({"type": "lifespan.shutdown.complete"})
                return
