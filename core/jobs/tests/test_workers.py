"""Jobs on real worker processes and a real Redis, and what is left when one of them goes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from core import jobs
from core.jobs import sweeper
from core.jobs.models import Job
from kintsugi.celery import app
from kintsugi.config import BASE_DIR
from tests.kit.processes import environment
from tests.probe import jobs as probe

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not os.environ.get("REDIS_URL"), reason="needs a Redis"),
]


@pytest.fixture(autouse=True)
def _real_queue() -> Iterator[None]:
    assert app.conf.task_always_eager  # looked at first: the settings are read then
    app.conf.update(task_always_eager=False)
    yield
    app.conf.update(task_always_eager=True)


@contextlib.contextmanager
def worker(var_dir: Path, **extra: str) -> Iterator[None]:
    """A worker of two processes on this test's database and queue."""
    kept = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
    env = environment(
        var_dir,
        DJANGO_SETTINGS_MODULE="tests.probe.settings_jobs",
        PROBE_DATABASE=str(connection.settings_dict["NAME"]),
        **(kept | extra),
    )
    words = ["worker", "--concurrency", "2", "--loglevel", "WARNING"]
    with (var_dir / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "kintsugi", *words],
            cwd=BASE_DIR,
            env=env,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def until(condition: Callable[[], object], var_dir: Path, *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError((var_dir / "worker.log").read_text())
        time.sleep(0.05)


def state(job: Job) -> str:
    return Job.objects.get(pk=job.pk).state


def taken_back(job: Job) -> bool:
    sweeper.sweep()
    return Job.objects.get(pk=job.pk).fence > 1


def test_a_killed_child_costs_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    with worker(tmp_path):
        job = jobs.enqueue("probe.steps", payload={"traces": str(tmp_path)})
        until((tmp_path / "pid").exists, tmp_path)
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
        until(lambda: taken_back(job), tmp_path)
        until(lambda: state(job) == "succeeded", tmp_path)
    job.refresh_from_db()
    assert (job.fence, job.checkpoint, job.progress) == (2, probe.STEPS, 100)
    assert probe.rows(job.pk) == ["0", "1", "2", "3"]
    assert not (tmp_path / "serve").exists()  # what a serving process keeps running, a worker does not


def test_a_worker_that_slept_past_its_lease_writes_nothing(tmp_path: Path) -> None:
    with worker(tmp_path):
        job = jobs.enqueue("probe.steps", payload={"traces": str(tmp_path)})
        until((tmp_path / "pid").exists, tmp_path)
        sleeper = int((tmp_path / "pid").read_text())
        os.kill(sleeper, signal.SIGSTOP)
        until(lambda: taken_back(job), tmp_path)
        until(lambda: state(job) == "succeeded", tmp_path)
        done = Job.objects.get(pk=job.pk)
        (tmp_path / "go").touch()
        os.kill(sleeper, signal.SIGCONT)
        until((tmp_path / "lost").exists, tmp_path)
        again = jobs.enqueue("probe.mark", payload={})
        until(lambda: state(again) == "succeeded", tmp_path)  # the woken process works on
    after = Job.objects.get(pk=job.pk)
    assert (after.state, after.fence, after.finished_at) == ("succeeded", 2, done.finished_at)
    assert probe.rows(job.pk) == ["0", "1", "2", "3"]


def test_a_worker_that_is_told_nothing_consumes_every_queue(tmp_path: Path) -> None:
    made = [jobs.enqueue(probe.mark_kind(queue), payload={}) for queue in settings.JOB_QUEUES]
    queues = redis.Redis.from_url(settings.REDIS_URL)
    assert [queues.llen(queue) for queue in settings.JOB_QUEUES] == [1] * len(settings.JOB_QUEUES)
    with worker(tmp_path):
        until(lambda: all(state(job) == "succeeded" for job in made), tmp_path)


def test_a_redis_that_forgot_everything_loses_no_job(tmp_path: Path) -> None:
    made = [jobs.enqueue("probe.mark", payload={}) for _ in range(500)]
    queue = redis.Redis.from_url(settings.REDIS_URL)
    assert queue.llen("default") == 500
    queue.flushdb()
    Job.objects.update(poke_at=timezone.now())
    assert sweeper.sweep() >= 500
    assert queue.llen("default") >= 500
    with worker(tmp_path):
        until(lambda: not Job.objects.filter(kind="probe.mark").exclude(state="succeeded").exists(), tmp_path)
    assert all(probe.rows(job.pk) == ["0"] for job in made)
