"""Servers as real processes: start, background work, static files, stop."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from core import modules
from kintsugi.config import BASE_DIR
from kintsugi.process import ServingProcess
from tests.kit.processes import PRODUCTION
from tests.kit.processes import environment
from tests.kit.processes import free_port
from tests.kit.processes import manage
from tests.kit.servers import serving

UVICORN = ("serve",)
DAPHNE = ("runserver", "--noreload", "127.0.0.1:{port}")
NOISE = re.compile(
    r"Traceback|SynchronousOnlyOperation|No hostname was supplied|SecurityWarning|must consume synchronous|superuser"
)


def _until(condition: Any, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.mark.parametrize("command", [UVICORN, DAPHNE], ids=["uvicorn", "daphne"])
def test_both_servers_answer_and_serve_static_files(tmp_path: Path, command: tuple[str, ...]) -> None:
    with serving(tmp_path, *command) as server:
        status, _, body = server.get("/api/config")
        assert (status, "billing" in json.loads(body)["modules"]) == (200, True)
        status, headers, body = server.get("/static/admin/css/base.css")
        assert (status, headers["content-type"]) == (200, 'text/css; charset="utf-8"')
        assert b"body" in body
        assert "immutable" not in headers.get("cache-control", "")
        assert not NOISE.search(server.log), server.log


def test_beat_and_worker_run_beside_the_embedded_server_and_stop_with_it(tmp_path: Path) -> None:
    before = set(BASE_DIR.iterdir())
    with serving(tmp_path, DJANGO_SETTINGS_MODULE="tests.probe.settings", REDIS_URL="") as server:
        _until((tmp_path / "trace").exists)
        assert server.stop() == 0, server.log
        assert "graceful shutdown exceeded" not in server.log, "nothing was waited for"
    assert (tmp_path / "trace").read_text() == "0"
    assert not NOISE.search(server.log), server.log
    assert set(BASE_DIR.iterdir()) - before <= {BASE_DIR / "var"}


def test_the_embedded_worker_consumes_every_queue(tmp_path: Path) -> None:
    """The probe's app puts a job into each when its process starts."""

    def done() -> set[str]:
        with closing(sqlite3.connect(tmp_path / "kintsugi.sqlite3")) as database:
            return {kind for (kind,) in database.execute("SELECT kind FROM jobs WHERE state = 'succeeded'")}

    wanted = {f"probe.mark_{queue}" for queue in settings.JOB_QUEUES}
    with serving(tmp_path, DJANGO_SETTINGS_MODULE="tests.probe.settings", DATABASE_URL="", REDIS_URL=""):
        _until(lambda: wanted <= done())


def test_a_taken_port_is_a_sentence(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = manage("serve", env=environment(tmp_path, PORT=str(port)))
    assert result.returncode == 1
    assert result.stderr.strip() == f"CommandError: Cannot listen on 127.0.0.1, port {port}: Address already in use."


def test_several_processes_need_redis(tmp_path: Path) -> None:
    result = manage("serve", "--workers", "2", env=environment(tmp_path, PORT=str(free_port())))
    assert (result.returncode, "needs REDIS_URL" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY must be a random value"),
        ({"DEBUG": "true"}, "DEBUG must be off in production"),
        ({"JWT_ACCESS_EXPIRY": "soon"}, "JWT_ACCESS_EXPIRY: 'soon' is not a duration"),
        ({"METRICS_TOKEN_FILE": "/nowhere", "METRICS_TOKEN": ""}, "METRICS_TOKEN_FILE names /nowhere"),
    ],
)
def test_a_process_that_may_not_start_says_why(tmp_path: Path, change: dict[str, str], part: str) -> None:
    result = manage("check", env=environment(tmp_path, **PRODUCTION | change))
    assert result.returncode == 1
    assert result.stderr.startswith("Kintsugi cannot start. ")
    assert part in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_var_dir_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = manage("check", env=environment(tmp_path / "file" / "var"))
    assert (result.returncode, "where nothing can be written" in result.stderr) == (1, True)
    assert "Traceback" not in result.stderr


def test_development_secrets_are_made_once_and_are_private(tmp_path: Path) -> None:
    show = ("shell", "--verbosity", "0", "-c", "from django.conf import settings; print(settings.SECRET_KEY)")
    first, second = (manage(*show, env=environment(tmp_path)).stdout for _ in range(2))
    assert first == second
    assert len(first.strip()) >= 32
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "secrets").iterdir()} == {0o600}


async def test_a_failed_start_is_told_to_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(modules.ModuleConfig):
        def __init__(self) -> None:
            pass

        def start(self) -> None:
            raise RuntimeError("no model found")

    monkeypatch.setattr(modules, "installed", lambda: iter([Broken()]))
    received: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    await received.put({"type": "lifespan.startup"})
    sent: list[dict[str, str]] = []

    async def send(message: dict[str, str]) -> None:
        sent.append(message)

    await ServingProcess().lifespan(received.get, send)
    assert sent == [{"type": "lifespan.startup.failed", "message": "no model found"}]


async def test_the_process_starts_once_for_many_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    class Counting(modules.ModuleConfig):
        def __init__(self) -> None:
            pass

        def start(self) -> None:
            time.sleep(0.02)
            started.append(1)

    monkeypatch.setattr(modules, "installed", lambda: iter([Counting()]))
    process = ServingProcess()
    await asyncio.gather(*(process.ensure_started() for _ in range(10)))
    process.stop()
    assert started == [1]
