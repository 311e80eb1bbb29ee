from __future__ import annotations

import io
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.conf import LazySettings
from PIL import Image

from core.errors import DomainError
from core.files import door
from core.files import images
from core.files import pdf
from core.files import pdf_worker
from core.files import sniff
from core.files import texts
from core.files.errors import PdfQueueFull
from core.tests import samples

pytestmark = pytest.mark.any_stack


def inspect(data: bytes, name: str) -> door.Inspected:
    return door.inspect(io.BytesIO(data), name)


def refusal(data: bytes, name: str) -> str:
    with pytest.raises(DomainError) as caught:
        inspect(data, name)
    assert caught.value.sentence.endswith(".")
    return caught.value.code


# Images


@pytest.mark.parametrize(
    ("data", "name", "stored_as", "stored_name"),
    [
        (samples.image("PNG"), "a.png", "image/png", "a.png"),
        (samples.image("JPEG"), "a.JPG", "image/jpeg", "a.jpg"),
        (samples.image("WEBP"), "a.webp", "image/webp", "a.webp"),
        (samples.image("GIF", mode="P"), "a.gif", "image/png", "a.png"),
        (samples.image("JPEG"), "really-a-jpeg.png", "image/jpeg", "really-a-jpeg.jpg"),
        (samples.image("PNG"), "no extension", "image/png", "no extension.png"),
        (samples.image("PNG", mode="I;16"), "deep.png", "image/png", "deep.png"),
        (samples.image("PNG", mode="LA"), "grey.png", "image/png", "grey.png"),
        (samples.image("JPEG", mode="CMYK"), "print.jpg", "image/jpeg", "print.jpg"),
    ],
)
def test_allowed_images_come_in_measured(data: bytes, name: str, stored_as: str, stored_name: str) -> None:
    found = inspect(data, name)
    assert (found.kind, found.mime_type, found.name) == ("image", stored_as, stored_name)
    assert (found.width, found.height) == (8, 6)
    stored = found.content.read()
    assert sniff.detect(stored) == stored_as
    assert found.size == len(stored)


def test_a_photo_forgets_where_it_was_taken_and_stands_upright() -> None:
    found = inspect(samples.photo_with_gps(), "IMG_0001.jpg")
    stored = found.content.read()
    assert (found.width, found.height) == (6, 8)
    assert b"CANARY" not in stored
    assert b"Exif" not in stored
    assert not Image.open(io.BytesIO(stored)).getexif()


def test_comments_and_bytes_after_the_end_of_an_image_are_gone() -> None:
    stored = inspect(samples.png_with_text() + b"CANARY-TAIL", "a.png").content.read()
    assert b"CANARY" not in stored


def test_a_colour_profile_is_applied_and_dropped() -> None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    stored = inspect(samples.image("PNG", icc_profile=profile), "a.png").content.read()
    assert b"iCCP" not in stored
    broken = inspect(samples.image("PNG", icc_profile=b"nonsense"), "a.png").content.read()
    assert b"iCCP" not in broken


def test_transparency_survives() -> None:
    output = io.BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(output, format="PNG")
    stored = Image.open(inspect(output.getvalue(), "a.png").content)
    assert stored.convert("RGBA").getpixel((0, 0)) == (0, 0, 0, 0)


def test_a_pixel_bomb_is_refused_before_it_is_decoded() -> None:
    bomb = samples.pixel_bomb()
    assert len(bomb) < 100_000
    started = time.monotonic()
    assert refusal(bomb, "a.png") == "image_too_large"
    assert time.monotonic() - started < 1
    assert refusal(samples.pixel_bomb(8000), "a.png") == "image_too_large"


def test_a_very_long_image_is_refused() -> None:
    assert refusal(samples.image("PNG", size=(images.MAX_SIDE + 1, 1)), "a.png") == "image_too_large"


def test_a_damaged_image_is_refused() -> None:
    whole = samples.image("PNG", size=(200, 200))
    assert refusal(whole[: len(whole) // 2], "a.png") == "image_broken"
    assert refusal(b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "a.png") == "image_broken"
    assert refusal(b"GIF89a" + b"\x01\x00\x01\x00", "a.gif") == "image_broken"


# What two types claim


@pytest.mark.parametrize(
    "data",
    [
        samples.pdf("hello") + samples.archive(),
        b"%PDF-1.4\n<html><script>alert(1)</script></html>",
    ],
)
def test_polyglots_are_refused(data: bytes) -> None:
    assert refusal(data, "a.pdf") == "polyglot"


_BOUNDARY = b"\x00" * (sniff._CHUNK - len(samples.image("PNG")) - 3)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (samples.image("PNG") + b"<SCRIPT>alert(1)</script>", "a.png"),
        (samples.image("PNG") + _BOUNDARY + b"<script>", "a.png"),
        (samples.png_with_text("Made by <html>"), "a.png"),
        (samples.image("JPEG", comment=b"<?php system($_GET[0]); ?>"), "a.jpg"),
        (samples.image("GIF", mode="P") + b"<!DOCTYPE HTML><body onload=alert(1)>", "a.gif"),
        (samples.image("PNG") + samples.archive(), "a.png"),
    ],
)
def test_of_a_second_type_in_a_picture_nothing_is_left(data: bytes, name: str) -> None:
    """Where only the pixels survive, what else the bytes were is no reason to refuse them."""
    stored = inspect(data, name).content
    sniff.refuse_polyglots(stored, "image/png")
    stored.seek(0)
    kept = stored.read()
    assert b"<" + b"html" not in kept.lower()
    assert b"PK\x03\x04" not in kept


@pytest.mark.parametrize("data", [b"GIF89a/*" + b"\x00" * 20 + b"*/=1;alert(1)", b"GIF89a=1;alert(document.cookie)//"])
def test_scripts_that_begin_like_a_picture_are_no_pictures(data: bytes) -> None:
    assert refusal(data, "a.gif") in {"image_broken", "image_too_large"}


def test_the_result_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pixels could be chosen so that, packed, they read as a page."""
    whole = images.rewrite

    def rewrite(*arguments: Any, **options: Any) -> images.Rewritten:
        found = whole(*arguments, **options)
        return replace(found, content=io.BytesIO(found.content.read() + b"<script>"))

    monkeypatch.setattr(images, "rewrite", rewrite)
    assert refusal(samples.image("PNG"), "a.png") == "polyglot"


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (samples.image("PNG"), "a.txt", "type_mismatch"),
        (samples.image("PNG"), "a.pdf", "type_mismatch"),
        (samples.pdf("x"), "a.png", "type_mismatch"),
        (b"only words", "photo.png", "type_mismatch"),
        (b"\x00\x01\x02\x03" * 50, "photo.jpg", "type_mismatch"),
        (b"#!/bin/sh\nrm -rf /\n", "photo.png", "script_disguised"),
        (b"<html><script>alert(1)</script>", "scan.pdf", "script_disguised"),
        (b"<?php system('id');", "photo.jpg", "script_disguised"),
        (b"MZ\x90\x00\x03" + b"\x00" * 60, "photo.png", "executable_refused"),
        (b"\x7fELF\x02\x01\x01" + b"\x00" * 60, "notes.txt", "executable_refused"),
        (b"\xcf\xfa\xed\xfe" + b"\x00" * 60, "notes", "executable_refused"),
        (b"echo hi", "run.bat", "executable_refused"),
        (b"MZ", "setup.exe", "executable_refused"),
        (b"hello", "invoice.pdf.exe", "executable_refused"),
        (samples.archive(), "a.zip", "archive_refused"),
        (samples.archive(), "report.docx", "archive_refused"),
        (samples.archive(), "notes.txt", "archive_refused"),
        (b"Rar!\x1a\x07\x00", "a.rar", "archive_refused"),
        (b"\x1f\x8b\x08\x00", "a.tar.gz", "archive_refused"),
        (b"\x00" * 257 + b"ustar\x0000" + b"\x00" * 300, "a.tar", "archive_refused"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old.doc", "archive_refused"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "svg_refused"),
        (b"<?xml version='1.0'?>\n<!-- x -->\n<svg onload='alert(1)'/>", "a.xml", "svg_refused"),
        (b"<svg:svg xmlns:svg='http://www.w3.org/2000/svg'/>", "a.txt", "svg_refused"),
        (b"hello", "no\x00tes.txt", "unsafe_name"),
        (b"hello", "photo\u202egpj.txt", "unsafe_name"),
        (b"hello", "line\nbreak.txt", "unsafe_name"),
        (b"hello", "..", "unsafe_name"),
        (b"\x00\x01\x02\x03" * 50, "data.xyz", "unsupported_type"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x00", "song", "unsupported_type"),
        (b"", "empty.txt", "file_empty"),
    ],
)
def test_what_is_not_allowed_has_a_reason(data: bytes, name: str, code: str) -> None:
    assert refusal(data, name) == code


def test_every_reason_has_its_own_sentence_and_code() -> None:
    from core.files import errors

    reasons = errors.FileRefused.__subclasses__()
    assert len(reasons) > 15
    assert len({reason.code for reason in reasons}) == len(reasons)
    assert len({reason.message for reason in reasons}) == len(reasons)


def test_a_file_over_the_limit_is_refused(settings: LazySettings) -> None:
    settings.MAX_UPLOAD_BYTES = 100
    assert inspect(b"x" * 100, "a.txt").size == 100
    assert refusal(b"x" * 101, "a.txt") == "file_too_large"


# Text


@pytest.mark.parametrize(
    ("data", "name", "mime_type", "text"),
    [
        ("Привіт, світе".encode(), "лист.txt", "text/plain", "Привіт, світе"),
        ("Привіт".encode("utf-8-sig"), "a.md", "text/markdown", "Привіт"),
        ("Привіт".encode("utf-16"), "a.txt", "text/plain", "Привіт"),
        ("Привіт, як справи?".encode("cp1251"), "old.txt", "text/plain", "Привіт, як справи?"),
        (b'{"a": 1}', "a.json", "application/json", '{"a": 1}'),
        (b"a,b\r\n1,2\r\n", "a.csv", "text/csv", "a,b\n1,2\n"),
        (b"print('hi')\n", "a.py", "text/plain", "print('hi')\n"),
        (b"#!/bin/sh\necho hi\n", "deploy.sh", "text/plain", "#!/bin/sh\necho hi\n"),
        (b"<html><script>1</script></html>", "page.html", "text/plain", "<html><script>1</script></html>"),
        (b"MZ is how it starts", "a.txt", "text/plain", "MZ is how it starts"),
        (b"FROM python", "Dockerfile", "text/plain", "FROM python"),
        (b"# about example.com", "example.com.md", "text/markdown", "# about example.com"),
    ],
)
def test_text_comes_in_as_utf8(data: bytes, name: str, mime_type: str, text: str) -> None:
    found = inspect(data, name)
    assert (found.kind, found.mime_type, found.text, found.text_truncated) == ("text", mime_type, text, False)
    assert found.content.read().decode() == text


def test_legacy_encoding_is_not_guessed_for_code() -> None:
    assert refusal("Привіт".encode("cp1251"), "a.py") == "unsupported_type"


def test_long_text_is_cut_and_says_so() -> None:
    found = inspect(b"x" * (texts.MAX_CHARS + 5), "a.txt")
    assert found.text is not None
    assert (len(found.text), found.text_truncated) == (texts.MAX_CHARS, True)
    assert found.size == texts.MAX_CHARS + 5


# PDF


def test_the_text_of_a_pdf_is_read() -> None:
    found = inspect(samples.pdf("Hello page one", "and page two"), "report.pdf")
    assert (found.kind, found.mime_type) == ("pdf", "application/pdf")
    assert found.text is not None
    assert "Hello page one" in found.text
    assert "and page two" in found.text


def test_a_pdf_without_text_comes_in_with_none_to_read() -> None:
    assert inspect(samples.pdf(""), "scan.pdf").text == ""


def test_protected_pdfs_are_refused_unless_the_password_is_empty() -> None:
    assert refusal(samples.pdf("x", password="secret"), "a.pdf") == "pdf_encrypted"
    found = inspect(samples.pdf("Only printing is forbidden", owner_password="owner"), "a.pdf")
    assert found.text == "Only printing is forbidden"


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7\n%%EOF\n", b"%PDF-1.7\n" + b"\x00garbage" * 500, samples.pdf("hello")[:200]]
)
def test_damaged_pdfs_are_refused(data: bytes) -> None:
    assert refusal(data, "a.pdf") == "pdf_broken"


def test_slow_pdfs_take_only_so_many_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixteen of them would be all the threads the API has."""
    entered, may_end = threading.Barrier(pdf.AT_ONCE + 1), threading.Event()
    monkeypatch.setattr(pdf, "WAIT_SECONDS", 0.01)

    def slow(*_args: object) -> dict[str, Any]:
        entered.wait(10)
        may_end.wait(10)
        return {"text": "read", "truncated": False}

    with monkeypatch.context() as patch:
        patch.setattr(pdf, "_run", slow)
        with ThreadPoolExecutor(pdf.AT_ONCE) as pool:
            reading = [pool.submit(pdf.extract, io.BytesIO(b""), max_chars=9) for _ in range(pdf.AT_ONCE)]
            entered.wait(10)
            try:
                with pytest.raises(PdfQueueFull):
                    pdf.extract(io.BytesIO(b""), max_chars=9)
            finally:
                may_end.set()
            assert [done.result() for done in reading] == [("read", False)] * pdf.AT_ONCE
    assert inspect(samples.pdf("There is room again"), "a.pdf").text == "There is room again"


def test_a_hostile_pdf_is_given_up_in_time() -> None:
    started = time.monotonic()
    with pytest.raises(DomainError) as caught:
        pdf.extract(io.BytesIO(samples.slow_pdf()), max_chars=1000, timeout=2)
    assert caught.value.code == "pdf_too_complex"
    assert time.monotonic() - started < 6


def test_the_parser_inherits_no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    import pathlib

    spy = pathlib.Path(str(tmp_path)) / "spy.py"
    spy.write_text("import os, json; print(json.dumps({'text': repr(dict(os.environ)), 'truncated': False}))")
    monkeypatch.setenv("JWT_SECRET", "CANARY")
    monkeypatch.setattr(pdf, "_WORKER", spy)
    assert "CANARY" not in pdf.extract(io.BytesIO(b"%PDF-"), max_chars=10)[0]


def test_pages_and_characters_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    document = samples.pdf("one", "two", "three")
    assert pdf_worker.extract(io.BytesIO(document), 5) == {"text": "one", "truncated": True}
    monkeypatch.setattr(pdf_worker, "MAX_PAGES", 2)
    assert pdf_worker.extract(io.BytesIO(document), 1000) == {"text": "one\n\ntwo", "truncated": True}
