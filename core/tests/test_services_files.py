from __future__ import annotations

import errno
import io
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from typing import cast

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.storage import FileSystemStorage
from django.core.files.storage import default_storage
from django.core.files.storage import storages
from django.db import DatabaseError
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from core.errors import NotFound
from core.files import blobs
from core.files import services
from core.files.errors import StorageUnavailable
from core.files.models import FileText
from core.files.models import LooseBlob
from core.files.models import StoredFile
from core.files.services import sweep
from core.tests import samples


def store(owner: AbstractBaseUser, data: bytes = b"hello", name: str = "notes.txt", **fields: Any) -> StoredFile:
    return services.store(owner, upload=io.BytesIO(data), name=name, **fields)


class FullDisk(FileSystemStorage):
    """Writes some bytes, then has no room."""

    def _save(self, name: str, content: Any) -> str:
        super()._save(name, content)  # type: ignore[misc]  # left out of the stubs
        raise OSError(errno.ENOSPC, "No space left on device")


class DeafStorage(FileSystemStorage):
    """Takes everything and deletes nothing."""

    def delete(self, name: str) -> None:
        raise ConnectionError("storage is down")


def use_storage(backend: str) -> override_settings:
    return override_settings(
        STORAGES={
            "default": {"BACKEND": f"core.tests.test_services_files.{backend}"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        }
    )


def test_what_was_stored_is_read_back(alice: AbstractBaseUser) -> None:
    file = store(alice, samples.pdf("Page one"), "a.pdf")
    assert services.read_text(file) == "Page one"
    assert services.read_bytes(file) == samples.pdf("Page one")
    image = store(alice, samples.image("PNG"), "a.png")
    assert services.read_text(image) == ""
    assert services.read_bytes(image).startswith(b"\x89PNG")


def test_only_the_owner_sees_and_deletes(alice: AbstractBaseUser, charlie: AbstractBaseUser) -> None:
    file = store(alice)
    assert list(StoredFile.objects.visible_to(alice)) == [file]
    assert not StoredFile.objects.visible_to(charlie).exists()
    with pytest.raises(NotFound):
        services.delete(charlie, file=file)


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_leaves_neither_row_nor_bytes(alice: AbstractBaseUser) -> None:
    with use_storage("FullDisk"), pytest.raises(StorageUnavailable) as caught:
        store(alice)
    assert caught.value.status == 503
    assert not StoredFile.objects.exists()
    assert not LooseBlob.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_failing_database_leaves_no_bytes(alice: AbstractBaseUser, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    write = blobs.write

    def spy(content: Any) -> str:
        written.append(write(content))
        return written[0]

    def fail(*_args: object, **_kwargs: object) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(blobs, "write", spy)
    monkeypatch.setattr(FileText.objects, "create", fail)
    with pytest.raises(DatabaseError):
        store(alice)
    assert not StoredFile.objects.exists()
    assert not LooseBlob.objects.exists()
    assert not default_storage.exists(written[0])


@pytest.mark.django_db(transaction=True)
def test_bytes_are_not_written_inside_a_transaction(alice: AbstractBaseUser) -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        store(alice)


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_deletion_keeps_the_bytes(alice: AbstractBaseUser) -> None:
    file = store(alice)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.delete(alice, file=StoredFile.objects.get(pk=file.pk))
        1 / 0  # noqa: B018
    assert services.read_bytes(file) == b"hello"
    assert not LooseBlob.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_deleted_user_takes_the_bytes_along(alice: AbstractBaseUser) -> None:
    key = store(alice).key
    alice.delete()
    assert not default_storage.exists(key)
    assert not LooseBlob.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_bytes_the_storage_did_not_delete_are_swept_later(alice: AbstractBaseUser) -> None:
    file = store(alice)
    with use_storage("DeafStorage"):
        services.delete(alice, file=StoredFile.objects.get(pk=file.pk))
        assert LooseBlob.objects.filter(key=file.key).exists()
        LooseBlob.objects.update(created_at=timezone.now() - blobs.GRACE * 2)
        assert sweep() == 0
    assert default_storage.exists(file.key)
    assert sweep() == 1
    assert not default_storage.exists(file.key)
    assert not LooseBlob.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_upload_that_died_half_way_is_swept_and_a_running_one_is_not() -> None:
    dead, running = blobs.write(io.BytesIO(b"dead")), blobs.write(io.BytesIO(b"running"))
    LooseBlob.objects.filter(key=dead).update(created_at=timezone.now() - blobs.GRACE * 2)
    assert services.sweep() == 1
    assert not default_storage.exists(dead)
    assert default_storage.exists(running)
    blobs.discard(running)


@pytest.mark.django_db(transaction=True)
def test_an_upload_that_was_swept_away_makes_no_row(alice: AbstractBaseUser, monkeypatch: pytest.MonkeyPatch) -> None:
    write = blobs.write

    def slow(content: Any) -> str:
        key = write(content)
        blobs.discard(key)
        return key

    monkeypatch.setattr(blobs, "write", slow)
    with pytest.raises(StorageUnavailable):
        store(alice)
    assert not StoredFile.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_expired_files_are_hidden_at_once_and_swept_soon(alice: AbstractBaseUser) -> None:
    file = store(alice, expires_at=timezone.now() - timedelta(seconds=1))
    kept = store(alice, expires_at=timezone.now() + timedelta(hours=1))
    assert list(StoredFile.objects.visible_to(alice)) == [kept]
    assert services.sweep() == 1
    assert not default_storage.exists(file.key)
    assert list(StoredFile.objects.all()) == [kept]


@pytest.mark.django_db(transaction=True)
def test_two_deletions_at_once_do_no_harm(alice: AbstractBaseUser) -> None:
    file = store(alice)
    failures: list[BaseException] = []
    barrier = threading.Barrier(2)

    def remove() -> None:
        from django.db import connection

        try:
            mine = StoredFile.objects.get(pk=file.pk)
            barrier.wait(10)
            services.delete(alice, file=mine)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=remove) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not failures
    assert not StoredFile.objects.exists()
    assert not LooseBlob.objects.exists()
    assert not default_storage.exists(file.key)


def test_bytes_that_cannot_be_read_are_a_clean_failure(alice: AbstractBaseUser) -> None:
    file = store(alice)
    default_storage.delete(file.key)
    with pytest.raises(StorageUnavailable):
        services.read_bytes(file)


@pytest.fixture
def s3() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.mark.django_db(transaction=True)
def test_the_same_on_s3(alice: AbstractBaseUser, s3: str) -> None:
    options = {
        "bucket_name": "kintsugi-files",
        "region_name": "us-east-1",
        "access_key": "test",
        "secret_key": "test",
        "endpoint_url": s3,
        "default_acl": "private",
        "file_overwrite": False,
    }
    backend = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    with override_settings(STORAGES={"default": backend, "staticfiles": storages.backends["staticfiles"]}):
        with pytest.raises(StorageUnavailable):  # no bucket yet
            store(alice)
        assert not LooseBlob.objects.exists()
        cast("Any", default_storage).connection.create_bucket(Bucket="kintsugi-files")
        file = store(alice, samples.image("PNG"), "a.png")
        assert len(services.read_bytes(file)) == file.size
        services.delete(alice, file=file)
        assert not default_storage.exists(file.key)
        with pytest.raises(StorageUnavailable):
            services.read_bytes(file)
