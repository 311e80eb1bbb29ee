from __future__ import annotations

import io
import struct
import zipfile
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from functools import partial

import pytest

from core.files import zips

pytestmark = pytest.mark.any_stack

NOW = datetime(2026, 1, 31, 12, 0, 30, tzinfo=UTC)


def piece(*entries: tuple[str, bytes], stored: bool = False) -> tuple[bytes, list[zips.Entry]]:
    made = zips.Piece(now=NOW)
    for name, data in entries:
        if stored:
            made.copy(name, io.BytesIO(data), size=len(data))
        else:
            made.write(name, data)
    size = made.size
    content, listed = made.finish()
    data = content.read()
    made.close()
    assert len(data) == size
    return data, listed


def joined(*pieces: tuple[bytes, list[zips.Entry]]) -> bytes:
    at, listed = 0, []
    for data, entries in pieces:
        listed += [(entry, at) for entry in entries]
        at += len(data)
    openers = [partial(io.BytesIO, data) for data, _ in pieces]
    return zips.Chain([*openers, partial(io.BytesIO, zips.directory(listed, at=at))]).read()


def test_pieces_and_a_directory_are_an_archive() -> None:
    photo = bytes(range(256)) * 9000
    whole = joined(
        piece(("a/one.json", b"[1]"), ("two.txt", b"zwei " * 5000)),
        piece(("files/фото.png", photo), stored=True),
        piece(("empty.json", b"")),
    )
    archive = zipfile.ZipFile(io.BytesIO(whole))
    assert archive.testzip() is None
    assert archive.namelist() == ["a/one.json", "two.txt", "files/фото.png", "empty.json"]
    assert archive.read("files/фото.png") == photo
    assert archive.read("two.txt") == b"zwei " * 5000
    assert archive.getinfo("two.txt").compress_size < 200
    assert archive.getinfo("two.txt").date_time == (2026, 1, 31, 12, 0, 30)


def test_an_archive_of_nothing_is_one() -> None:
    assert zipfile.ZipFile(io.BytesIO(joined())).namelist() == []


def test_more_entries_than_sixteen_bits_count() -> None:
    whole = joined(piece(*((f"{number}", b"") for number in range(66_000))))
    assert len(zipfile.ZipFile(io.BytesIO(whole)).namelist()) == 66_000


def test_what_lies_beyond_four_gigabytes_is_found() -> None:
    """The directory alone, read the way a reader does: nobody writes five gigabytes in a test."""
    (_, (entry,)) = piece(("far.txt", b"far"))
    far, large = 5 * 2**30, replace(entry, size=6 * 2**30, packed=5 * 2**30)
    end = zips.directory([(large, far)], at=2 * far)

    class Sparse(io.BytesIO):
        """As if the pieces stood before it."""

        def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
            return super().seek(offset - 2 * far if whence == io.SEEK_SET else offset, whence) + 2 * far

        def tell(self) -> int:
            return super().tell() + 2 * far

    info = zipfile.ZipFile(Sparse(end)).getinfo("far.txt")
    assert (info.header_offset, info.file_size, info.compress_size) == (far, 6 * 2**30, 5 * 2**30)
    assert struct.pack("<4s", b"PK\x06\x06") in end


def test_a_chain_is_read_once_from_its_beginning() -> None:
    chain = zips.Chain([partial(io.BytesIO, b"one"), partial(io.BytesIO, b""), partial(io.BytesIO, b"two")])
    assert chain.read(2) == b"on"
    assert chain.seek(0) == 0
    assert [chain.read(5), chain.read(5), chain.read(5)] == [b"onetw", b"o", b""]
    assert chain.seek(0) == 0
    assert b"".join(iter(lambda: chain.read(4), b"")) == b"onetwo"
    assert chain.tell() == 6
    with pytest.raises(io.UnsupportedOperation):
        chain.seek(3)
