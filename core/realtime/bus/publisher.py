"""Publishing from threads: into a queue, and from there to Redis in one round trip for all that waits."""

from __future__ import annotations

import logging
import threading
import time
from queue import Empty
from queue import SimpleQueue

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from core.realtime import metrics

logger = logging.getLogger(__name__)

_MOST_QUEUED = 20_000
_MOST_AT_ONCE = 500
_PAUSE_SECONDS = 0.5
_GONE = (redis.RedisError, OSError)


class Publisher:
    """One background thread per process. What does not fit or does not arrive is dropped: the tail check finds it."""

    def __init__(self, url: str) -> None:
        # A batch that fails is not sent again: by then the hubs have found it in the database.
        self._client = redis.Redis.from_url(
            url, protocol=2, retry=Retry(NoBackoff(), 0), socket_timeout=2.0, socket_connect_timeout=1.0
        )
        self._queue: SimpleQueue[tuple[str, bytes] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._away = False

    def put(self, channel: str, data: bytes) -> None:
        """Queue one message, or drop it when too many wait."""
        if self._queue.qsize() >= _MOST_QUEUED:
            metrics.BUS_DROPPED.inc()
            return
        self._queue.put((channel, data))
        if self._thread is None:
            self._start()

    def close(self, seconds: float = 1.0) -> None:
        """Let the thread send what is queued, for so long at most."""
        thread = self._thread
        if thread is not None:
            self._queue.put(None)
            thread.join(seconds)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="bus-publisher", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        ended = False
        while not ended:
            batch, ended = self._take()
            if batch:
                self._send(batch)
        self._client.close()
        self._thread = None

    def _take(self) -> tuple[list[tuple[str, bytes]], bool]:
        """What waits, waiting for the first; and whether the end has come."""
        batch: list[tuple[str, bytes]] = []
        item = self._queue.get()
        while item is not None:
            batch.append(item)
            if len(batch) == _MOST_AT_ONCE:
                return batch, False
            try:
                item = self._queue.get_nowait()
            except Empty:
                return batch, False
        return batch, True

    def _send(self, batch: list[tuple[str, bytes]]) -> None:
        pipeline = self._client.pipeline(transaction=False)
        for channel, data in batch:
            pipeline.publish(channel, data)
        try:
            pipeline.execute(raise_on_error=False)
        except _GONE as error:
            metrics.BUS_DROPPED.inc(len(batch))
            if not self._away:
                logger.warning("Redis does not take events (%s); listeners find them in the database", error)
            self._away = True
            time.sleep(_PAUSE_SECONDS)
        else:
            self._away = False
