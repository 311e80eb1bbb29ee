"""Servers of the project, as real processes on a database of their own."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

from tests.kit.databases import database
from tests.kit.databases import migrate
from tests.kit.databases import migrated_database
from tests.kit.http import Answer
from tests.kit.http import request
from tests.kit.processes import Process
from tests.kit.processes import environment
from tests.kit.processes import free_port


@dataclass
class Server(Process):
    """A server process; it is ready when it answers."""

    env: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, *, seconds: float = 20) -> Answer:
        return request("GET", self.url + path, seconds=seconds)

    def post(self, path: str, body: Any = None, *, token: str = "") -> Answer:
        return request("POST", self.url + path, body, token=token)

    def is_ready(self) -> bool:
        with contextlib.suppress(OSError):
            self.get("/api/config", seconds=5)
            return True
        return False

    @contextlib.contextmanager
    def beside(self, var_dir: Path, **extra: str) -> Iterator[Server]:
        """A further ``manage.py serve`` on the same database."""
        port = free_port()
        env = self.env | {"PORT": str(port)} | extra
        with Server(_manage("serve"), port, env, var_dir / f"{port}.log").running() as server:
            yield server


_PROBE = "tests.probe.settings"
"""One app more, which has no tables."""


@contextlib.contextmanager
def serving(var_dir: Path, *command: str, **extra: str) -> Iterator[Server]:
    """A migrated database and a server on it, ``manage.py serve`` unless another manage.py command is given."""
    port = free_port()
    is_like_the_template = extra.get("DJANGO_SETTINGS_MODULE", _PROBE) == _PROBE
    is_like_the_template &= extra.get("DATABASE_URL") in {None, os.environ.get("DATABASE_URL", "")}
    with migrated_database(var_dir) if is_like_the_template else database() as settings:
        env = environment(var_dir, PORT=str(port), **(settings | extra))
        if not is_like_the_template:
            migrate(env)
        words = (word.replace("{port}", str(port)) for word in command or ("serve",))
        with Server(_manage(*words), port, env, var_dir / "server.log").running() as server:
            yield server


def _manage(*words: str) -> tuple[str, ...]:
    return (sys.executable, "manage.py", *words)
