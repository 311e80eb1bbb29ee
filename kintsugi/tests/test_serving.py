"""What modules keep running: begun, called again, ended with the process, and nowhere else."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable
from collections.abc import Callable
from pathlib import Path

import pytest

from core import modules
from kintsugi import serving
from kintsugi.process import ServingProcess
from kintsugi.serving import ServeTasks
from messenger.services import notifying
from messenger.services import speaking
from tests.kit.processes import environment
from tests.kit.processes import manage
from tests.kit.processes import wait_for
from tests.kit.servers import serving as server_of

UVICORN = ("serve",)
DAPHNE = ("runserver", "--noreload", "127.0.0.1:{port}")
RELOADING = ("runserver", "127.0.0.1:{port}")
PROBE = {"DJANGO_SETTINGS_MODULE": "tests.probe.settings", "REDIS_URL": "", "PROBE_SERVE": "fails once"}


class Serving(modules.Room):
    """Counts its calls; what each does is the test's."""

    label = "serving"

    def __init__(self, body: Callable[[int], Awaitable[None]]) -> None:
        self.calls = 0
        self.called = asyncio.Condition()
        self._body = body

    async def serve(self) -> None:
        self.calls += 1
        async with self.called:
            self.called.notify_all()
        await self._body(self.calls)

    async def until(self, calls: int) -> None:
        async with self.called, asyncio.timeout(10):
            await self.called.wait_for(lambda: self.calls >= calls)


@pytest.fixture(autouse=True)
def haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(serving, "LONGEST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(serving, "STOP_SECONDS", 0.2)


def _install(monkeypatch: pytest.MonkeyPatch, *rooms: modules.Room) -> None:
    monkeypatch.setattr(modules, "installed", lambda: iter(rooms))


def _failures(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


async def _for_ever(_: int) -> None:
    await asyncio.Event().wait()


async def _fail(_: int) -> None:
    raise RuntimeError("the clock stands still")


async def test_it_is_called_again_until_it_works_and_that_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    room = Serving(_fail)
    _install(monkeypatch, room)
    tasks = ServeTasks()
    await room.until(calls=5)
    await tasks.stop()
    assert len(_failures(caplog)) == 1
    assert "Serving.serve failed" in caplog.text
    assert "the clock stands still" in caplog.text


async def test_after_a_good_time_a_failure_is_a_new_one(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(serving, "STEADY_SECONDS", 0.0)
    room = Serving(_fail)
    _install(monkeypatch, room)
    tasks = ServeTasks()
    await room.until(calls=3)
    await tasks.stop()
    assert len(_failures(caplog)) >= 2


async def test_what_returns_is_done_and_what_has_no_serve_has_no_task(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Serving(lambda _: asyncio.sleep(0))
    _install(monkeypatch, room, modules.Room())
    tasks = ServeTasks()
    [task] = tasks._tasks
    await asyncio.wait_for(task, 5)
    assert room.calls == 1
    await tasks.stop()


async def test_one_loop_of_the_messenger_that_fails_is_begun_again_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    spoke, begun = 0, asyncio.Event()

    async def speak() -> None:
        nonlocal spoke
        spoke += 1
        begun.set()
        await asyncio.Event().wait()

    failing = Serving(_fail)
    monkeypatch.setattr(speaking, "watch", speak)
    monkeypatch.setattr(notifying, "watch", failing.serve)
    rooms = [room for room in modules.installed() if room.label == "messenger"]
    _install(monkeypatch, *rooms)
    tasks = ServeTasks()
    await asyncio.wait_for(begun.wait(), 10)
    await failing.until(calls=5)
    await tasks.stop()
    assert spoke == 1


async def test_something_cancelled_inside_is_a_failure_like_another(monkeypatch: pytest.MonkeyPatch) -> None:
    async def wait_for_a_cancelled_one(_: int) -> None:
        inner = asyncio.ensure_future(asyncio.sleep(60))
        inner.cancel()
        await inner

    room = Serving(wait_for_a_cancelled_one)
    _install(monkeypatch, room)
    tasks = ServeTasks()
    await room.until(calls=2)
    await tasks.stop()


async def test_stopping_waits_for_what_is_cleaned_up(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = []

    async def clean_up(_: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.02)
            ended.append(True)

    room = Serving(clean_up)
    _install(monkeypatch, room)
    tasks = ServeTasks()
    await room.until(calls=1)
    await tasks.stop()
    assert ended == [True]
    assert room.calls == 1


async def test_stopping_has_a_bound_and_says_who_is_late(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    release = asyncio.Event()

    async def refuse(_: int) -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    room = Serving(refuse)
    _install(monkeypatch, room)
    tasks = ServeTasks()
    await room.until(calls=1)
    try:
        async with asyncio.timeout(5):
            await tasks.stop()
    finally:
        release.set()
        await asyncio.gather(*tasks._tasks)
    assert "Serving.serve has not stopped within" in caplog.text


async def test_a_failure_while_stopping_is_told_and_nothing_begins_anew(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def trip(_: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise RuntimeError("tripped on the way out")

    room = Serving(trip)
    _install(monkeypatch, room)
    tasks = ServeTasks()
    await room.until(calls=1)
    await tasks.stop()
    assert room.calls == 1
    assert "tripped on the way out" in caplog.text


async def test_it_begins_after_the_start_once_for_many_requests_and_ends_before_the_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps = []

    async def note(_: int) -> None:
        steps.append("serve")
        try:
            await asyncio.Event().wait()
        finally:
            steps.append("ended")

    room = Serving(note)
    monkeypatch.setattr(room, "start", lambda: steps.append("start"))
    monkeypatch.setattr(room, "stop", lambda: steps.append("stop"))
    _install(monkeypatch, room)
    received: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    sent: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    process = ServingProcess()
    living = asyncio.create_task(process.lifespan(received.get, sent.put))
    received.put_nowait({"type": "lifespan.startup"})
    assert await sent.get() == {"type": "lifespan.startup.complete"}
    await room.until(calls=1)
    await asyncio.gather(*(process.ensure_started() for _ in range(10)))
    received.put_nowait({"type": "lifespan.shutdown"})
    await living
    assert steps == ["start", "serve", "ended", "stop"]


async def test_a_start_whose_request_has_gone_is_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread of the start goes on; what comes next must begin what it could not."""
    room = Serving(_for_ever)
    begun, go_on = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def start() -> None:
        loop.call_soon_threadsafe(begun.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(10)

    monkeypatch.setattr(room, "start", start)
    _install(monkeypatch, room)
    process = ServingProcess()
    process._has_lifespan = True
    first = asyncio.create_task(process.ensure_started())
    await begun.wait()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    go_on.set()
    await asyncio.to_thread(process._start)  # until that thread is done
    await process.ensure_started()
    await room.until(calls=1)
    assert process._serving is not None
    await process._serving.stop()


def _steps(var_dir: Path) -> list[str]:
    notes = var_dir / "serve"
    return [line.split()[1] for line in notes.read_text().splitlines()] if notes.exists() else []


@pytest.mark.parametrize("command", [UVICORN, DAPHNE], ids=["uvicorn", "daphne"])
def test_real_servers_run_it_and_end_it(tmp_path: Path, command: tuple[str, ...]) -> None:
    with server_of(tmp_path, *command, **PROBE) as server:
        wait_for(lambda: _steps(tmp_path) == ["failing", "running"], lambda: f"{_steps(tmp_path)}\n{server.log}")
        assert server.stop() == 0, server.log
        assert _steps(tmp_path) == ["failing", "running", "ended"]
    assert server.log.count("RuntimeError: the probe fails once") == 1


def test_the_reloader_ends_it_before_it_starts_the_next(tmp_path: Path) -> None:
    """There the server runs in a thread, and the process ends without asking it."""
    with server_of(tmp_path, *RELOADING, **PROBE) as server:
        wait_for(lambda: _steps(tmp_path) == ["failing", "running"], lambda: f"{_steps(tmp_path)}\n{server.log}")
        child = int((tmp_path / "serve").read_text().split()[0])
        assert child != server.pid
        os.kill(child, signal.SIGTERM)
        wait_for(lambda: not server.is_running, lambda: server.log)
        assert _steps(tmp_path) == ["failing", "running", "ended"]


def test_commands_do_not_run_it(tmp_path: Path) -> None:
    assert manage("check", env=environment(tmp_path, **PROBE)).returncode == 0
    assert _steps(tmp_path) == []
