"""Recordings, documents and archives at the door: what comes in, what is refused, and that nothing spins."""

from __future__ import annotations

import io
import os
import stat
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

import pytest
from PIL import Image

from core.errors import DomainError
from core.files import children
from core.files import documents
from core.files import door
from core.files import media
from core.files import media_worker
from core.tests import recordings
from core.tests import samples

pytestmark = pytest.mark.any_stack


def inspect(data: bytes, name: str, purpose: str = "message") -> door.Inspected:
    return door.inspect(io.BytesIO(data), name, purpose)


def refusal(data: bytes, name: str, purpose: str = "message") -> str:
    with pytest.raises(DomainError) as caught:
        inspect(data, name, purpose)
    assert caught.value.sentence.endswith(".")
    return caught.value.code


# Recordings


@pytest.mark.parametrize(
    ("make", "name", "stored"),
    [
        (lambda: recordings.film("mp4"), "trip.mp4", ("trip.mp4", "video/mp4", "video", 64, 48)),
        (lambda: recordings.film("mov"), "trip.MOV", ("trip.mp4", "video/mp4", "video", 64, 48)),
        (lambda: recordings.film("webm"), "trip.webm", ("trip.webm", "video/webm", "video", 64, 48)),
        (lambda: recordings.recording("mp3"), "a.mp3", ("a.mp3", "audio/mpeg", "audio", None, None)),
        (lambda: recordings.recording("ogg"), "voice.opus", ("voice.ogg", "audio/ogg", "audio", None, None)),
        (lambda: recordings.recording("webm"), "voice.webm", ("voice.weba", "audio/webm", "audio", None, None)),
        (lambda: recordings.recording("ipod"), "a.m4a", ("a.m4a", "audio/mp4", "audio", None, None)),
        (lambda: recordings.recording("adts"), "a.aac", ("a.aac", "audio/aac", "audio", None, None)),
        (lambda: recordings.recording("wav"), "no extension", ("no extension.wav", "audio/wav", "audio", None, None)),
    ],
)
def test_recordings_come_in_measured_and_say_nothing_of_themselves(
    make: Callable[[], bytes], name: str, stored: tuple[Any, ...]
) -> None:
    data = make()
    found = inspect(data, name)
    content = found.content.read()
    assert (found.name, found.mime_type, found.kind, found.width, found.height) == stored
    assert found.duration == pytest.approx(2, abs=0.1)
    assert recordings.CANARY.encode() not in content
    assert "CANARY" not in recordings.tags(content)
    assert found.size == len(content)


def test_the_canary_was_there() -> None:
    assert "CANARY" in recordings.tags(recordings.film("mp4"))
    assert "CANARY" in recordings.tags(recordings.recording("mp3"))


def test_a_film_has_a_small_picture_and_a_recording_has_none() -> None:
    film = inspect(recordings.film(size=(1280, 720), seconds=1.5), "trip.mp4")
    assert film.thumbnail is not None
    with Image.open(io.BytesIO(film.thumbnail)) as picture:
        assert (picture.format, picture.size) == ("WEBP", (480, 270))
    assert inspect(recordings.recording("mp3"), "a.mp3").thumbnail is None


def test_an_image_has_a_small_picture_and_an_avatar_is_small() -> None:
    photo = samples.image("PNG", size=(1000, 500))
    found = inspect(photo, "a.png")
    with Image.open(io.BytesIO(found.thumbnail or b"")) as picture:
        assert picture.size == (480, 240)
    avatar = inspect(photo, "a.png", "avatar")
    assert (avatar.width, avatar.height) == (512, 256)
    with Image.open(avatar.content) as picture:
        assert picture.size == (512, 256)


def test_a_turned_film_stands_upright() -> None:
    data = bytearray(recordings.film())
    # The matrix in the film's track header: a quarter turn.
    track = data.index(b"tkhd")
    start = data.index(struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000), track)
    turned = struct.pack(">9I", 0, 0x10000, 0, 0xFFFF0000, 0, 0, 0, 0, 0x40000000)
    data[start : start + 36] = turned
    found = inspect(bytes(data), "trip.mp4")
    assert (found.width, found.height) == (48, 64)


@pytest.mark.parametrize(
    ("make", "name", "purpose", "code"),
    [
        (lambda: recordings.film()[:5000], "a.mp4", "message", "media_broken"),
        (lambda: recordings.recording("ogg")[:60], "a.ogg", "message", "media_broken"),
        (lambda: b"\x00\x00\x00\x18ftypisom" + b"\x00" * 500, "a.mp4", "message", "media_broken"),
        (lambda: b"OggS" + b"\xff" * 5000, "a.ogg", "message", "media_broken"),
        (lambda: b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\x00" * 5000, "a.mp3", "message", "media_broken"),
        (recordings.film, "holiday.jpg", "message", "type_mismatch"),
        (recordings.film, "holiday.pdf", "message", "type_mismatch"),
        (recordings.film, "holiday.mp4.exe", "message", "executable_refused"),
        (recordings.film, "holiday\u202e4pm.mp4", "message", "unsafe_name"),
        (lambda: recordings.film() + samples.archive(), "a.mp4", "message", "polyglot"),
        (lambda: recordings.film("mov", "mpeg2video"), "a.mov", "message", "media_codec"),
        (recordings.film, "a.mp4", "attachment", "unsupported_type"),
        (recordings.film, "a.mp4", "avatar", "unsupported_type"),
        (lambda: recordings.recording("mp3"), "a.mp3", "story", "unsupported_type"),
        (lambda: samples.pdf("x"), "a.pdf", "story", "unsupported_type"),
        (lambda: b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "a.mp4", "message", "type_mismatch"),
        (lambda: b"\x1aE\xdf\xa3" + b"\x00" * 200, "a.mkv", "message", "type_mismatch"),
    ],
)
def test_hostile_and_unknown_recordings_are_refused(
    make: Callable[[], bytes], name: str, purpose: str, code: str
) -> None:
    assert refusal(make(), name, purpose) == code


def test_a_reader_that_spins_is_killed(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    started = time.monotonic()
    with pytest.raises(DomainError) as caught:
        media.rewrite(io.BytesIO(recordings.film(seconds=20, size=(640, 480))), "video/mp4", timeout=0.05)
    assert caught.value.code == "media_too_complex"
    assert time.monotonic() - started < 10
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert f"{media_worker.__file__} " not in left


def test_the_reader_has_no_environment_and_bounded_memory(tmp_path: Any) -> None:
    probe = tmp_path / "probe.py"
    probe.write_text(
        "import json, os, sys\n"
        f"sys.path.insert(0, {str(media_worker.__file__).rsplit('/', 1)[0]!r})\n"
        "import media_worker, resource\n"
        "media_worker.limit_resources(1000)\n"
        "print(json.dumps([dict(os.environ), resource.getrlimit(resource.RLIMIT_AS)[1]]))\n"
    )
    answer: Any = children.Children(str(probe), at_once=1, wait=1).ask(timeout=30)
    environment, memory = answer
    assert not {name for name in environment if not name.startswith("LC_")}
    assert memory == media_worker.MEMORY_BYTES


def test_serving_processes_do_not_load_the_reader() -> None:
    code = "import django, sys; django.setup(); import core.files.views; print('av' in sys.modules)"
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "kintsugi.settings"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.strip() == "False"


def test_when_all_places_are_taken_the_answer_is_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "_children", children.Children("media_worker.py", at_once=1, wait=0.01))
    assert media._children._places.acquire()
    with pytest.raises(DomainError) as caught:
        inspect(recordings.recording("wav"), "a.wav")
    assert (caught.value.code, caught.value.status) == ("media_queue_full", 503)


# Documents and archives


def bundle(entries: Mapping[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", compression) as archive:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = compression
            info.filename = name  # as it is: the class mends names
            archive.writestr(info, content)
    return output.getvalue()


TYPES = '<Types><Override PartName="/word/document.xml"/></Types>'
DOCX = {"[Content_Types].xml": TYPES, "word/document.xml": "<w:document/>"}
TABLE = bundle({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"})


def linked() -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return output.getvalue()


def locked() -> bytes:
    data = bytearray(bundle({"a.txt": "secret"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    return bytes(data)


def lying(shown: int) -> bytes:
    """An archive whose directory says that an entry is small."""
    data = bytearray(bundle({"a.bin": bytes(50_000_000)}))
    data[data.index(b"PK\x01\x02") + 24 :][:4] = b""
    at = data.index(b"PK\x01\x02") + 24
    return bytes(data[:at]) + struct.pack("<I", shown) + bytes(data[at + 4 :])


@pytest.mark.parametrize(
    ("data", "name", "mime_type"),
    [
        (bundle(DOCX), "letter.docx", documents.MIME_TYPES["docx"]),
        (TABLE, "numbers.xlsx", documents.MIME_TYPES["xlsx"]),
        (bundle(DOCX | {"word/embeddings/table.xlsx": TABLE}), "chart.docx", documents.MIME_TYPES["docx"]),
        (
            bundle({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}),
            "letter.odt",
            documents.MIME_TYPES["odt"],
        ),
        (bundle({"a/photo.txt": "hello", "b.pdf": samples.pdf("x")}), "things.zip", "application/zip"),
    ],
)
def test_documents_come_in_as_they_are(data: bytes, name: str, mime_type: str) -> None:
    found = inspect(data, name)
    assert (found.kind, found.mime_type, found.name, found.content.read()) == ("other", mime_type, name, data)
    assert refusal(data, name, "attachment") == "archive_refused"


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (bundle({"zeros": bytes(50_000_000)}), "a.zip", "archive_bomb"),
        (bundle({f"{n}.txt": "" for n in range(10_001)}), "a.zip", "archive_bomb"),
        (lying(100), "a.zip", "archive_broken"),
        (bundle({"inner.zip": samples.archive()}), "a.zip", "archive_nested"),
        (bundle({"inner.dat": samples.archive()}), "a.zip", "archive_nested"),
        (bundle({"inner.dat": b"\x1f\x8b\x08" + bytes(100)}), "a.zip", "archive_nested"),
        (bundle({"../../etc/cron.d/evil": "x"}), "a.zip", "archive_unsafe"),
        (bundle({"/etc/passwd": "x"}), "a.zip", "archive_unsafe"),
        (bundle({"..\\evil.txt": "x"}), "a.zip", "archive_unsafe"),
        (bundle({"C:/evil.txt": "x"}), "a.zip", "archive_unsafe"),
        (linked(), "a.zip", "archive_unsafe"),
        (locked(), "a.zip", "archive_encrypted"),
        (bundle({"setup.exe": "x"}), "a.zip", "archive_with_program"),
        (bundle({"harmless.txt": b"MZ\x90\x00" + bytes(100)}), "a.zip", "archive_with_program"),
        (bundle({"run": "#!/bin/sh\nrm -rf /\n"}), "a.zip", "archive_with_program"),
        (bundle(DOCX | {"word/vbaProject.bin": b"x"}), "a.docx", "macros_refused"),
        (
            bundle(DOCX | {"[Content_Types].xml": "application/vnd.ms-word.document.macroEnabled.main"}),
            "a.docx",
            "macros_refused",
        ),
        (bundle(DOCX), "a.docm", "macros_refused"),
        (
            bundle({"mimetype": "application/vnd.oasis.opendocument.text", "Basic/Standard/Module1.xml": "x"}),
            "a.odt",
            "macros_refused",
        ),
        (bundle(DOCX | {"word/embeddings/t.xlsx": bundle({"x/vbaProject.bin": "x"})}), "a.docx", "macros_refused"),
        (bundle(DOCX | {"word/embeddings/t.xlsx": bundle({"i.zip": TABLE})}), "a.docx", "archive_nested"),
        (bundle(DOCX), "numbers.xlsx", "type_mismatch"),
        (bundle(DOCX), "photo.png", "type_mismatch"),
        (bundle({"a.txt": "x"}), "letter.docx", "type_mismatch"),
        (bundle({"a.txt": "x"})[:-10], "a.zip", "archive_broken"),
        (b"PK\x03\x04" + b"\xff" * 500, "a.zip", "archive_broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old.doc", "archive_refused"),
        (b"Rar!\x1a\x07\x00" + bytes(600), "a.rar", "archive_refused"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(600), "a.7z", "archive_refused"),
        (b"\x7fELF" + bytes(600), "a.zip", "executable_refused"),
    ],
)
def test_hostile_documents_are_refused(data: bytes, name: str, code: str) -> None:
    assert refusal(data, name) == code


def test_a_document_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(DomainError) as caught:
        documents.judge(io.BytesIO(bundle(DOCX)), "a.docx", timeout=0.001)
    assert caught.value.code == "archive_bomb"


def test_only_recordings_and_documents_may_be_larger(settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES, settings.MAX_MESSAGE_FILE_BYTES = 10_000, 100_000
    assert refusal(b"x" * 10_001, "a.txt") == "file_too_large"
    assert inspect(recordings.recording("mp3"), "a.mp3").size > 10_000
    assert refusal(recordings.recording("wav"), "a.wav") == "file_too_large"
    assert refusal(recordings.film(seconds=5), "a.mp4", "story") == "file_too_large"
