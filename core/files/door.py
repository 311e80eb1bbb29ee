"""The upload door: nothing enters the house unlooked at.

What is allowed is a list (PNG, JPEG, GIF, WebP, PDF, text); what is not on it is refused with a sentence of its own.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import IO

from django.conf import settings

from core.files import images
from core.files import names
from core.files import pdf
from core.files import sniff
from core.files import texts
from core.files.errors import FileEmpty
from core.files.errors import FileTooLarge
from core.files.errors import TypeMismatch
from core.files.models import StoredFile

_IMAGE_EXTENSIONS = frozenset({"png", "jpg", "jpeg", "jfif", "gif", "webp"})


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
    text: str | None = None
    text_truncated: bool = False


def inspect(upload: IO[bytes], name: str) -> Inspected:
    """Judge an upload by its bytes.

    Raises a child of FileRefused, or FileTooLarge. ``upload`` must be seekable and stays the caller's to close.
    """
    _check_length(upload)
    name = names.safe_name(name)
    names.check_extensions(name)
    upload.seek(0)
    head = upload.read(sniff.HEAD)
    mime_type = sniff.detect(head)
    if mime_type is None:
        sniff.refuse_programs_and_archives(head)
        return _text(upload, name)
    _check_name_fits(name, mime_type)
    sniff.refuse_polyglots(upload, mime_type)
    return _pdf(upload, name) if mime_type == "application/pdf" else _image(upload, name, mime_type)


def _check_length(upload: IO[bytes]) -> None:
    length = upload.seek(0, io.SEEK_END)
    if not length:
        raise FileEmpty
    if length > settings.MAX_UPLOAD_BYTES:
        raise FileTooLarge(settings.MAX_UPLOAD_BYTES)


def _check_name_fits(name: str, mime_type: str) -> None:
    """One image type under another's name is common and harmless, as images are written anew."""
    extension = names.extension(name)
    allowed = {"pdf"} if mime_type == "application/pdf" else _IMAGE_EXTENSIONS
    if extension and extension not in allowed:
        raise TypeMismatch


def _image(upload: IO[bytes], name: str, mime_type: str) -> Inspected:
    content, written, width, height = images.reencode(upload, mime_type)
    size, sha256 = _measure(content)
    return Inspected(
        name=names.with_extension(name, images.EXTENSIONS[written]),
        mime_type=written,
        kind=StoredFile.Kind.IMAGE,
        content=content,
        size=size,
        sha256=sha256,
        width=width,
        height=height,
    )


def _pdf(upload: IO[bytes], name: str) -> Inspected:
    text, truncated = pdf.extract(upload, max_chars=texts.MAX_CHARS)
    size, sha256 = _measure(upload)
    return Inspected(
        name=name,
        mime_type="application/pdf",
        kind=StoredFile.Kind.PDF,
        content=upload,
        size=size,
        sha256=sha256,
        text=text,
        text_truncated=truncated,
    )


def _text(upload: IO[bytes], name: str) -> Inspected:
    upload.seek(0)
    text = texts.read(upload.read(), name)
    content = io.BytesIO(text.encode())
    size, sha256 = _measure(content)
    return Inspected(
        name=name,
        mime_type=texts.mime_type(name),
        kind=StoredFile.Kind.TEXT,
        content=content,
        size=size,
        sha256=sha256,
        text=text[: texts.MAX_CHARS],
        text_truncated=len(text) > texts.MAX_CHARS,
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
