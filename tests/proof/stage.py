"""Where the proof is played: server processes on PostgreSQL and Redis, and a proxy on every wire between them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from collections.abc import Coroutine
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any
from typing import TypeVar

import psycopg

from kintsugi.config import BASE_DIR
from tests.processes import database
from tests.processes import environment
from tests.processes import free_port
from tests.processes import manage
from tests.proof.proxy import BusTrouble
from tests.proof.proxy import Proxy

T = TypeVar("T")
_PATIENCE = 60.0


class Threaded:
    """An event loop in a thread of its own, so that a synchronous test can drive what is asynchronous."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="proof-loop", daemon=True)
        self._thread.start()

    def do(self, work: Coroutine[Any, Any, T], timeout: float = _PATIENCE) -> T:
        """Run it there and wait."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)


@dataclass
class Redis:
    """A Redis of our own, to be killed."""

    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = shutil.which("redis-server")
        assert command, "the proof kills and restarts Redis, so it needs a redis-server in the PATH"
        self.process = subprocess.Popen(
            [command, "--port", str(self.port), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"],
            stdout=subprocess.DEVNULL,
        )
        wait_for(self._answers, "Redis does not answer")

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def kill_subscribers(self) -> None:
        """What an operator, or a balancer with a short memory, does to idle connections."""
        import redis

        with redis.Redis(port=self.port) as client:
            client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")

    def _answers(self) -> bool:
        import redis

        try:
            with redis.Redis(port=self.port) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


@dataclass
class Unit:
    """One server process; it reaches Redis through a proxy of its own."""

    env: dict[str, str]
    log: Path
    port: int
    redis: Proxy
    trouble: BusTrouble
    process: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.proof.server", "serve"],
                cwd=BASE_DIR,
                env=self.env,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait(self) -> None:
        wait_for(self.answers, f"the server does not answer, see {self.log}")

    def kill(self) -> None:
        """SIGKILL."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def answers(self) -> bool:
        assert self.process
        assert self.process.poll() is None, f"the server stopped:\n{self.log.read_text(errors='replace')[-4000:]}"
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/config", timeout=5),
        ):
            return True
        return False


@dataclass
class Stage:
    """Everything the proof needs, started once for many plays."""

    threaded: Threaded
    redis: Redis
    units: list[Unit]
    database_url: str

    def api(self, method: str, path: str, token: str = "", body: Any = None, unit: int = 0) -> tuple[int, Any]:
        """Status and decoded answer of a request that no proxy disturbs."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        data = None if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.units[unit].port}{path}"
        request = urllib.request.Request(url, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def rows(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Straight from the database."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return connection.execute(statement, parameters).fetchall()

    def terminate_backends(self) -> None:
        """Every connection of the servers to PostgreSQL ends in the middle of whatever it does."""
        self.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    def heal(self) -> None:
        """Undo every fault that lasts."""
        if self.redis.process is None:
            self.redis.start()
        for unit in self.units:
            unit.trouble.plan.clear()
            self.threaded.do(_flow(unit.redis))
            if unit.process is None or unit.process.poll() is not None:
                unit.launch()
        for unit in self.units:
            unit.wait()


async def _flow(proxy: Proxy) -> None:
    proxy.flow()


def wait_for(condition: Callable[[], bool], sentence: str, timeout: float = _PATIENCE) -> None:
    """Until it holds; raises AssertionError with ``sentence``."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, sentence
        time.sleep(0.02)


@contextlib.contextmanager
def stage(folder: Path, *, mutant: str = "", units: int = 2) -> Iterator[Stage]:
    """A fresh database, a Redis and server processes, all gone afterwards."""
    threaded, redis = Threaded(), Redis()
    redis.start()
    try:
        with database() as settings:
            assert "DATABASE_URL" in settings, "the proof runs on PostgreSQL: set DATABASE_URL"
            url = settings["DATABASE_URL"]
            env = environment(
                folder,
                DATABASE_URL=url,
                DB_POOL_MIN="1",
                ENVIRONMENT="test",
                JWT_ACCESS_EXPIRY="24h",
                RATE_LIMIT_ENABLED="false",
                REDIS_URL=f"redis://127.0.0.1:{redis.port}/0",
            )
            migrated = manage("migrate", "--verbosity", "0", env=env, timeout=180)
            assert migrated.returncode == 0, migrated.stderr
            if mutant == "unique-key":
                with psycopg.connect(url, autocommit=True) as connection:
                    connection.execute("DROP INDEX message_client_id")
            made = [
                _unit(threaded, redis, folder / f"server-{number}.log", env | {"PROOF_MUTANT": mutant})
                for number in range(units)
            ]
            try:
                for unit in made:
                    unit.launch()
                for unit in made:
                    unit.wait()
                yield Stage(threaded, redis, made, url)
            finally:
                for unit in made:
                    unit.kill()
    finally:
        redis.kill()
        threaded.stop()


def _unit(threaded: Threaded, redis: Redis, log: Path, env: dict[str, str]) -> Unit:
    trouble = BusTrouble(channel=b":c:")
    proxy = Proxy(redis.port, filter_down=trouble.filter)
    threaded.do(proxy.start())
    port = free_port()
    own = {"PORT": str(port), "REDIS_URL": f"redis://127.0.0.1:{proxy.port}/0"}
    return Unit(env | own, log, port, proxy, trouble)
