"""The upload door: nothing enters the house unlooked at.

What is allowed is said by each purpose (:mod:`core.files.purposes`); what it does not name is refused with a sentence
of its own.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import IO

from django.conf import settings

from core.files import documents
from core.files import images
from core.files import media
from core.files import names
from core.files import pdf
from core.files import purposes
from core.files import sniff
from core.files import texts
from core.files.errors import FileEmpty
from core.files.errors import FileTooLarge
from core.files.errors import PictureRefused
from core.files.errors import Polyglot
from core.files.errors import TypeMismatch
from core.files.errors import UnsupportedType
from core.files.models import StoredFile
from core.files.purposes import Purpose

_Kind = StoredFile.Kind
_REWRITTEN = frozenset({_Kind.IMAGE, _Kind.AUDIO, _Kind.VIDEO})
"""Stored as another type than they came in."""
_IMAGE_EXTENSIONS = frozenset(
    {"png", "apng", "jpg", "jpeg", "jfif", "jpe", "gif", "webp", "avif", "bmp", "dib", "heic", "heif"}
)


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that may come in: ``content`` is what to store, not necessarily what was sent."""

    name: str
    mime_type: str
    kind: StoredFile.Kind
    content: IO[bytes]
    size: int
    sha256: str
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    thumbnail: bytes | None = None
    text: str | None = None
    text_truncated: bool = False
    encoding: str = ""


def max_bytes(purpose: str) -> int:
    """How large a file for this purpose may be at all; what is read into memory stays below ``MAX_UPLOAD_BYTES``."""
    return purposes.get(purpose).max_bytes()


def inspect(upload: IO[bytes], name: str, purpose: str = StoredFile.Purpose.ATTACHMENT) -> Inspected:
    """Judge an upload by its bytes.

    Raises a child of FileRefused, or FileTooLarge. ``upload`` must be seekable and stays the caller's to close.
    """
    wanted = purposes.get(purpose)
    length = _check_length(upload, wanted.max_bytes())
    name = names.safe_name(name)
    names.check_extensions(name)
    upload.seek(0)
    found = _judged(upload, name, upload.read(sniff.HEAD), wanted, length)
    if not _is_taken(found, wanted):
        found.content.close()
        raise UnsupportedType
    return found


def takes_long(upload: IO[bytes]) -> bool:
    """Whether a file is one that is decoded or unpacked to be judged, unlike a text; by its first bytes."""
    upload.seek(0)
    head = upload.read(sniff.HEAD)
    return sniff.detect(head) is not None or sniff.is_zip(head)


def _judged(upload: IO[bytes], name: str, head: bytes, wanted: Purpose, length: int) -> Inspected:
    mime_type = sniff.detect(head)
    if mime_type and wanted.formats and mime_type not in wanted.formats:
        raise UnsupportedType
    if mime_type in media.FORMATS:
        if not wanted.kinds & {_Kind.AUDIO, _Kind.VIDEO}:
            raise UnsupportedType
        return _media(upload, name, mime_type)
    if sniff.is_zip(head) and _Kind.OTHER in wanted.kinds:
        return _document(upload, name, wanted)
    if length > settings.MAX_UPLOAD_BYTES and not _is_only_copied(mime_type, wanted):
        raise FileTooLarge(settings.MAX_UPLOAD_BYTES)
    if mime_type is None:
        if picture := sniff.unshown_picture(head):
            raise PictureRefused(picture)
        sniff.refuse_programs_and_archives(head)
        return _text(upload, name, wanted)
    _check_name_fits(name, mime_type)
    if mime_type != "application/pdf":
        return _image(upload, name, mime_type, side=images.AVATAR if wanted.is_shrunk else 0)
    sniff.refuse_polyglots(upload, mime_type)
    return _pdf(upload, name, wanted)


def _is_taken(found: Inspected, wanted: Purpose) -> bool:
    if found.kind not in wanted.kinds:
        return False
    # What is written anew was compared as it came.
    return not wanted.formats or found.kind in _REWRITTEN or found.mime_type in wanted.formats


def _is_only_copied(mime_type: str | None, wanted: Purpose) -> bool:
    """It is stored as it is, and no text is read of it: then it is never in memory as a whole."""
    return mime_type == "application/pdf" and _Kind.PDF not in wanted.text_of


def _check_length(upload: IO[bytes], limit: int) -> int:
    length = upload.seek(0, io.SEEK_END)
    if not length:
        raise FileEmpty
    if length > limit:
        raise FileTooLarge(limit)
    return length


def _check_name_fits(name: str, mime_type: str) -> None:
    """One image type under another's name is common and harmless, as images are written anew; so are recordings."""
    extension = names.extension(name)
    if mime_type in media.FORMATS:
        allowed = media.EXTENSIONS
    else:
        allowed = frozenset({"pdf"}) if mime_type == "application/pdf" else _IMAGE_EXTENSIONS
    if extension and extension not in allowed:
        raise TypeMismatch


def _media(upload: IO[bytes], name: str, mime_type: str) -> Inspected:
    _check_name_fits(name, mime_type)
    sniff.refuse_polyglots(upload, mime_type)
    found = media.rewrite(upload, mime_type)
    size, sha256 = _measure(found.content)
    return Inspected(
        name=names.with_extension(name, found.extension),
        mime_type=found.mime_type,
        kind=_Kind.VIDEO if found.is_video else _Kind.AUDIO,
        content=found.content,
        size=size,
        sha256=sha256,
        width=found.width,
        height=found.height,
        duration=found.duration,
        thumbnail=found.thumbnail,
    )


def _document(upload: IO[bytes], name: str, wanted: Purpose) -> Inspected:
    """Kept as it came: it is given out as a download only."""
    judged = documents.judge(upload, name, max_chars=texts.MAX_CHARS if _Kind.OTHER in wanted.text_of else 0)
    size, sha256 = _measure(upload)
    return Inspected(
        name=name,
        mime_type=judged.mime_type,
        kind=_Kind.OTHER,
        content=upload,
        size=size,
        sha256=sha256,
        text=judged.text,
        text_truncated=judged.text_truncated,
    )


def _image(upload: IO[bytes], name: str, mime_type: str, *, side: int) -> Inspected:
    """Whatever else the bytes were is gone once the pixels are written anew; the result is looked at all the same."""
    found = images.rewrite(upload, mime_type, side=side)
    try:
        sniff.refuse_polyglots(found.content, found.mime_type)
    except Polyglot:
        found.content.close()
        raise
    size, sha256 = _measure(found.content)
    return Inspected(
        name=names.with_extension(name, images.EXTENSIONS[found.mime_type]),
        mime_type=found.mime_type,
        kind=StoredFile.Kind.IMAGE,
        content=found.content,
        size=size,
        sha256=sha256,
        width=found.width,
        height=found.height,
        thumbnail=found.thumbnail,
    )


def _pdf(upload: IO[bytes], name: str, wanted: Purpose) -> Inspected:
    is_read = _Kind.PDF in wanted.text_of
    text, truncated = "", False
    if is_read or wanted.max_pages is not None:
        max_chars = texts.MAX_CHARS if is_read else 0
        text, truncated = pdf.extract(upload, max_chars=max_chars, max_pages=wanted.max_pages)
    size, sha256 = _measure(upload)
    return Inspected(
        name=name,
        mime_type="application/pdf",
        kind=StoredFile.Kind.PDF,
        content=upload,
        size=size,
        sha256=sha256,
        text=text if is_read else None,
        text_truncated=truncated and is_read,
    )


def _text(upload: IO[bytes], name: str, wanted: Purpose) -> Inspected:
    upload.seek(0)
    read = texts.read(upload.read(), name)
    content = io.BytesIO(read.text.encode())
    size, sha256 = _measure(content)
    is_kept = _Kind.TEXT in wanted.text_of
    return Inspected(
        name=name,
        mime_type=texts.mime_type(name),
        kind=StoredFile.Kind.TEXT,
        content=content,
        size=size,
        sha256=sha256,
        text=read.text[: texts.MAX_CHARS] if is_kept else None,
        text_truncated=is_kept and len(read.text) > texts.MAX_CHARS,
        encoding=read.encoding,
    )


def _measure(content: IO[bytes]) -> tuple[int, str]:
    content.seek(0)
    # hashlib.file_digest wants a real file in its type; a spooled one is read by hand.
    digest = hashlib.sha256()
    while chunk := content.read(1024 * 1024):
        digest.update(chunk)
    size = content.tell()
    content.seek(0)
    return size, digest.hexdigest()
