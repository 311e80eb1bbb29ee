"""Where the proof is played: server processes on PostgreSQL and Redis, and a proxy on every wire between them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Coroutine
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from typing import TypeVar

import psycopg

from tests.kit.databases import migrated_database
from tests.kit.http import request
from tests.kit.postgres import PostgresServer
from tests.kit.processes import environment
from tests.kit.processes import free_port
from tests.kit.redis import RedisServer
from tests.kit.servers import Server
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


@dataclass(kw_only=True)
class Unit(Server):
    """One server process; it reaches Redis through a proxy of its own."""

    redis: Proxy
    trouble: BusTrouble

    def fall_asleep(self) -> None:
        """The process stands still, with all its connections, as under a debugger or on a machine that swaps."""
        if self.is_running:
            os.kill(self.pid, signal.SIGSTOP)

    def wake(self) -> None:
        if self.is_running:
            os.kill(self.pid, signal.SIGCONT)


@dataclass
class Stage:
    """Everything the proof needs, started once for many plays."""

    threaded: Threaded
    redis: RedisServer
    units: list[Unit]
    database_url: str
    gate: Path
    """While it is there, every socket that connects waits in the middle of its ``sync``."""
    postgres: PostgresServer | None = None
    """The server of the database, where it is the proof's own and may be stopped."""

    def api(self, method: str, path: str, token: str = "", body: Any = None, unit: int = 0) -> tuple[int, Any]:
        """Status and decoded answer of a request that no proxy disturbs."""
        answer = request(method, self.units[unit].url + path, body, token=token, seconds=30)
        return answer.status, answer.json

    def rows(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Straight from the database."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return connection.execute(statement, parameters).fetchall()

    def change(self, *statements: str, **values: Any) -> None:
        """Write to the database past all servers, in one transaction."""
        with psycopg.connect(self.database_url) as connection:
            for statement in statements:
                connection.execute(statement, values)

    def terminate_backends(self) -> None:
        """Every connection of the servers to PostgreSQL ends in the middle of whatever it does."""
        self.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    def heal(self) -> None:
        """Undo every fault that lasts."""
        self.gate.unlink(missing_ok=True)
        if self.postgres and not self.postgres.is_running:
            self.postgres.start()
        if not self.redis.is_running:
            self.redis.start()
        for unit in self.units:
            unit.trouble.plan.clear()
            unit.wake()
            self.threaded.do(_flow(unit.redis))
            if not unit.is_running:
                unit.launch()
        for unit in self.units:
            unit.wait()


async def _flow(proxy: Proxy) -> None:
    proxy.flow()


@contextlib.contextmanager
def stage(
    folder: Path,
    postgres: PostgresServer | None,
    *,
    mutant: str = "",
    units: int = 2,
    server: str = "tests.proof.server",
    prepare: Sequence[str] = (),
    more: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Stage]:
    """A fresh database, a Redis and server processes, all gone afterwards.

    The database is on ``postgres``, where there is one: then DATABASE_URL names it. ``server`` is the module that runs
    in the processes, with ``more`` in their environment; ``prepare`` are statements that the database hears first.
    """
    assert RedisServer.is_possible(), "the proof kills and restarts Redis, so it needs a redis-server in the PATH"
    threaded, redis = Threaded(), RedisServer()
    try:
        redis.start()
        with migrated_database(folder) as settings:
            assert "DATABASE_URL" in settings, "the proof runs on PostgreSQL: set DATABASE_URL"
            url = settings["DATABASE_URL"]
            env = environment(
                folder,
                DATABASE_URL=url,
                ENVIRONMENT="test",
                JWT_ACCESS_EXPIRY="24h",
                RATE_LIMIT_ENABLED="false",
                REDIS_URL=redis.url(),
                PROOF_GATE=str(folder / "gate"),
            )
            env |= more
            with psycopg.connect(url, autocommit=True) as connection:
                if mutant == "unique-key":
                    connection.execute("DROP INDEX message_client_id")
                if mutant != "durable":  # databases of tests do not wait for the disk; this one is about that
                    connection.execute(f'ALTER DATABASE "{connection.info.dbname}" RESET synchronous_commit')
                for statement in prepare:
                    connection.execute(statement)
            made = [
                _unit(threaded, redis, server, folder / f"server-{number}.log", env | {"PROOF_MUTANT": mutant})
                for number in range(units)
            ]
            try:
                for unit in made:
                    unit.launch()
                for unit in made:
                    unit.wait()
                yield Stage(threaded, redis, made, url, folder / "gate", postgres)
            finally:
                for unit in made:
                    unit.kill()
    finally:
        redis.kill()
        threaded.stop()


def _unit(threaded: Threaded, redis: RedisServer, server: str, log: Path, env: dict[str, str]) -> Unit:
    trouble = BusTrouble(channel=b":c:")
    proxy = Proxy(redis.port, filter_down=trouble.filter)
    threaded.do(proxy.start())
    port = free_port()
    own = {"PORT": str(port), "REDIS_URL": f"redis://127.0.0.1:{proxy.port}/0"}
    command = (sys.executable, "-m", server, "serve")
    return Unit(command, port, env | own, log, redis=proxy, trouble=trouble)
