"""Purposes of files, which apps bring along, and receipts of deletions: with an app that is no part of the product."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import AppConfig
from django.conf import LazySettings
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.storage import default_storage
from django.utils import timezone

from conftest import JsonClient
from core import modules
from core.errors import DomainError
from core.files import door
from core.files import holdings
from core.files import pdf
from core.files import purposes
from core.files import receipts
from core.files import services
from core.files.errors import StorageUnavailable
from core.files.models import DeletionReceipt
from core.files.models import FileText
from core.files.models import LooseBlob
from core.files.models import StoredFile
from core.files.receipts import prove
from core.files.services import sweep
from core.tests import samples


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The app is there, without starting the project anew."""
    installed = (*modules.installed(), AppConfig.create("tests.probe"))
    monkeypatch.setattr(modules, "installed", lambda: iter(installed))
    purposes.known.cache_clear()
    yield
    purposes.known.cache_clear()


def inspect(data: bytes, name: str, purpose: str) -> door.Inspected:
    return door.inspect(io.BytesIO(data), name, purpose)


def refusal(data: bytes, name: str, purpose: str) -> str:
    with pytest.raises(DomainError) as caught:
        inspect(data, name, purpose)
    return caught.value.code


def send(client: Any, data: bytes, name: str, purpose: str) -> Any:
    begun = client.post("/api/files/uploads", {"name": name, "size": len(data), "purpose": purpose})
    if begun.status_code != 201:
        return begun
    path = f"/api/files/uploads/{begun.json()['id']}"
    piece = client.generic("PATCH", path, data, "application/offset+octet-stream", HTTP_UPLOAD_OFFSET="0")
    assert piece.status_code == 204
    return client.post(f"{path}/complete")


def paragraph(*runs: str) -> str:
    return f"<w:p>{''.join(f'<w:r><w:t>{run}</w:t></w:r>' for run in runs)}</w:p>"


# Purposes


def test_what_an_app_declares_is_taken_at_the_front_door(probe: None, alice_client: JsonClient) -> None:
    answer = send(alice_client, samples.pdf("one", "two"), "book.pdf", "probe_book")
    assert answer.status_code == 201
    file = StoredFile.objects.get(pk=answer.json()["id"])
    assert (file.purpose, file.kind) == ("probe_book", "pdf")
    assert not FileText.objects.exists(), "this purpose says that its text is not read at the door"


def test_a_removed_app_takes_its_purposes_along(alice_client: JsonClient) -> None:
    answer = send(alice_client, samples.pdf("one"), "book.pdf", "probe_book")
    assert answer.status_code == 400
    assert answer.json()["details"]["purpose"] == [
        "Use one of attachment, message, story, avatar, translation, document_source."
    ]


def test_what_only_an_app_stores_is_not_uploaded(
    probe: None, alice_client: JsonClient, alice: AbstractBaseUser
) -> None:
    for purpose in ("probe_photo", "probe_made", "export"):
        assert send(alice_client, samples.image("PNG"), "a.png", purpose).status_code == 400
    file = services.store(alice, upload=io.BytesIO(samples.image("PNG")), name="a.png", purpose="probe_photo")
    assert file.has_thumbnail


def test_two_apps_cannot_have_the_same_purpose(probe: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.probe import files

    monkeypatch.setattr(files, "PURPOSES", [purposes.get("avatar")])
    purposes.known.cache_clear()
    with pytest.raises(ValueError, match="'avatar'"):
        purposes.known()


def test_formats_are_narrower_than_kinds(probe: None) -> None:
    assert inspect(samples.image("JPEG"), "a.jpg", "probe_photo").kind == "image"
    assert refusal(samples.image("WEBP"), "a.webp", "probe_photo") == "unsupported_type"
    assert refusal(samples.image("GIF", mode="P"), "a.gif", "probe_photo") == "unsupported_type"
    assert refusal(samples.archive(), "a.zip", "probe_requirements") == "unsupported_type"
    assert refusal(b"a,b", "a.csv", "probe_requirements") == "unsupported_type"


def test_pages_are_counted_where_a_purpose_has_a_limit(probe: None) -> None:
    assert inspect(samples.pdf("one", "two"), "a.pdf", "probe_book").text is None
    long = samples.pdf("one", "two", "three")
    with pytest.raises(DomainError) as caught:
        inspect(long, "a.pdf", "probe_book")
    assert (caught.value.code, caught.value.context["max_pages"]) == ("pdf_too_long", 2)
    assert refusal(samples.pdf("1", "2", "3", owner_password="owner"), "a.pdf", "probe_book") == "pdf_too_long"
    assert inspect(long, "a.pdf", "attachment").text == "one\n\ntwo\n\nthree"


def test_counting_pages_reads_no_text(probe: None) -> None:
    """Of a PDF whose text takes minutes."""
    with pytest.raises(DomainError) as caught:
        pdf.extract(io.BytesIO(samples.slow_pdf()), max_chars=0, max_pages=899, timeout=15)
    assert caught.value.code == "pdf_too_long"


def test_what_is_only_copied_may_be_larger(probe: None, settings: LazySettings) -> None:
    settings.MAX_UPLOAD_BYTES, settings.MAX_MESSAGE_FILE_BYTES = 500, 10_000
    assert inspect(samples.pdf("one"), "a.pdf", "probe_book").size > 500
    assert refusal(samples.pdf("one"), "a.pdf", "message") == "file_too_large"
    assert refusal(b"x" * 501, "a.txt", "probe_book") == "file_too_large"
    assert refusal(samples.pdf("one") + b"\n" * 10_000, "a.pdf", "probe_book") == "file_too_large"


# The text of DOCX


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (paragraph("Twenty ", "pages,") + paragraph("three chapters."), "Twenty pages,\nthree chapters."),
        ("<w:tbl><w:tr><w:tc>" + paragraph("a") + "</w:tc><w:tc>" + paragraph("b") + "</w:tc></w:tr></w:tbl>", "a\nb"),
        (
            "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/></w:r></w:p>",
            "a\tb",
        ),
        (
            "<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>",
            "",
        ),
        (
            "<w:p><w:moveFrom><w:r><w:t>x</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>x</w:t></w:r></w:moveTo></w:p>",
            "x",
        ),
        (paragraph("Привіт &amp; Grüße"), "Привіт & Grüße"),
    ],
)
def test_the_text_of_a_docx_is_read(probe: None, body: str, text: str) -> None:
    found = inspect(samples.docx(body), "wishes.docx", "probe_requirements")
    assert (found.kind, found.text, found.text_truncated) == ("other", text, False)


def test_the_body_of_a_docx_stands_where_the_package_says(probe: None) -> None:
    found = inspect(samples.docx(paragraph("here"), main="word/document2.xml"), "a.docx", "probe_requirements")
    strict = samples.docx(paragraph("strict"), namespace="http://purl.oclc.org/ooxml/wordprocessingml/main")
    assert found.text == "here"
    assert inspect(strict, "a.docx", "probe_requirements").text == "strict"


def test_the_text_of_a_docx_is_kept_for_models(probe: None, alice: AbstractBaseUser, alice_client: JsonClient) -> None:
    answer = send(alice_client, samples.docx(paragraph("Cite everything.")), "a.docx", "probe_requirements")
    assert services.read_text(StoredFile.objects.get(pk=answer.json()["id"])) == "Cite everything."


def test_a_long_docx_is_cut_and_says_so(probe: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.files.texts.MAX_CHARS", 7)
    found = inspect(samples.docx(paragraph("12345", "6789")), "a.docx", "probe_requirements")
    assert (found.text, found.text_truncated) == ("1234567", True)


@pytest.mark.parametrize(
    "data",
    [
        samples.docx(paragraph("&xxe;"), before='<!DOCTYPE d [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>'),
        samples.docx(paragraph("&b;"), before='<!DOCTYPE d [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>'),
        samples.docx("<w:p>"),
        samples.docx(paragraph("x"), main="word/document.xml").replace(b"_rels/.rels", b"_rels/.relz"),
    ],
)
def test_a_docx_that_cannot_be_read_is_refused(probe: None, data: bytes) -> None:
    assert refusal(data, "a.docx", "probe_requirements") == "archive_broken"
    assert inspect(data, "a.docx", "message").text is None, "who reads no text is not told of it"


# What the product makes


@pytest.mark.django_db(transaction=True)
def test_what_was_made_is_measured_while_it_is_written(probe: None, alice: AbstractBaseUser) -> None:
    content = io.BytesIO(b"made " * 1000)
    content.seek(7)
    seen: list[StoredFile] = []
    file = services.keep_made(
        alice, content=content, name="a.pdf", mime_type="application/pdf", purpose="probe_made", then=seen.append
    )
    stored = StoredFile.objects.get()
    assert seen == [file]
    assert (stored.kind, stored.size, stored.owner_id, stored.expires_at) == ("pdf", 5000, alice.pk, None)
    assert services.read_bytes(stored) == content.getvalue()
    assert stored.sha256 == hashlib.sha256(content.getvalue()).hexdigest()
    assert not content.closed
    assert not LooseBlob.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_then_refuses_leaves_neither_row_nor_bytes(probe: None, alice: AbstractBaseUser) -> None:
    keys: list[str] = []

    def refuse(file: StoredFile) -> None:
        keys.append(file.key)
        raise StorageUnavailable

    with pytest.raises(StorageUnavailable):
        services.keep_made(
            alice, content=io.BytesIO(b"x"), name="a", mime_type="text/plain", purpose="probe_made", then=refuse
        )
    assert not StoredFile.objects.exists()
    assert not LooseBlob.objects.exists()
    assert not default_storage.exists(keys[0])


def test_a_full_storage_does_not_lose_what_was_made(
    probe: None, alice: AbstractBaseUser, alice_client: JsonClient, settings: LazySettings
) -> None:
    settings.STORAGE_QUOTA_BYTES = 10
    for purpose in ("probe_made", "probe_book"):
        services.keep_made(alice, content=io.BytesIO(b"x" * 20), name="a", mime_type="a/b", purpose=purpose)
        full = send(alice_client, b"three", "a.txt", "attachment")
        assert full.status_code == (201 if purpose == "probe_made" else 413)
        StoredFile.objects.filter(purpose="attachment").delete()


def test_an_unknown_purpose_is_a_fault(alice: AbstractBaseUser) -> None:
    with pytest.raises(KeyError):
        services.keep_made(alice, content=io.BytesIO(b"x"), name="a", mime_type="a/b", purpose="probe_made")


# Receipts


def photo(owner: AbstractBaseUser, **fields: Any) -> StoredFile:
    return services.store(
        owner, upload=io.BytesIO(samples.image("PNG")), name="me.png", purpose="probe_photo", **fields
    )


@pytest.mark.django_db(transaction=True)
def test_a_file_whose_time_is_over_leaves_a_receipt(probe: None, alice: AbstractBaseUser) -> None:
    file = photo(alice, expires_at=timezone.now() - timedelta(seconds=1))
    assert sweep() == 1
    receipt = DeletionReceipt.objects.get()
    assert (receipt.user_id, receipt.what, receipt.subject_id, receipt.count) == (alice.pk, "photo", file.pk, 1)
    assert (receipt.reason, receipt.digest, receipt.due_at) == ("due", file.sha256, file.expires_at)
    assert (receipt.keys, receipt.erased_at) == ([file.key, file.thumbnail_key], None)
    assert prove() == 1
    receipt.refresh_from_db()
    assert (receipt.keys, receipt.erased_at is not None) == ([], True)
    assert prove() == 0


@pytest.mark.django_db(transaction=True)
def test_bytes_that_are_still_there_keep_the_receipt_open(probe: None, alice: AbstractBaseUser) -> None:
    from core.tests.test_services_files import use_storage

    file = photo(alice)
    with use_storage("DeafStorage"):
        services.delete(alice, file=file)
        assert prove() == 0
        assert DeletionReceipt.objects.get().erased_at is None
    for key in DeletionReceipt.objects.get().keys:
        default_storage.delete(key)
    assert prove() == 1
    assert DeletionReceipt.objects.get().reason == "asked"


@pytest.mark.django_db(transaction=True)
def test_receipts_outlive_the_account(probe: None, alice: AbstractBaseUser) -> None:
    photo(alice)
    user_id = alice.pk
    alice.delete()
    receipt = DeletionReceipt.objects.get()
    assert (receipt.user_id, receipt.reason) == (user_id, "account")


def test_a_deletion_that_is_undone_leaves_no_receipt(probe: None, alice: AbstractBaseUser) -> None:
    from django.db import transaction

    file = photo(alice)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        file.delete()
        1 / 0  # noqa: B018
    assert not DeletionReceipt.objects.exists()


def test_files_of_other_purposes_leave_none(alice: AbstractBaseUser) -> None:
    services.store(alice, upload=io.BytesIO(b"x"), name="a.txt").delete()
    assert not DeletionReceipt.objects.exists()


def test_an_app_writes_receipts_of_what_is_no_file(alice: AbstractBaseUser) -> None:
    for _ in range(2):
        receipts.write(alice.pk, what="chat", reason=receipts.Reason.ASKED, subject_id=alice.pk)
    receipts.write(alice.pk, what="draft", reason=receipts.Reason.DUE, count=7)
    receipts.write(alice.pk, what="draft", reason=receipts.Reason.DUE, count=2)
    found = DeletionReceipt.objects.order_by("pk").values_list("what", "count", "reason")
    assert list(found) == [("chat", 1, "asked"), ("draft", 7, "due"), ("draft", 2, "due")]
    assert not DeletionReceipt.objects.filter(erased_at=None).exists(), "without bytes there is nothing to wait for"


@pytest.mark.django_db(transaction=True)
def test_after_the_erasure_of_an_account_no_checksum_is_left(probe: None, alice: AbstractBaseUser) -> None:
    photo(alice)

    class Done:
        at = None

        def moved(self, rows: int, *, at: int | None = None) -> None: ...

    with receipts.because(receipts.Reason.ACCOUNT):
        holdings.erase(alice.pk, Done())
    receipt = DeletionReceipt.objects.get()
    assert (receipt.reason, receipt.digest) == ("account", "")


@pytest.mark.django_db(transaction=True)
def test_bytes_that_are_never_let_go_hold_up_no_other_receipt(probe: None, alice: AbstractBaseUser) -> None:
    from core.tests.test_services_files import use_storage

    stuck, free = photo(alice), photo(alice)
    stuck_id = stuck.pk
    with use_storage("DeafStorage"):
        services.delete(alice, file=stuck)
    services.delete(alice, file=free)
    assert [prove(limit=1) for _ in range(2)] == [0, 1]
    assert DeletionReceipt.objects.get(erased_at=None).subject_id == stuck_id
