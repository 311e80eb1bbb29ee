"""The conversations in an export, one at a time: what unpacks to some hundred megabytes is never in memory as a whole.

An export is one JSON file or a ZIP archive that holds it among pictures. Nothing of it is believed: how large the
directory of the archive is, how much an entry unpacks to and how large one conversation is are all bounded.
"""

from __future__ import annotations

import codecs
import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO
from typing import Any

from django.utils.translation import gettext as _

MOST_UNPACKED = 512 * 1024 * 1024
"""Bytes of all conversations together, as they are unpacked."""
MOST_CONVERSATIONS = 20_000
"""Each is a transaction of its own, whatever is in it."""
MOST_OF_ONE = 32 * 1024 * 1024
"""Characters of one conversation."""
_DIRECTORY = 8 * 1024 * 1024
"""Bytes of an archive's directory: some hundred thousand entries."""
_PIECE = 1024 * 1024
_NAME = re.compile(r"(?:^|/)(?:conversations(?:-\d+)?|chat-export-\d+)\.json$", re.IGNORECASE)
"""ChatGPT calls it ``conversations.json``, and numbers the files of a large export; Open WebUI puts the time."""
_DAMAGED = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, struct.error)
"""What Python says of broken, encrypted and unknown archives."""
_BETWEEN = re.compile(r"[\s,]*")
_decoder = json.JSONDecoder(parse_constant=lambda _name: None)


class Unreadable(Exception):
    """The file is no export, or broken. Its text is a sentence for its owner."""


def conversations(content: IO[bytes]) -> Iterator[tuple[Any, float]]:
    """Each conversation as JSON gives it, with how much of the file is read by then (0 to 1). Raises Unreadable."""
    unpacked = count = 0
    try:
        sources = list(_sources(content))
        whole = sum(size for _open, size in sources) or 1
        for opener, size in sources:
            with opener() as stream:
                reader = _Bounded(stream, MOST_UNPACKED - unpacked)
                for element in _elements(reader):
                    count += 1
                    if count > MOST_CONVERSATIONS:
                        raise Unreadable(_("There are more conversations in it than can be imported at once."))
                    yield element, min(1.0, (unpacked + reader.read_bytes) / whole)
                unpacked += max(reader.read_bytes, size)
    except RecursionError as error:
        raise Unreadable(_("The file is nested more deeply than any export is.")) from error
    except _DAMAGED as error:
        raise Unreadable(_("The archive is damaged. Download your export once more.")) from error
    except UnicodeDecodeError as error:
        raise Unreadable(_("The file is not written in UTF-8, as exports are.")) from error


def check(content: IO[bytes]) -> None:
    """A first look, before anything is kept. Raises Unreadable."""
    try:
        for opener, _size in _sources(content):
            with opener() as stream:
                head = stream.read(64).removeprefix(codecs.BOM_UTF8).lstrip()
            if not head.startswith((b"[", b"{")):
                raise Unreadable(_("This is not an export of chats: a JSON file, or the ZIP archive that holds it."))
    except _DAMAGED as error:
        raise Unreadable(_("The archive is damaged. Download your export once more.")) from error
    finally:
        content.seek(0)


class _Bounded:
    """Counts what is read, which an archive may understate."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self._stream = stream
        self._most = most
        self.read_bytes = 0

    def read(self, size: int) -> bytes:
        piece = self._stream.read(size)
        self.read_bytes += len(piece)
        if self.read_bytes > self._most:
            raise Unreadable(_("The conversations in it are larger than can be imported."))
        return piece


def _sources(content: IO[bytes]) -> Iterator[tuple[Any, int]]:
    """What opens each file of conversations, with its size in bytes."""
    content.seek(0)
    if not content.read(4).startswith(b"PK"):
        size = content.seek(0, io.SEEK_END)
        yield lambda: _Kept(content), size
        return
    _check_directory(content)
    archive = zipfile.ZipFile(content)
    found = sorted((info for info in archive.infolist() if _NAME.search(info.filename)), key=lambda info: info.filename)
    if not found:
        raise Unreadable(_("There is no conversations.json in this archive."))
    if sum(info.file_size for info in found) > MOST_UNPACKED:
        raise Unreadable(_("The conversations in it are larger than can be imported."))
    for info in found:
        yield (lambda info=info: archive.open(info)), info.file_size


def _check_directory(content: IO[bytes]) -> None:
    """Python reads an archive's directory into memory before anybody can ask how large it is."""
    length = content.seek(0, io.SEEK_END)
    content.seek(max(0, length - 65_557))
    tail = content.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise Unreadable(_("The archive is damaged. Download your export once more."))
    (size,) = struct.unpack_from("<I", tail, at + 12)
    # A record of ZIP64 before it would be believed instead, and no export is so large that it needs one.
    if size > _DIRECTORY or tail[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
        raise Unreadable(_("There are more files in this archive than in any export."))


class _Kept(io.RawIOBase):
    """A file that stays the caller's to close."""

    def __init__(self, content: IO[bytes]) -> None:
        content.seek(0)
        self._content = content

    def read(self, size: int = -1) -> bytes:
        return self._content.read(size)


def _elements(reader: _Bounded) -> Iterator[Any]:
    """The elements of the array, or the one object, that a stream of JSON is."""
    text = _Text(reader)
    text.skip()
    if text.starts_with("{"):
        yield text.value()
        return
    if not text.starts_with("["):
        raise Unreadable(_("This is not an export of chats: a JSON file, or the ZIP archive that holds it."))
    text.advance(1)
    while True:
        text.skip()
        if text.starts_with("]"):
            return
        yield text.value()


class _Text:
    """A window over decoded text that grows to the value that is read and forgets what was."""

    def __init__(self, reader: _Bounded) -> None:
        self._reader = reader
        self._decode = codecs.getincrementaldecoder("utf-8-sig")()
        self._window = ""
        self._at = 0
        self._is_over = False

    def skip(self) -> None:
        """To the next thing that is neither space nor comma."""
        while True:
            match = _BETWEEN.match(self._window, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._window) or not self._grow():
                return

    def starts_with(self, sign: str) -> bool:
        return self._window.startswith(sign, self._at)

    def advance(self, by: int) -> None:
        self._at += by

    def value(self) -> Any:
        """The next value. Raises Unreadable where it is none, ends too early or is too large."""
        while True:
            try:
                value, self._at = _decoder.raw_decode(self._window, self._at)
            except ValueError as error:  # also of a number of more digits than Python reads
                if not isinstance(error, json.JSONDecodeError):
                    raise Unreadable(_("There is a number in it that is longer than any export writes.")) from error
                if len(self._window) - self._at > MOST_OF_ONE:
                    raise Unreadable(_("A conversation in it is larger than can be imported.")) from error
                if not self._grow():
                    raise Unreadable(_("The file ends in the middle, or is damaged.")) from error
            else:
                return value

    def _grow(self) -> bool:
        """Twice as much as there is, so that a long value is not begun anew for every piece of it."""
        if self._is_over:
            return False
        self._window, self._at = self._window[self._at :], 0
        wanted = max(_PIECE, len(self._window))
        piece = self._reader.read(wanted)
        self._is_over = not piece
        self._window += self._decode.decode(piece, final=self._is_over)
        return True
