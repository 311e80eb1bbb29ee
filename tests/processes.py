"""Real processes for tests: commands, and servers with a database of their own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from urllib.parse import urlsplit
from urllib.parse import urlunsplit

from kintsugi.config import BASE_DIR
from kintsugi.config import Config

_START_SECONDS = 60
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "k7Qw2xV9bZ4nM1tR8yL5pD3sG6hJ0fCaUeXi-oT4vB9zK2mW7q",
    "JWT_SECRET": "Zb3Nn8vKq1Wt6Rj4Ym9Lp2Hd7Gs5FxCaEuTo",
    "ENCRYPTION_KEYS": "tQ5mB8rW1zX4vN7kJ0hG3fD6sA9pL2yCeUiO",
    "METRICS_TOKEN": "metrics-reader-1",
    "ALLOWED_HOSTS": "chat.example.org",
    "PUBLIC_URL": "https://chat.example.org",
    "DATABASE_URL": "postgres://house:Vq83nPzL@127.0.0.1:5432/house",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "TRUSTED_PROXIES": "1",
    "OPENAI_API_KEY": "sk-not-a-real-one",
    "S3_ACCESS_KEY": "files",
    "S3_SECRET_KEY": "u8Yt5Re2Wq",
}
"""A production environment with nothing to complain about; no server behind its addresses is asked."""


def environment(var_dir: Path, **extra: str) -> dict[str, str]:
    """This process's environment without any setting of the project, plus ``extra``."""
    names = {name.upper() for name in Config.model_fields}
    names |= {f"{name}_FILE" for name in names} | {"COV_CORE_SOURCE", "PYTEST_CURRENT_TEST"}
    kept = {name: value for name, value in os.environ.items() if name not in names}
    return kept | {"ENV_FILE": os.devnull, "VAR_DIR": str(var_dir), "LLM_DISCOVERY": "false"} | extra


def manage(*arguments: str, env: dict[str, str], timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run ``manage.py``."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env=env,
        check=False,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass
class Server:
    """A running server process, and how to start it again."""

    url: str
    words: tuple[str, ...]
    log_path: Path
    env: dict[str, str]
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def get(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (lower-case names) and body."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=20) as answer:
                return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()

    def start(self) -> None:
        """Start the process, again perhaps, and wait until it answers."""
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", *self.words],
                cwd=BASE_DIR,
                env=self.env,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        _wait(self)

    def kill(self) -> None:
        """SIGKILL: what a power cut leaves behind."""
        self.process.kill()
        self.process.wait()

    def stop(self, timeout: float = 20) -> int:
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)


@contextlib.contextmanager
def serving(var_dir: Path, *command: str, **extra: str) -> Iterator[Server]:
    """A migrated database and a server on it, ``manage.py serve`` unless another manage.py command is given."""
    port = free_port()
    with database() as database_settings:
        env = environment(var_dir, PORT=str(port), **(database_settings | extra))
        migrated = manage("migrate", "--verbosity", "0", env=env, timeout=180)
        assert migrated.returncode == 0, migrated.stderr
        words = tuple(word.replace("{port}", str(port)) for word in command or ("serve",))
        server = Server(f"http://127.0.0.1:{port}", words, var_dir / "server.log", env)
        try:
            server.start()
            yield server
        finally:
            process = server.process
            if process.poll() is None:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(20)
                process.kill()
            process.wait()


def _wait(server: Server) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        assert server.process.poll() is None, f"the server stopped:\n{server.log}"
        with contextlib.suppress(OSError):
            server.get("/api/config")
            return
        time.sleep(0.05)
    raise AssertionError(f"the server did not answer within {_START_SECONDS} s:\n{server.log}")


@contextlib.contextmanager
def database() -> Iterator[dict[str, str]]:
    """Settings for a fresh database: SQLite below VAR_DIR, or a new one on the PostgreSQL that is under test."""
    redis = {"REDIS_URL": os.environ["REDIS_URL"]} if os.environ.get("REDIS_URL") else {}
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield redis
        return
    import psycopg

    name = f"kintsugi_{uuid.uuid4().hex[:12]}"
    parts = urlsplit(url)
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield redis | {"DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}")), "DB_POOL_MIN": "1"}
        finally:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
