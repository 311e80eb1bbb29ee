"""Processes of tests, proof and benchmarks: their environment, commands that end, and what listens on a port."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import IO
from typing import Self

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
    frugal = {"LLM_DISCOVERY": "false", "DB_POOL_MIN": "1"}
    return kept | frugal | {"ENV_FILE": os.devnull, "VAR_DIR": str(var_dir)} | extra


def manage(*arguments: str, env: Mapping[str, str], timeout: float = 60) -> subprocess.CompletedProcess[str]:
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


def wait_for(
    condition: Callable[[], object], sentence: str | Callable[[], str], seconds: float = _START_SECONDS
) -> None:
    """Until it holds; raises AssertionError with ``sentence``, which may be put together only then."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(sentence if isinstance(sentence, str) else sentence())
        time.sleep(0.02)


@dataclass
class Process:
    """A process that listens on a port: how it is started, again perhaps, awaited and ended."""

    command: tuple[str, ...]
    port: int
    env: Mapping[str, str] | None = None
    """This process's own, unless given."""
    log_path: Path | None = None
    """Where what it says is added; with nothing given it speaks where this process does."""
    cwd: Path = BASE_DIR
    user: str | None = None
    """Whose process it is; only root can start another one's."""
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)

    @property
    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8", errors="replace") if self.log_path else ""

    @property
    def pid(self) -> int:
        return self._started.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def is_ready(self) -> bool:
        """Whether it does its work already."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def launch(self) -> None:
        """Start it, and do not wait."""
        with contextlib.ExitStack() as files:
            log = files.enter_context(self.log_path.open("ab")) if self.log_path else None
            self._process = subprocess.Popen(
                self.command,
                cwd=self.cwd,
                env=self.env,
                stdout=log,
                stderr=subprocess.STDOUT if log else None,
                user=self.user,
            )

    def wait(self) -> None:
        """Until it is ready."""
        name = " ".join(self.command)

        def is_ready() -> bool:
            if not self.is_running:
                raise AssertionError(f"{name} ended with {self._started.returncode}:\n{self.log}")
            return self.is_ready()

        wait_for(is_ready, lambda: f"{name} was not ready within {_START_SECONDS} s:\n{self.log}")

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        self.launch()
        self.wait()

    def kill(self) -> None:
        """SIGKILL: what a power cut leaves behind."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def stop(self, seconds: float = 20) -> int:
        """SIGTERM; the exit status."""
        self._started.terminate()
        return self._started.wait(seconds)

    @contextlib.contextmanager
    def running(self) -> Iterator[Self]:
        """Started, and ended with the block, politely if it can be."""
        try:
            self.start()
            yield self
        finally:
            if self.is_running:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.stop()
            self.kill()

    @property
    def _started(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "it was never started"
        return self._process


@contextlib.contextmanager
def announcing(*arguments: str, env: Mapping[str, str] | None = None) -> Iterator[str]:
    """A Python process that prints one line about itself, which is given, and lives until the block ends.

    Whatever it started in its turn ends with it.
    """
    with subprocess.Popen(
        [sys.executable, *arguments],
        cwd=BASE_DIR,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield _first_line(process.stdout)
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def _first_line(stdout: IO[str] | None) -> str:
    line = stdout.readline().strip() if stdout else ""
    if not line:
        raise RuntimeError("the process ended before it was ready")
    return line
