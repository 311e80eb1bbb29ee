"""Uploads in pieces, links to parts, small pictures, avatars and the quota: by the front door."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from typing import cast

import pytest
from asgiref.sync import sync_to_async
from django.conf import LazySettings
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import AsyncClient
from django.utils import timezone
from rest_framework.test import APIClient

from core.files import services
from core.files import uploads
from core.files.models import LooseBlob
from core.files.models import StoredFile
from core.files.models import Upload
from core.files.models import UploadPart
from core.tests import recordings
from core.tests import samples

ClientOf = Callable[[AbstractBaseUser], APIClient]
UPLOADS = "/api/files/uploads"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["disk", "s3"])
def storage(request: pytest.FixtureRequest, settings: LazySettings) -> Iterator[str]:
    """The default storage on disk, and one that speaks S3 to a real socket."""
    if request.param == "disk":
        yield "disk"
        return
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    options = {"endpoint_url": f"http://{host}:{port}", "region_name": "us-east-1"}
    keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s"}
    boto3.client("s3", **options, **keys).create_bucket(Bucket="files")
    default = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {"bucket_name": "files", "access_key": "k", "secret_key": "s", **options},
    }
    settings.STORAGES = settings.STORAGES | {"default": default}
    yield "s3"
    server.stop()


def begin(client: APIClient, name: str, size: int, purpose: str = "message", **fields: str) -> Any:
    return client.post(UPLOADS, {"name": name, "size": size, "purpose": purpose, **fields}, format="json")


def send(client: APIClient, upload_id: str, offset: int | str, data: bytes) -> Any:
    kind = "application/offset+octet-stream"
    path = f"{UPLOADS}/{upload_id}"
    return cast("Any", client).generic("PATCH", path, data, content_type=kind, HTTP_UPLOAD_OFFSET=str(offset))


def send_all(client: APIClient, data: bytes, name: str, purpose: str = "message", *, step: int = 10_000) -> str:
    upload_id = str(begin(client, name, len(data), purpose).json()["id"])
    for offset in range(0, len(data), step):
        assert send(client, upload_id, offset, data[offset : offset + step]).status_code == 204
    return upload_id


def complete(client: APIClient, upload_id: str) -> Any:
    return client.post(f"{UPLOADS}/{upload_id}/complete")


def in_threads(number: int, work: Callable[[], Any]) -> list[Any]:
    barrier, results = threading.Barrier(number), []

    def one() -> None:
        try:
            barrier.wait(20)
            results.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == number
    return results


async def read(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    response = cast("Any", await AsyncClient().get(url, headers=headers))
    if not response.streaming:
        return response.status_code, dict(response.headers), response.content
    body = b"".join([chunk async for chunk in response.streaming_content])
    return response.status_code, dict(response.headers), body


def test_a_film_comes_in_pieces_and_plays_in_parts(storage: str, alice: AbstractBaseUser, client_of: ClientOf) -> None:
    from asgiref.sync import async_to_sync

    client, data = client_of(alice), recordings.film()
    upload_id = send_all(client, data, "trip.mp4")
    answer = complete(client, upload_id)
    body = answer.json()
    assert (answer.status_code, body["kind"], body["has_thumbnail"]) == (201, "video", True)
    assert (body["width"], body["height"], round(body["duration"])) == (64, 48, 2)
    assert not UploadPart.objects.exists()
    assert not LooseBlob.objects.exists()
    whole = async_to_sync(read)(body["url"])
    assert (whole[0], whole[1]["Accept-Ranges"], len(whole[2])) == (200, "bytes", body["size"])
    assert whole[1]["Content-Disposition"] == 'inline; filename="trip.mp4"'
    status, headers, part = async_to_sync(read)(body["url"], Range="bytes=100-299")
    assert (status, part) == (206, whole[2][100:300])
    assert (headers["Content-Range"], headers["Content-Length"]) == (f"bytes 100-299/{body['size']}", "200")
    assert async_to_sync(read)(body["url"], Range="bytes=-5")[2] == whole[2][-5:]
    assert async_to_sync(read)(body["url"], Range="bytes=10-")[2] == whole[2][10:]
    status, headers, picture = async_to_sync(read)(body["thumbnail_url"])
    assert (status, headers["Content-Type"], picture[8:12]) == (200, "image/webp", b"WEBP")
    keys = StoredFile.objects.values_list("key", "thumbnail_key").get()
    assert client.delete(f"/api/files/{body['id']}").status_code == 204
    assert not any(default_storage.exists(key) for key in keys)


async def test_parts_that_are_not_there_or_not_understood(alice: AbstractBaseUser, client_of: ClientOf) -> None:
    def make() -> dict[str, Any]:
        upload = SimpleUploadedFile("a.txt", b"0123456789")
        answer = client_of(alice).post("/api/files", {"file": upload}, format="multipart")
        return dict(answer.json())

    url = (await sync_to_async(make)())["url"]
    for asked in ("bytes=10-", "bytes=-0"):
        status, _headers, body = await read(url, Range=asked)
        assert (status, b"range_invalid" in body) == (416, True)
    for asked in ("bytes=5-2", "lines=1-2", "bytes=0-1,3-4", "bytes=-", "bytes=x-y", "bytes=" + "9" * 30 + "-"):
        assert (await read(url, Range=asked))[::2] == (200, b"0123456789")
    etag = (await read(url))[1]["ETag"]
    assert (await read(url, Range="bytes=0-1", **{"If-Range": etag}))[::2] == (206, b"01")
    assert (await read(url, Range="bytes=0-1", **{"If-Range": '"other"'}))[::2] == (200, b"0123456789")
    assert (await read(url, Range="bytes=5-99999"))[::2] == (206, b"56789")


def test_an_upload_goes_on_where_it_was_cut_off(storage: str, alice: AbstractBaseUser, client_of: ClientOf) -> None:
    client = client_of(alice)
    fresh = begin(client, "notes.txt", 10, client_id="c-1")
    assert (fresh.status_code, fresh.json()["offset"], fresh.json()["chunk_size"]) == (201, 0, 4 * 1024 * 1024)
    upload_id = fresh.json()["id"]
    first = send(client, upload_id, 0, b"01234")
    assert (first.status_code, first["Upload-Offset"]) == (204, "5")
    again = begin(client, "notes.txt", 10, client_id="c-1")
    assert (again.status_code, again.json()["id"], again.json()["offset"]) == (200, upload_id, 5)
    assert begin(client, "other.txt", 10, client_id="c-1").json()["code"] == "idempotency_mismatch"
    head = client.head(f"{UPLOADS}/{upload_id}")
    assert (head.status_code, head["Upload-Offset"], head["Upload-Length"]) == (200, "5", "10")
    wrong = send(client, upload_id, 3, b"xx")
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["offset"]) == (409, "wrong_offset", 5)
    early = complete(client, upload_id)
    assert (early.status_code, early.json()["code"], early.json()["offset"]) == (409, "upload_incomplete", 5)
    for refused in (b"", b"567890"):
        assert send(client, upload_id, 5, refused).json()["code"] == "chunk_refused"
    assert send(client, upload_id, "x", b"56789").status_code == 400
    assert send(client, upload_id, 5, b"56789").status_code == 204
    done, repeated = complete(client, upload_id), complete(client, upload_id)
    assert (done.status_code, repeated.status_code) == (201, 200)
    assert done.json()["id"] == repeated.json()["id"]
    assert services.read_bytes(StoredFile.objects.get()) == b"0123456789"


def test_a_piece_has_a_largest_size(alice: AbstractBaseUser, client_of: ClientOf, settings: LazySettings) -> None:
    settings.UPLOAD_CHUNK_BYTES = 4
    upload_id = begin(client_of(alice), "notes.txt", 10).json()["id"]
    assert send(client_of(alice), upload_id, 0, b"12345").json()["code"] == "chunk_refused"
    assert send(client_of(alice), upload_id, 0, b"1234").status_code == 204


def test_an_upload_does_not_come_in_crumbs(
    alice: AbstractBaseUser, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each piece costs a row and a blob; the last one may be as small as it is."""
    monkeypatch.setattr(uploads, "MAX_SMALL", 3)
    client, size = client_of(alice), uploads.SMALL_BYTES + 5
    upload_id = begin(client, "a.txt", size).json()["id"]
    assert [send(client, upload_id, offset, b"x").status_code for offset in range(4)] == [204, 204, 204, 400]
    assert send(client, upload_id, 3, b"x" * uploads.SMALL_BYTES).status_code == 204
    assert send(client, upload_id, size - 2, b"xx").status_code == 204
    assert client.post(f"{UPLOADS}/{upload_id}/complete").status_code == 201


def test_of_two_pieces_at_once_one_is_kept(alice: AbstractBaseUser, client_of: ClientOf) -> None:
    client = client_of(alice)
    upload_id = begin(client, "notes.txt", 10).json()["id"]
    answers = in_threads(6, lambda: send(client, upload_id, 0, os.urandom(5).hex().encode()[:5]))
    assert sorted(answer.status_code for answer in answers) == [204] + [409] * 5
    assert {answer.json()["offset"] for answer in answers if answer.status_code == 409} == {5}
    assert (UploadPart.objects.count(), LooseBlob.objects.count()) == (1, 0)


def test_completed_many_times_at_once_it_is_one_file(alice: AbstractBaseUser, client_of: ClientOf) -> None:
    client = client_of(alice)
    upload_id = send_all(client, b"hello", "notes.txt")
    answers = in_threads(4, lambda: complete(client, upload_id))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert (StoredFile.objects.count(), LooseBlob.objects.count()) == (1, 0)


def test_begun_many_times_at_once_it_is_one_upload(alice: AbstractBaseUser, client_of: ClientOf) -> None:
    client = client_of(alice)
    answers = in_threads(6, lambda: begin(client, "notes.txt", 10, client_id="c-1"))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert Upload.objects.count() == 1


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (("setup.exe", 10, "message"), "executable_refused"),
        (("photo\u202egpj.txt", 10, "message"), "unsafe_name"),
        (("a.mp4", 0, "message"), "file_empty"),
        (("a.mp4", 100 * 1024 * 1024 + 1, "message"), "file_too_large"),
        (("a.mp4", 20 * 1024 * 1024 + 1, "story"), "file_too_large"),
    ],
)
def test_what_cannot_come_in_is_refused_at_once(
    alice: AbstractBaseUser, client_of: ClientOf, wanted: tuple[str, int, str], code: str
) -> None:
    assert begin(client_of(alice), *wanted).json()["code"] == code
    assert not Upload.objects.exists()


def test_the_door_is_the_same_and_a_refused_file_leaves_nothing(alice: AbstractBaseUser, client_of: ClientOf) -> None:
    client = client_of(alice)
    upload_id = send_all(client, b"MZ\x90\x00" + bytes(100), "film.mp4")
    assert complete(client, upload_id).json()["code"] == "executable_refused"
    assert client.get(f"{UPLOADS}/{upload_id}").status_code == 404
    assert not (Upload.objects.exists() or UploadPart.objects.exists() or LooseBlob.objects.exists())


def test_strangers_find_no_upload(alice: AbstractBaseUser, charlie: AbstractBaseUser, client_of: ClientOf) -> None:
    upload_id = begin(client_of(alice), "notes.txt", 5).json()["id"]
    stranger, path = client_of(charlie), f"{UPLOADS}/{upload_id}"
    answers = [
        *(stranger.get(path), stranger.delete(path), send(stranger, upload_id, 0, b"hello")),
        complete(stranger, upload_id),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "not_found")}
    assert Upload.objects.get().offset == 0


def test_an_upload_nobody_finished_is_swept(alice: AbstractBaseUser, client_of: ClientOf) -> None:
    client = client_of(alice)
    upload_id = begin(client, "notes.txt", 10, client_id="c-1").json()["id"]
    send(client, upload_id, 0, b"hello")
    key = UploadPart.objects.get().key
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(f"{UPLOADS}/{upload_id}").status_code == 404
    assert services.sweep() == 1
    assert not default_storage.exists(key)
    assert begin(client, "notes.txt", 10, client_id="c-1").status_code == 201


def test_a_cancelled_upload_takes_its_pieces_along(alice: AbstractBaseUser, client_of: ClientOf) -> None:
    client = client_of(alice)
    upload_id = begin(client, "notes.txt", 10).json()["id"]
    send(client, upload_id, 0, b"hello")
    key = UploadPart.objects.get().key
    assert client.delete(f"{UPLOADS}/{upload_id}").status_code == 204
    assert not default_storage.exists(key)


def test_open_uploads_are_counted(
    alice: AbstractBaseUser, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.files.uploads.MAX_OPEN", 2)
    codes = [begin(client_of(alice), f"{n}.txt", 5).json().get("code") for n in range(3)]
    assert codes == [None, None, "too_many_uploads"]


def test_a_full_storage_says_so(alice: AbstractBaseUser, client_of: ClientOf, settings: LazySettings) -> None:
    settings.STORAGE_QUOTA_BYTES = 2 * 1024**2
    client = client_of(alice)
    assert begin(client, "a.mp4", 1024**2).status_code == 201
    full = begin(client, "b.mp4", 1024**2 + 1)
    assert (full.status_code, full.json()["code"], full.json()["quota"]) == (413, "storage_full", 2 * 1024**2)
    assert full.json()["error"] == "Your storage of 2 MB is full. Delete files to make room."
    small = SimpleUploadedFile("a.txt", b"x" * (1024**2 + 1))
    refused = client.post("/api/files", {"file": small}, format="multipart")
    assert refused.json()["code"] == "storage_full"
    assert not (StoredFile.objects.exists() or LooseBlob.objects.exists())


def test_many_at_once_do_not_exceed_the_quota(
    alice: AbstractBaseUser, client_of: ClientOf, settings: LazySettings
) -> None:
    settings.STORAGE_QUOTA_BYTES = 1000
    client = client_of(alice)
    answers = in_threads(5, lambda: begin(client, "a.txt", 400))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 413, 413, 413]


def avatar(client: APIClient, purpose: str = "avatar") -> dict[str, Any]:
    upload = SimpleUploadedFile("me.png", samples.image("PNG", size=(800, 800)))
    return dict(client.post("/api/files", {"file": upload, "purpose": purpose}, format="multipart").json())


async def test_an_avatar_has_a_link_that_lasts_and_nothing_else_has(
    alice: AbstractBaseUser, charlie: AbstractBaseUser, client_of: ClientOf
) -> None:
    import time_machine

    client = await sync_to_async(client_of)(alice)
    first, second = await sync_to_async(avatar)(client), await sync_to_async(avatar)(client)
    other = await sync_to_async(avatar)(client, "attachment")
    set_to = sync_to_async(lambda who, value: client_of(who).patch("/api/auth/me", {"avatar_id": value}, format="json"))
    url = (await set_to(alice, first["id"])).json()["user"]["avatar_url"]
    assert (first["width"], url.startswith(f"/api/files/{first['id']}/content?signature=")) == (512, True)
    with time_machine.travel(timezone.now() + timedelta(days=400)):
        status, headers, _body = await read(url)
        assert (status, headers["Content-Type"]) == (200, "image/png")
        assert (await read(first["url"]))[0] == 403
    for stolen in (other["id"], second["id"]):
        assert (await read(url.replace(first["id"], stolen)))[0] == 404
    assert (await set_to(alice, other["id"])).status_code == 404
    assert (await set_to(charlie, second["id"])).status_code == 404
    await set_to(alice, second["id"])
    assert (await read(url))[0] == 404  # the old picture is gone
    assert (await set_to(alice, None)).json()["user"]["avatar_url"] == ""
    assert await StoredFile.objects.filter(purpose="avatar").acount() == 0
