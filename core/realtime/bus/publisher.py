"""Publishing from threads: into a queue, and from there to Redis in one round trip for all that waits."""

from __future__ import annotations

import threading
import time
from queue import Empty
from queue import SimpleQueue

from core import redis
from core.realtime import metrics

_MOST_QUEUED = 20_000
_MOST_AT_ONCE = 500


class Publisher:
    """One background thread per process. What does not fit or does not arrive is dropped: the tail check finds it."""

    def __init__(self, url: str) -> None:
        # A batch that fails is not sent again: by then the hubs have found it in the database.
        self._client = redis.client(url)
        self._queue: SimpleQueue[tuple[str, bytes] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._pause = redis.Pause("Events are not sent and listeners find them in the database", seconds=0.5)

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
        except redis.GONE as error:
            metrics.BUS_DROPPED.inc(len(batch))
            self._pause.begin(error)
            time.sleep(self._pause.seconds)
        else:
            self._pause.end()
