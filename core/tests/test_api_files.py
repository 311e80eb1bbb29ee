from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from typing import Any
from typing import cast
from urllib.parse import parse_qs
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import time_machine
from django.conf import LazySettings
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient
from rest_framework.test import APIClient

from core.files import links
from core.files.models import FileText
from core.files.models import LooseBlob
from core.files.models import StoredFile
from core.tests import samples

ClientOf = Callable[[AbstractBaseUser], APIClient]


def upload(client: APIClient, data: bytes = b"hello", name: str = "notes.txt", **fields: str) -> Any:
    return client.post("/api/files", {"file": SimpleUploadedFile(name, data), **fields}, format="multipart")


def upload_for(client_of: ClientOf, user: AbstractBaseUser, data: bytes, name: str) -> Any:
    return upload(client_of(user), data, name)


def post_raw(client: APIClient, body: bytes) -> Any:
    """A multipart body as an attacker writes it: clients mend names."""
    return cast("Any", client).generic("POST", "/api/files", body, content_type="multipart/form-data; boundary=b")


async def download(url: str) -> tuple[int, dict[str, str], bytes]:
    response = cast("Any", await AsyncClient().get(url))
    if not response.streaming:
        return response.status_code, dict(response.headers), response.content
    body = b"".join([chunk async for chunk in response.streaming_content])
    return response.status_code, dict(response.headers), body


def test_an_upload_is_answered_with_the_file(alice: AbstractBaseUser, client_of: ClientOf) -> None:
    response = upload(client_of(alice), samples.image("PNG"), "photo.png")
    body = response.json()
    assert response.status_code == 201
    assert set(body) == {
        *("id", "name", "mime_type", "kind", "size", "width", "height", "duration", "has_thumbnail"),
        *("thumbnail_url", "url", "created_at", "encoding"),
    }
    assert (body["name"], body["mime_type"], body["kind"]) == ("photo.png", "image/png", "image")
    assert (body["width"], body["height"]) == (8, 6)
    file = StoredFile.objects.get(pk=body["id"])
    assert file.owner_id == alice.pk
    assert "photo" not in file.key
    assert default_storage.size(file.key) == body["size"]
    assert not LooseBlob.objects.exists()


def test_extracted_text_stands_apart(alice: AbstractBaseUser, client_of: ClientOf) -> None:
    body = upload(client_of(alice), samples.pdf("Quarterly numbers"), "report.pdf").json()
    assert FileText.objects.get(file_id=body["id"]).text == "Quarterly numbers"
    assert "text" not in body


@pytest.mark.parametrize(
    ("data", "name", "refusal"),
    [
        (b"MZ\x90\x00", "setup.exe", (400, "executable_refused")),
        (b"\x00\x01\x02" * 20, "data.bin2", (415, "unsupported_type")),
        (b"x" * (20 * 1024 * 1024 + 1), "long.txt", (413, "file_too_large")),
        (b"hello", "photo%E2%80%AEgpj.txt", (400, "unsafe_name")),
        (b"hello", "no%00tes.txt", (400, "unsafe_name")),
    ],
)
def test_a_refusal_names_its_reason_and_leaves_nothing(
    alice: AbstractBaseUser, client_of: ClientOf, data: bytes, name: str, refusal: tuple[int, str]
) -> None:
    head = f"--b\r\nContent-Disposition: form-data; name=\"file\"; filename*=UTF-8''{name}\r\n\r\n"
    response = post_raw(client_of(alice), head.encode() + data + b"\r\n--b--\r\n")
    assert (response.status_code, response.json()["code"]) == refusal
    assert response.json()["error"].endswith(".")
    assert not StoredFile.objects.exists()
    assert not LooseBlob.objects.exists()


def test_a_path_in_the_name_is_dropped(alice: AbstractBaseUser, client_of: ClientOf) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="../../etc/cron.txt"\r\n\r\nhi\r\n--b--\r\n'
    response = post_raw(client_of(alice), body)
    assert response.json()["name"] == "cron.txt"


def test_what_is_missing_or_unknown_is_said(alice: AbstractBaseUser, client_of: ClientOf) -> None:
    client = client_of(alice)
    assert client.post("/api/files", {"purpose": "attachment"}, format="multipart").json()["code"] == "file_missing"
    assert upload(client, purpose="world_domination").json()["details"].keys() == {"purpose"}
    assert upload(client, b"", "empty.txt").json()["code"] == "file_empty"
    broken = post_raw(client, b"nonsense")
    assert broken.status_code == 400
    assert client.post("/api/files", {"a": 1}, format="json").status_code == 415


def test_a_stranger_sees_no_file_and_deletes_none(
    alice: AbstractBaseUser, charlie: AbstractBaseUser, client_of: ClientOf
) -> None:
    path = f"/api/files/{upload(client_of(alice)).json()['id']}"
    for answer in (client_of(charlie).get(path), client_of(charlie).delete(path)):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert StoredFile.objects.count() == 1
    assert APIClient().get(path).status_code == 401
    assert upload(APIClient()).status_code == 401


def test_the_owner_reads_a_fresh_link_in_few_queries(
    alice: AbstractBaseUser, client_of: ClientOf, django_assert_num_queries: Callable[[int], object]
) -> None:
    client = client_of(alice)
    path = f"/api/files/{upload(client).json()['id']}"
    with django_assert_num_queries(2):  # type: ignore[attr-defined]
        assert client.get(path).json()["url"].startswith(f"{path}/content?expires=")


def test_uploads_are_limited(alice: AbstractBaseUser, client_of: ClientOf, settings: LazySettings) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"upload": (1, 60)}
    assert upload(client_of(alice)).status_code == 201
    refused = upload(client_of(alice))
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")


@pytest.mark.django_db(transaction=True)
async def test_the_link_alone_opens_an_image_inline(alice: AbstractBaseUser, client_of: ClientOf) -> None:
    from asgiref.sync import sync_to_async

    body = (await sync_to_async(upload_for)(client_of, alice, samples.image("PNG"), "фото.png")).json()
    status, headers, data = await download(body["url"])
    assert status == 200
    assert len(data) == body["size"]
    assert headers["Content-Type"] == "image/png"
    assert headers["Content-Disposition"].startswith("inline; filename*=utf-8''")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Cache-Control"].startswith("private, max-age=")


@pytest.mark.django_db(transaction=True)
async def test_pages_and_documents_are_downloads_and_never_run(alice: AbstractBaseUser, client_of: ClientOf) -> None:
    from asgiref.sync import sync_to_async

    for data, name, expected in (
        (b"<html><script>alert(1)</script>", "page.html", "text/plain; charset=utf-8"),
        (samples.pdf("x"), "a.pdf", "application/pdf"),
    ):
        body = (await sync_to_async(upload_for)(client_of, alice, data, name)).json()
        _status, headers, stored = await download(body["url"])
        assert stored == data
        assert headers["Content-Type"] == expected
        assert headers["Content-Disposition"] == f'attachment; filename="{name}"'


@pytest.mark.django_db(transaction=True)
async def test_links_expire_and_cannot_be_forged(alice: AbstractBaseUser, client_of: ClientOf) -> None:
    from asgiref.sync import sync_to_async

    make = sync_to_async(lambda name: upload(client_of(alice), b"hello", name).json())
    with time_machine.travel(datetime(2026, 5, 1, 12, 7, tzinfo=UTC), tick=False) as clock:
        one, other = await make("one.txt"), await make("two.txt")
        url = urlsplit(one["url"])
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        later = f"{url.path}?expires={int(query['expires']) + 900}&signature={query['signature']}"
        foreign = f"/api/files/{other['id']}/content?{url.query}"
        nonsense = (f"{url.path}?expires=x&signature=y", f"{url.path}?expires=&signature=")
        for forged in (later, foreign, url.path, *nonsense):
            assert (await download(forged))[0] == 404
        assert (await download(one["url"]))[0] == 200
        clock.shift(2 * links.WINDOW_SECONDS)
        status, _headers, body = await download(one["url"])
        assert status == 403
        assert b"link_expired" in body


def test_a_link_is_stable_within_its_window_so_that_browsers_keep_the_image() -> None:
    file_id = uuid4()
    with time_machine.travel(datetime(2026, 5, 1, 12, 1, tzinfo=UTC), tick=False) as clock:
        first = links.content_url(file_id)
        clock.shift(600)
        assert links.content_url(file_id) == first
        clock.shift(600)
        assert links.content_url(file_id) != first


def test_a_link_survives_the_rotation_of_the_secret_key(settings: LazySettings) -> None:
    file_id = uuid4()
    query = parse_qs(urlsplit(links.content_url(file_id)).query)
    link = {"expires": query["expires"][0], "signature": query["signature"][0]}
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-for-this-test-only"
    assert links.verify(file_id, **link) > 0


@pytest.mark.django_db(transaction=True)
def test_a_deleted_file_takes_its_bytes_along(alice: AbstractBaseUser, client_of: ClientOf) -> None:
    client = client_of(alice)
    body = upload(client).json()
    key = StoredFile.objects.get().key
    assert client.delete(f"/api/files/{body['id']}").status_code == 204
    assert client.get(f"/api/files/{body['id']}").status_code == 404
    assert client.get(body["url"]).status_code == 404
    assert not default_storage.exists(key)
    assert not LooseBlob.objects.exists()


def test_large_uploads_go_to_disk(
    alice: AbstractBaseUser, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.files import door

    seen: list[object] = []
    judge = door.inspect

    def spy(upload: io.BufferedIOBase, name: str, purpose: str) -> door.Inspected:
        seen.append(upload.name)  # type: ignore[attr-defined]
        return judge(upload, name, purpose)  # type: ignore[arg-type]

    monkeypatch.setattr(door, "inspect", spy)
    assert upload(client_of(alice), b"word " * 1_000_000, "long.txt").status_code == 201
    assert str(seen[0]).endswith(".upload.txt")
