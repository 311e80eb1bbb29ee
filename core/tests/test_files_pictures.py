"""Pictures as people have them: moving, slightly damaged, of today's formats; and a bound on what they cost."""

from __future__ import annotations

import io
import struct
import threading
import zlib
from typing import Any

import pytest
from PIL import Image

from accounts.models import User
from conftest import JsonClient
from conftest import signed_in
from core.errors import DomainError
from core.files import children
from core.files import door
from core.files import image_worker
from core.files import images
from core.files import turns
from core.models import StoredFile
from core.redis import Pause
from core.tests import samples

DURATIONS = [100, 250, 400]
COLOURS = [(255, 0, 0), (0, 0, 255), (0, 128, 0)]


def moving(fmt: str, *, size: tuple[int, int] = (16, 12), count: int = 3, each: int = 0) -> bytes:
    output = io.BytesIO()
    frames = [Image.new("RGB", size, (COLOURS * count)[number]) for number in range(count)]
    durations: Any = each or DURATIONS[:count]
    frames[0].save(
        output, format=fmt, save_all=True, append_images=frames[1:], duration=durations, loop=0, lossless=True
    )
    return output.getvalue()


def kept(data: bytes, name: str, purpose: str = "message") -> door.Inspected:
    return door.inspect(io.BytesIO(data), name, purpose)


def refusal(data: bytes, name: str) -> str:
    with pytest.raises(DomainError) as caught:
        kept(data, name)
    return caught.value.code


def frames_of(content: Any) -> list[tuple[int, Any]]:
    with Image.open(content) as opened:
        found = []
        for number in range(getattr(opened, "n_frames", 1)):
            opened.seek(number)
            opened.load()
            found.append((int(opened.info.get("duration", 0)), opened.convert("RGB").getpixel((3, 3))))
        return found


# Animations --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fmt", "stored"), [("GIF", "image/gif"), ("WEBP", "image/webp"), ("PNG", "image/png")])
@pytest.mark.parametrize("purpose", ["message", "story", "attachment"])
def test_an_animation_goes_on_moving(fmt: str, stored: str, purpose: str) -> None:
    name = f"dance.{fmt.lower()}"
    found = kept(moving(fmt), name, purpose)
    assert (found.mime_type, found.name, found.kind, found.width, found.height) == (stored, name, "image", 16, 12)
    assert [duration for duration, _colour in frames_of(found.content)] == DURATIONS
    for (_duration, seen), wanted in zip(frames_of(found.content), COLOURS, strict=True):
        assert all(abs(one - other) < 12 for one, other in zip(seen, wanted, strict=True))
    assert found.thumbnail is not None
    assert len(frames_of(io.BytesIO(found.thumbnail))) == 1


def test_a_picture_of_a_person_stands_still() -> None:
    found = kept(moving("GIF", size=(900, 600)), "me.gif", "avatar")
    assert (found.mime_type, found.width, found.height) == ("image/png", 512, 341)
    assert len(frames_of(found.content)) == 1


def test_a_still_gif_is_a_png() -> None:
    assert kept(samples.image("GIF", mode="P"), "a.gif").name == "a.png"


def test_models_look_at_the_first_frame() -> None:
    data, mime_type = images.first_frame(moving("GIF"), "image/gif")
    assert (mime_type, frames_of(io.BytesIO(data))) == ("image/png", [(0, COLOURS[0])])
    still = samples.image("JPEG")
    assert images.first_frame(still, "image/jpeg") == (still, "image/jpeg")


@pytest.mark.parametrize(
    ("bound", "value", "left"), [("MAX_FRAMES", 4, 4), ("MAX_PIXELS", 16 * 12 * 5, 5), ("MAX_MILLISECONDS", 300, 3)]
)
def test_an_animation_is_bounded(monkeypatch: pytest.MonkeyPatch, bound: str, value: int, left: int) -> None:
    monkeypatch.setattr(image_worker, bound, value)
    output = io.BytesIO()
    image_worker.rewrite(io.BytesIO(moving("GIF", count=9, each=100)), "GIF", output)
    assert len(frames_of(output)) == left


def test_an_animation_that_ends_early_keeps_what_came() -> None:
    whole = moving("GIF", size=(64, 64))
    assert len(frames_of(kept(whole[: len(whole) - 40], "cut.gif").content)) >= 2


# Slightly damaged ----------------------------------------------------------------------------------------------------


def photo(size: tuple[int, int] = (120, 90), **options: Any) -> bytes:
    output = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert("RGB").save(output, format="JPEG", **options)
    return output.getvalue()


def odd_exif() -> bytes:
    """Resolution as type 7, undefined, where a rational belongs: TIFF 6.0, section 2."""
    entries = struct.pack("<HHI4s", 0x011A, 7, 4, b"\x01\x02\x03\x04") + struct.pack(
        "<HHI4s", 0x0112, 7, 1, b"\x06" * 4
    )
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + entries + bytes(4)


def wrong_checksum() -> bytes:
    whole = samples.png_with_text()
    at = whole.index(b"CANARY-COMMENT") + len(b"CANARY-COMMENT")
    return whole[:at] + b"\0\0\0\0" + whole[at + 4 :]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (photo()[:-2], "no-end.jpg"),
        (samples.image("JPEG")[:-2], "no-end-of-one-colour.jpg"),
        (photo()[: int(len(photo()) * 0.95)], "cut.jpg"),
        (photo(exif=odd_exif()), "odd.jpg"),
        (photo(exif=b"Exif\0\0nonsense"), "no-exif.jpg"),
        (wrong_checksum(), "checksum.png"),
        (samples.image("PNG", size=(300, 200))[:-12], "no-end.png"),
        (samples.png_with_text("<html><script>"), "comment.png"),
        (samples.image("PNG", icc_profile=b"nonsense"), "profile.png"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_every_browser_shows_comes_in(data: bytes, name: str) -> None:
    found = kept(data, name)
    with Image.open(found.content) as opened:
        opened.load()
        assert not opened.getexif()


@pytest.mark.parametrize(
    "data",
    [
        photo()[:300],
        b"\xff\xd8\xff\xe0" + b"\0" * 300,
        samples.image("PNG", size=(200, 200))[:60],
        samples.image("WEBP")[:30],
        b"BM" + b"\0" * 12 + b"\x28\0\0\0" + b"\xff" * 60,
    ],
)
def test_what_no_browser_shows_does_not(data: bytes) -> None:
    assert refusal(data, "a.png") in {"image_broken", "image_too_large"}


# Formats -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fmt", "mode", "stored", "extension"),
    [("AVIF", "RGB", "image/jpeg", "jpg"), ("AVIF", "RGBA", "image/webp", "webp"), ("BMP", "RGB", "image/png", "png")],
)
def test_they_are_converted(fmt: str, mode: str, stored: str, extension: str) -> None:
    found = kept(samples.image(fmt, size=(64, 48), mode=mode), f"photo.{fmt.lower()}")
    assert (found.mime_type, found.name, found.width, found.height) == (stored, f"photo.{extension}", 64, 48)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIC"),
        (b"II*\0", "TIFF"),
        (b"8BPS\0\x01", "Photoshop"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    ],
)
def test_what_is_not_shown_is_named_with_the_way_out(head: bytes, name: str) -> None:
    with pytest.raises(DomainError) as caught:
        kept(head + bytes(200), "IMG_0001.HEIC")
    assert (caught.value.code, caught.value.status) == ("picture_type", 415)
    assert name in caught.value.sentence
    assert "JPEG" in caught.value.sentence


def test_a_text_that_begins_like_a_bitmap_is_a_text() -> None:
    assert kept(b"BMW and other cars, a list.\n" * 3, "cars.txt").kind == "text"


# What it may cost --------------------------------------------------------------------------------------------------


def test_large_ones_are_decoded_elsewhere_and_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []
    whole = children.Children.ask

    def ask(self: children.Children, *arguments: str, timeout: float) -> dict[str, Any]:
        asked.append(arguments)
        return whole(self, *arguments, timeout=timeout)

    monkeypatch.setattr(children.Children, "ask", ask)
    kept(samples.image("PNG", size=(100, 100)), "small.png")
    assert asked == []
    found = kept(samples.image("PNG", size=(1500, 1000)), "large.png")
    assert (found.width, found.height, len(asked)) == (1500, 1000, 1)
    kept(samples.image("PNG", size=(1500, 1000)), "me.png", "avatar")
    kept(moving("GIF"), "dance.gif", "story")
    assert len(asked) == 3


def test_when_all_places_are_taken_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    places = children.Children("image_worker.py", at_once=1, wait=0)
    monkeypatch.setattr(images, "_children", places)
    with_place = places._places
    assert with_place.acquire(blocking=False)
    assert refusal(samples.image("PNG", size=(1500, 1000)), "a.png") == "image_queue_full"
    with_place.release()
    assert kept(samples.image("PNG", size=(1500, 1000)), "a.png").width == 1500


def _bomb_of_text() -> bytes:
    """A PNG whose comment unpacks to 200 MB."""
    packed = zlib.compressobj(9)
    comment = b"".join(packed.compress(b"a" * 1024 * 1024) for _ in range(200)) + packed.flush()
    chunk = samples._chunk(b"zTXt", b"Comment\0\0" + comment)
    whole = samples.image("PNG", size=(1500, 1000))
    return whole[:33] + chunk + whole[33:]


def test_what_a_picture_says_of_itself_is_bounded() -> None:
    assert kept(_bomb_of_text(), "a.png").width == 1500


def test_a_child_that_wants_more_memory_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    worker = tmp_path / "image_worker.py"
    source = open(image_worker.__file__, encoding="utf-8").read()  # noqa: PTH123, SIM115
    worker.write_text(source.replace("MEMORY_BYTES = 1280 * 1024**2", "MEMORY_BYTES = 300 * 1024**2"))
    monkeypatch.setattr(images, "_children", children.Children(str(worker), at_once=1, wait=0))
    assert refusal(samples.image("PNG", size=(7000, 7000)), "a.png") == "image_too_large"


# One at a time -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_user_has_one_file_read_at_a_time(alice: User, alice_client: JsonClient, bob: User) -> None:
    def send(client: JsonClient, data: bytes = b"", name: str = "a.png", purpose: str = "attachment") -> Any:
        upload = io.BytesIO(data or samples.image("PNG"))
        upload.name = name
        return client.post("/api/files", {"file": upload, "purpose": purpose}, format="multipart")

    with turns.turn(alice.pk):
        for purpose in ("attachment", "story", "avatar", "message"):
            answer = send(alice_client, purpose=purpose)
            assert (answer.status_code, answer.json()["code"]) == (429, "busy")
            assert answer.headers["Retry-After"] == "1"
        assert send(signed_in(bob)).status_code == 201
        assert send(alice_client, b"just words", "a.txt").status_code == 201
    assert send(alice_client).status_code == 201
    assert StoredFile.objects.filter(owner=alice).count() == 2


def test_without_a_cache_there_are_no_turns(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that goes away in the middle; the places of the process bound what is read at once."""

    class Gone:
        def add(self, *_arguments: object) -> bool:
            raise ConnectionError("refused")

        get = add

    monkeypatch.setattr(turns, "_pause", Pause("No turns", seconds=0.0))
    with turns.turn(alice.pk):
        monkeypatch.setattr(turns, "cache", Gone())
        with turns.turn(alice.pk), turns.turn(alice.pk):
            pass


@pytest.mark.django_db
def test_a_refused_file_ends_its_turn(alice: User, alice_client: JsonClient) -> None:
    for _try in range(2):
        upload = io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"\0" * 50)
        upload.name = "a.png"
        answer = alice_client.post("/api/files", {"file": upload}, format="multipart")
        assert answer.json()["code"] == "image_broken"


def test_of_many_at_once_one_is_read(alice: User) -> None:
    together, outcome = threading.Barrier(8), []
    inside = threading.Event()

    def read() -> None:
        together.wait(timeout=30)
        try:
            with turns.turn(alice.pk):
                outcome.append("read")
                inside.wait(timeout=30)
        except DomainError as error:
            outcome.append(error.code)
        if len(outcome) == 8:
            inside.set()

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(outcome) == ["busy"] * 7 + ["read"]
