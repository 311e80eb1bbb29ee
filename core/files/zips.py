"""Archives that are written in pieces: each piece is whole entries, and the directory comes last.

The pieces, one after the other, and the directory behind them are one ZIP file. So whoever makes a large one needs
neither memory nor a disk for it, and goes on after the last piece when it was cut off.
"""

from __future__ import annotations

import io
import struct
import tempfile
import zipfile
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO
from typing import Any

from core.files.blobs import Reader

_IN_MEMORY = 1024 * 1024  # bytes, as below
_CHUNK = 256 * 1024
_MADE_BY = 3 << 8 | 45  # Unix, and 4.5, the version that knows ZIP64: APPNOTE.TXT 4.4.2, 4.4.3 (pkware.com)
_MODE = 0o100600 << 16
_MOST_32 = 0xFFFFFFFF
_MOST_16 = 0xFFFF


@dataclass(frozen=True, slots=True)
class Entry:
    """What the directory says of an entry; ``offset`` is counted from the beginning of its piece."""

    name: str
    method: int
    flags: int
    time: int
    date: int
    crc: int
    packed: int
    size: int
    offset: int


class Piece:
    """Some entries; their bytes lie in a temporary file once they are many."""

    def __init__(self, *, now: datetime) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, prefix="archive-")  # noqa: SIM115
        self._zip = zipfile.ZipFile(self._file, "w")
        self._when = (max(now.year, 1980), now.month, now.day, now.hour, now.minute, now.second)

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self._zip.start_dir

    def write(self, name: str, data: bytes) -> None:
        """An entry that is packed."""
        self._zip.writestr(self._info(name, zipfile.ZIP_DEFLATED), data)

    def copy(self, name: str, reader: Reader, *, size: int) -> None:
        """An entry as it is: pictures and films are packed already."""
        info = self._info(name, zipfile.ZIP_STORED)
        info.file_size = size
        with self._zip.open(info, "w") as entry:
            while chunk := reader.read(_CHUNK):
                entry.write(chunk)

    def finish(self) -> tuple[IO[bytes], list[Entry]]:
        """The bytes, from their beginning, and what stands in them."""
        end, entries = self._zip.start_dir, [_entry(info) for info in self._zip.filelist]
        self._zip.close()
        self._file.seek(end)
        self._file.truncate()  # the directory of this piece alone
        self._file.seek(0)
        return self._file, entries

    def close(self) -> None:
        """Let go of the temporary file."""
        self._file.close()

    def _info(self, name: str, method: int) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, self._when)
        info.compress_type = method
        return info


def _entry(info: zipfile.ZipInfo) -> Entry:
    year, month, day, hour, minute, second = info.date_time
    return Entry(
        name=info.filename,
        method=info.compress_type,
        flags=info.flag_bits | (0 if info.filename.isascii() else 0x800),
        time=hour << 11 | minute << 5 | second // 2,
        date=(year - 1980) << 9 | month << 5 | day,
        crc=info.CRC,
        packed=info.compress_size,
        size=info.file_size,
        offset=info.header_offset,
    )


def directory(entries: Sequence[tuple[Entry, int]], *, at: int) -> bytes:
    """The end of an archive: each entry with the position of its piece; ``at`` is the size of all pieces."""
    listed = b"".join(_line(entry, start + entry.offset) for entry, start in entries)
    count, large = len(entries), at > _MOST_32 or len(listed) > _MOST_32 or len(entries) > _MOST_16
    end = b""
    if large:
        end += struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, _MADE_BY, 45, 0, 0, count, count, len(listed), at)
        end += struct.pack("<4sIQI", b"PK\x06\x07", 0, at + len(listed), 1)
    few, size, start = min(count, _MOST_16), min(len(listed), _MOST_32), min(at, _MOST_32)
    return listed + end + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, few, few, size, start, 0)


def _line(entry: Entry, offset: int) -> bytes:
    name = entry.name.encode("utf-8" if entry.flags & 0x800 else "ascii")
    values, extra = [entry.packed, entry.size, offset], b""
    # In the order of the size, the packed size and the offset: only those that do not fit.
    far = [value for value in (entry.size, entry.packed, offset) if value >= _MOST_32]
    if far:
        extra = struct.pack(f"<HH{len(far)}Q", 1, 8 * len(far), *far)
        values = [min(value, _MOST_32) for value in values]
    packed, size, start = values
    needed = 45 if far else 20
    head = (b"PK\x01\x02", _MADE_BY, needed, entry.flags, entry.method, entry.time, entry.date, entry.crc, packed, size)
    tail = (len(name), len(extra), 0, 0, 0, _MODE, start)
    return struct.pack("<4sHHHHHHIIIHHHHHII", *head, *tail) + name + extra


class Chain(io.RawIOBase):
    """Readers one after the other, as one file that is read once."""

    def __init__(self, openers: Sequence[Callable[[], Any]]) -> None:
        self._openers = list(openers)
        self._begin()

    def _begin(self) -> None:
        self._parts: Iterator[Callable[[], Any]] = iter(self._openers)
        self._open: Any = None
        self._at = 0

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """To the beginning only, which storages do before they read."""
        if (offset, whence) != (0, io.SEEK_SET):
            raise io.UnsupportedOperation("seek")
        self._leave()
        self._begin()
        return 0

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        """So many bytes; fewer only at the end, as an object store takes the first short read for it."""
        if size < 0:
            return b"".join(iter(lambda: self.read(_CHUNK), b""))
        found = bytearray()
        while len(found) < size and (chunk := self._some(size - len(found))):
            found += chunk
        self._at += len(found)
        return bytes(found)

    def _some(self, size: int) -> bytes:
        while True:
            if self._open is None:
                opener = next(self._parts, None)
                if opener is None:
                    return b""
                self._open = opener()
            chunk: bytes = self._open.read(size)
            if chunk:
                return chunk
            self._leave()

    def close(self) -> None:
        self._leave()
        super().close()

    def _leave(self) -> None:
        if self._open is not None:
            self._open.close()
        self._open = None
