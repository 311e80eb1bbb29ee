"""The archive of everything one owns: asked for, fetched, gone after a week. What is in it: tests/test_privacy.py."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from typing import cast
from urllib.parse import urlsplit

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.api import shapes
from accounts.models import AuditEvent
from accounts.models import DataExport
from accounts.models import DataExportPart
from accounts.models import User
from accounts.services import exporting
from accounts.tests.parallel import at_once
from conftest import JsonClient
from conftest import signed_in
from core import personal
from core.files import quota
from core.files import services as files
from core.jobs import worker
from core.models import Job
from core.models import PushNotice
from core.models import StoredFile
from core.push import subscriptions
from core.tests.test_api_uploads import storage
from kintsugi.celery import app
from tests.kit.push_service import Browser

__all__ = ["storage"]
pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/api/auth/me/export"


@pytest.fixture
def waiting() -> Iterator[None]:
    """Jobs wait until a test does them."""
    assert app.conf.task_always_eager
    app.conf.update(task_always_eager=False)
    yield
    app.conf.update(task_always_eager=True)


def fetch(url: str) -> tuple[int, bytes]:
    async def read() -> tuple[int, bytes]:
        answer = cast("Any", await AsyncClient().get(url))
        if not answer.streaming:
            return answer.status_code, answer.content
        return answer.status_code, b"".join([chunk async for chunk in answer.streaming_content])

    return async_to_sync(read)()


def test_before_the_first_there_is_none(alice_client: JsonClient) -> None:
    answer = alice_client.get(PATH)
    assert answer.status_code == 200
    assert answer.json() == {
        "state": "none",
        "progress": 0,
        **dict.fromkeys(["requested_at", "finished_at", "expires_at", "size", "download_url"]),
    }


def test_it_is_gathered_by_a_job_and_fetched_by_a_link_that_ends(
    waiting: None, alice: User, alice_client: JsonClient
) -> None:
    answer = alice_client.post(PATH, {})
    assert (answer.status_code, answer.json()["state"], answer.json()["download_url"]) == (202, "queued", None)
    assert alice_client.get(PATH).json()["state"] == "queued"
    assert worker.run_job(Job.objects.get(kind=exporting.KIND).pk)
    ready = alice_client.get(PATH).json()
    assert (ready["state"], ready["progress"]) == ("ready", 100)
    status, data = fetch(ready["download_url"])
    assert (status, len(data)) == (200, ready["size"])
    assert "README.txt" in zipfile.ZipFile(io.BytesIO(data)).namelist()
    with time_machine.travel(timezone.now() + timedelta(minutes=31), tick=False):
        assert fetch(ready["download_url"])[0] == 403
    forged = ready["download_url"][:-4] + "AAAA"
    assert fetch(forged)[0] == 404
    events = dict(AuditEvent.objects.filter(event__startswith="data_export").values_list("event", "actor_id"))
    assert events == {"data_export.requested": alice.pk, "data_export.finished": None}


def test_nobody_else_finds_it(alice_client: JsonClient, bob_client: JsonClient) -> None:
    alice_client.post(PATH, {})
    file_id = urlsplit(alice_client.get(PATH).json()["download_url"]).path.split("/")[3]
    assert bob_client.get(PATH).json()["state"] == "none"
    assert bob_client.get(f"/api/files/{file_id}").status_code == 404
    assert bob_client.delete(f"/api/files/{file_id}").status_code == 404


def test_one_at_a_time_however_many_ask_at_once(waiting: None, alice: User) -> None:
    clients = [signed_in(alice) for _ in range(6)]
    answers = at_once(6, lambda index: clients[index].post(PATH, {}))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["requested_at"] for answer in answers}) == 1
    assert DataExport.objects.count() == Job.objects.filter(kind=exporting.KIND).count() == 1


def test_asking_too_often_is_refused_but_waiting_is_not(
    waiting: None, settings: Settings, alice_client: JsonClient
) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"data_export": (2, 24 * 3600)}
    for _ in range(2):
        for _ in range(3):  # while one runs, asking again costs nothing
            assert alice_client.post(PATH, {}).status_code == 202
        worker.run_job(Job.objects.get(kind=exporting.KIND, state="queued").pk)
    answer = alice_client.post(PATH, {})
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert alice_client.get(PATH).json()["state"] == "ready"


def test_the_next_one_takes_the_place_of_the_last(alice: User, alice_client: JsonClient) -> None:
    alice_client.post(PATH, {})
    (first,) = StoredFile.objects.filter(owner=alice)
    alice_client.post(PATH, {})
    (second,) = StoredFile.objects.filter(owner=alice)
    assert first.pk != second.pk
    assert not default_storage.exists(first.key)
    assert default_storage.exists(second.key)
    assert not DataExportPart.objects.exists()


def test_it_is_gone_after_a_week_row_and_file(alice: User, alice_client: JsonClient) -> None:
    alice_client.post(PATH, {})
    file = StoredFile.objects.get(owner=alice)
    with time_machine.travel(timezone.now() + exporting.LIFETIME + timedelta(seconds=1), tick=False):
        assert shapes.DataExport.of(exporting.newest(alice)).state == "expired"
        assert shapes.DataExport.of(exporting.newest(alice)).download_url is None
        files.sweep()
        assert not StoredFile.objects.filter(pk=file.pk).exists()
        assert not default_storage.exists(file.key)
        assert exporting.sweep() == 1
        assert shapes.DataExport.of(exporting.newest(alice)).state == "none"


def test_a_failed_one_says_so_and_makes_room(
    waiting: None, alice: User, alice_client: JsonClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice_client.post(PATH, {})
    Job.objects.filter(kind=exporting.KIND).update(state="failed", finished_at=timezone.now())
    assert alice_client.get(PATH).json()["state"] == "failed"
    assert alice_client.post(PATH, {}).json()["state"] == "queued"
    assert DataExport.objects.filter(user=alice, finished_at=None).count() == 1


def test_it_costs_no_room_and_nobody_can_upload_one(alice: User, alice_client: JsonClient) -> None:
    alice_client.post(PATH, {})
    assert StoredFile.objects.get(owner=alice).size > 0
    assert quota._used(alice) == 0
    answer = alice_client.post("/api/files/uploads", {"name": "a.zip", "size": 5, "purpose": "export"})
    assert answer.status_code == 400


def test_a_secret_never_goes_along(alice: User, alice_client: JsonClient) -> None:
    alice_client.post(PATH, {})
    _, data = fetch(alice_client.get(PATH).json()["download_url"])
    archive = zipfile.ZipFile(io.BytesIO(data))
    everything = b"\n".join(archive.read(name) for name in archive.namelist()).decode()
    alice.refresh_from_db()
    assert alice.password not in everything
    for holding in personal.holdings():
        if holding.exported and holding.shown is None:
            names = {field.attname for field in holding.model_class()._meta.concrete_fields} - set(holding.leave_out)
            assert not {name for name in names if "token_hash" in name or "password" in name or name == "token"}


def test_large_archives_pass_through_any_store(storage: str, alice: User, alice_client: JsonClient) -> None:
    """Larger than what an object store takes at once, so it is sent in parts that must be whole."""
    texts = {f"{number}.txt": (f"{number} " * 2_500_000).encode() for number in range(3)}
    for name, data in texts.items():
        body = {"file": SimpleUploadedFile(name, data), "purpose": "attachment"}
        assert alice_client.post("/api/files", body, format="multipart").status_code == 201
    assert alice_client.post(PATH, {}).status_code == 202
    ready = alice_client.get(PATH).json()
    status, data = fetch(ready["download_url"])
    assert (status, len(data)) == (200, ready["size"])
    file = StoredFile.objects.get(owner=alice, purpose="export")
    assert hashlib.sha256(data).hexdigest() == file.sha256
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    found = {name.rpartition("-")[2]: archive.read(name) for name in archive.namelist() if name.startswith("files/")}
    assert found == texts


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize(("seconds", "looks", "told"), [(30, False, 1), (30, True, 0), (5, False, 0)])
def test_who_is_elsewhere_is_told_when_it_took_long(
    alice: User, alice_client: JsonClient, seconds: int, looks: bool, told: int
) -> None:
    browser = Browser("https://push.example.com/a").subscription()
    subscriptions.subscribe(alice, endpoint=browser["endpoint"], **browser["keys"])
    alice_client.post(PATH)
    job = Job.objects.get(kind=exporting.KIND)
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(seconds=seconds))
    if looks:
        alice_client.get(PATH)
    worker.run_job(job.pk)
    assert [(notice.kind, notice.user_id) for notice in PushNotice.objects.all()] == [("job", alice.pk)] * told
