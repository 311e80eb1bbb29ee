"""A Redis of one's own, to be killed."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.kit.processes import Process
from tests.kit.processes import free_port


class RedisServer(Process):
    """It keeps nothing, and is ready when it answers."""

    def __init__(self) -> None:
        port = free_port()
        options = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
        super().__init__(("redis-server", *options), port, log_path=Path(os.devnull))

    @staticmethod
    def is_possible() -> bool:
        return shutil.which("redis-server") is not None

    def url(self, database: int = 0) -> str:
        return f"redis://127.0.0.1:{self.port}/{database}"

    def is_ready(self) -> bool:
        try:
            with self._client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def hang(self) -> None:
        """It answers nothing, and closes nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def kill_listeners(self) -> int:
        """``CLIENT KILL`` of everyone who subscribed, as an operator does it, or a balancer with a short memory."""
        with self._client() as client:
            return int(client.client_kill_filter(_type="pubsub"))

    def _client(self) -> redis.Redis:
        return redis.Redis(port=self.port, retry=Retry(NoBackoff(), 0))
