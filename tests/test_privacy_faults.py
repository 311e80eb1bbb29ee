"""The export and the erasure on real worker processes that are killed over them."""

from __future__ import annotations

import io
import json
import os
import signal
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import AccountDeletion
from accounts.models import DataExport
from accounts.services import exporting
from accounts.services import purging
from core.files import blobs
from core.jobs.tests.test_workers import state
from core.jobs.tests.test_workers import taken_back
from core.jobs.tests.test_workers import until
from core.jobs.tests.test_workers import worker
from core.models import Job
from kintsugi.celery import app
from messenger.models import Message
from tests.lives import Life
from tests.lives import leave
from tests.lives import life
from tests.lives import made
from tests.lives import nothing_is_left

__all__ = ["life"]

pytestmark = pytest.mark.skipif(not os.environ.get("REDIS_URL"), reason="needs a Redis")


@pytest.fixture
def real_queue(life: Life) -> Iterator[Life]:
    """Jobs wait for a worker from here on."""
    app.conf.update(task_always_eager=False)
    yield life
    app.conf.update(task_always_eager=True)


def kill_over(job: Job, var_dir: Path) -> None:
    """Wait until the worker is in the middle of the job, and kill it there."""
    until((var_dir / "pid").exists, var_dir)
    os.kill(int((var_dir / "pid").read_text()), signal.SIGKILL)
    # Nobody extends its lease any more; the rest of the minute need not be waited for.
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    until(lambda: taken_back(job), var_dir)
    until(lambda: state(job) == "succeeded", var_dir)


def test_an_erasure_whose_worker_is_killed_goes_on(real_queue: Life, tmp_path: Path) -> None:
    leave(real_queue.client)
    AccountDeletion.objects.update(due_at=timezone.now())
    with worker(tmp_path, PROBE_STOP_AFTER="4"):
        assert purging.enqueue_due() == 1
        job = Job.objects.get(kind=purging.KIND)
        kill_over(job, tmp_path)
        until(lambda: not Job.objects.filter(state__in=["queued", "running"]).exists(), tmp_path)
    job.refresh_from_db()
    assert (job.fence, job.progress) == (2, 100)
    nothing_is_left(real_queue, tmp_path / "media")


def test_an_export_whose_worker_is_killed_goes_on(real_queue: Life, tmp_path: Path) -> None:
    with worker(tmp_path, PROBE_STOP_AFTER="6"):
        made(real_queue.client.post("/api/auth/me/export", {}), 202)
        job = Job.objects.get(kind=exporting.KIND)
        until((tmp_path / "pid").exists, tmp_path)
        half = real_queue.client.get("/api/auth/me/export").json()
        assert (half["state"], half["download_url"]) == ("running", None)
        assert 0 < half["progress"] < 90
        again = made(real_queue.client.post("/api/auth/me/export", {}), 202)
        assert again["requested_at"] == half["requested_at"]  # one at a time
        first = list(DataExport.objects.get().parts.order_by("number").values_list("key", flat=True))
        kill_over(job, tmp_path)
    assert len(first) == 6
    job.refresh_from_db()
    assert (job.fence, job.progress) == (2, 100)
    assert (job.checkpoint or {})["pieces"] > 6
    export = DataExport.objects.select_related("file").get()
    assert export.file is not None
    archive = zipfile.ZipFile(io.BytesIO(blobs.read(export.file.key).read(export.file.size)))
    assert archive.testzip() is None
    assert len(archive.namelist()) == len(set(archive.namelist()))
    rows = json.loads(archive.read("messenger/message-0001.json"))
    assert len(rows) == Message.objects.filter(sender=real_queue.user).count()
