"""What a file is, told by its bytes; its name and the type the browser claims prove nothing."""

from __future__ import annotations

import zipfile
from typing import IO

from core.files.errors import ArchiveRefused
from core.files.errors import ExecutableRefused
from core.files.errors import Polyglot

HEAD = 4096
"""Bytes that tell what a file is."""
_CHUNK = 1024 * 1024

_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\x00asm",
    b"dex\n",
    b"L\x00\x00\x00\x01\x14\x02\x00",
)
_ARCHIVES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"PK\x07\x08",
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"MSCF",
)
_STILLS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")
_AVIF = {b"avif", b"avis"}
_BITMAPS = {size.to_bytes(4, "little") for size in (12, 16, 40, 52, 56, 64, 108, 124)}
_UNSHOWN = (
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"8BPS\x00", "Photoshop"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
)
_MARKUP = (b"<script", b"<html", b"<!doctype html", b"<?php")
_LONGEST = max(len(mark) for mark in _MARKUP)


def detect(head: bytes) -> str | None:
    """The MIME type of an allowed binary format, from the first bytes; None for everything else."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head[4:8] == b"ftyp" and _AVIF & _brands(head):
        return "image/avif"
    # The size of the second header tells a bitmap from a text that begins with BM.
    if head.startswith(b"BM") and head[14:18] in _BITMAPS:
        return "image/bmp"
    return _detect_media(head)


def unshown_picture(head: bytes) -> str:
    """The name of a kind of picture that no browser shows, or only few; empty for everything else."""
    if head[4:8] == b"ftyp" and head[8:12] in _STILLS:
        return "HEIC"
    return next((name for mark, name in _UNSHOWN if head.startswith(mark)), "")


def _brands(head: bytes) -> set[bytes]:
    """What a file of the ISO base media format says it is: ISO/IEC 14496-12, 4.3."""
    length = min(int.from_bytes(head[:4], "big"), len(head))
    return {head[8:12]} | {head[at : at + 4] for at in range(16, length - 3, 4)}


def _detect_media(head: bytes) -> str | None:
    """The MIME type of a film or a recording; of what may be either, the one of a film."""
    if head[4:8] == b"ftyp":
        return None if head[8:12] in _STILLS else "video/mp4"
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm" if b"webm" in head[:64] else None
    if head.startswith(b"OggS"):
        return "audio/ogg"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[:3] == b"ID3" and head[3:4] in {b"\x02", b"\x03", b"\x04"}:
        return "audio/mpeg"
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:
        return "audio/mpeg"
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "audio/aac"
    return None


def is_zip(head: bytes) -> bool:
    """A ZIP archive, which modern documents are, too."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def refuse_programs_and_archives(head: bytes) -> None:
    """Raises for the formats that are refused by name rather than as unknown.

    Two letters are a weak sign: text may begin with "MZ", but never with a NUL in its head.
    """
    if head.startswith(_PROGRAMS) and (b"\x00" in head or not head.startswith(b"MZ")):
        raise ExecutableRefused
    if head.startswith(_ARCHIVES) or head[257:262] == b"ustar":
        raise ArchiveRefused


def refuse_polyglots(content: IO[bytes], mime_type: str) -> None:
    """Raises Polyglot when a file is at the same time an archive, a page or a script.

    Of pictures it is asked about what we wrote ourselves: of what they came with nothing is left by then.
    """
    content.seek(0)
    head = content.read(HEAD)
    # A GIF whose width reads as the start of a comment or an assignment is how it becomes JavaScript.
    if mime_type == "image/gif" and (head[6:8] == b"/*" or all(32 < byte < 127 for byte in head[6:8])):
        raise Polyglot
    if zipfile.is_zipfile(content) or b"ustar" in head[257:262]:
        raise Polyglot
    # Pictures and sounds are copied out of a recording and nothing else; a chance match in so many bytes is no sign.
    if mime_type == "application/pdf" or mime_type.startswith(("video/", "audio/")):
        if _has_markup(head[:1024]):
            raise Polyglot
        return
    if b"%PDF-" in head[:1024] or _markup_anywhere(content):
        raise Polyglot


def _markup_anywhere(content: IO[bytes]) -> bool:
    content.seek(0)
    tail = b""
    while chunk := content.read(_CHUNK):
        if _has_markup(tail + chunk):
            return True
        tail = chunk[-_LONGEST:]
    return False


def _has_markup(data: bytes) -> bool:
    lowered = data.lower()
    return any(mark in lowered for mark in _MARKUP)
