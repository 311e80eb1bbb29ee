"""The upload door: nothing enters the house unlooked at.

What is allowed is a list for each purpose (pictures, recordings, PDF, text, documents); what is not on it is refused
with a sentence of its own.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from dataclasses import replace
from typing import IO

from django.conf import settings

from core.files import documents
from core.files import images
from core.files import media
from core.files import names
from core.files import pdf
from core.files import sniff
from core.files import texts
from core.files.errors import FileEmpty
from core.files.errors import FileTooLarge
from core.files.errors import TypeMismatch
from core.files.errors import UnsupportedType
from core.files.models import StoredFile

_Kind = StoredFile.Kind
_ALLOWED: dict[str, frozenset[_Kind]] = {
    StoredFile.Purpose.ATTACHMENT: frozenset({_Kind.IMAGE, _Kind.PDF, _Kind.TEXT}),
    StoredFile.Purpose.MESSAGE: frozenset(_Kind),
    StoredFile.Purpose.STORY: frozenset({_Kind.IMAGE, _Kind.VIDEO}),
    StoredFile.Purpose.AVATAR: frozenset({_Kind.IMAGE}),
}
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
    duration: float | None = None
    thumbnail: bytes | None = None
    text: str | None = None
    text_truncated: bool = False


def max_bytes(purpose: str) -> int:
    """How large a file for this purpose may be at all; pictures, PDF and text stay below ``MAX_UPLOAD_BYTES``."""
    limit: int = settings.MAX_MESSAGE_FILE_BYTES if purpose == StoredFile.Purpose.MESSAGE else settings.MAX_UPLOAD_BYTES
    return limit


def inspect(upload: IO[bytes], name: str, purpose: str = StoredFile.Purpose.ATTACHMENT) -> Inspected:
    """Judge an upload by its bytes.

    Raises a child of FileRefused, or FileTooLarge. ``upload`` must be seekable and stays the caller's to close.
    """
    length = _check_length(upload, max_bytes(purpose))
    name = names.safe_name(name)
    names.check_extensions(name)
    upload.seek(0)
    found = _judged(upload, name, upload.read(sniff.HEAD), _ALLOWED[purpose], length)
    if found.kind not in _ALLOWED[purpose]:
        found.content.close()
        raise UnsupportedType
    return found if purpose != StoredFile.Purpose.AVATAR else _small(found)


def _judged(upload: IO[bytes], name: str, head: bytes, allowed: frozenset[_Kind], length: int) -> Inspected:
    mime_type = sniff.detect(head)
    if mime_type in media.FORMATS:
        if not allowed & {_Kind.AUDIO, _Kind.VIDEO}:
            raise UnsupportedType
        return _media(upload, name, mime_type)
    if sniff.is_zip(head) and _Kind.OTHER in allowed:
        return _document(upload, name)
    if length > settings.MAX_UPLOAD_BYTES:
        raise FileTooLarge(settings.MAX_UPLOAD_BYTES)
    if mime_type is None:
        sniff.refuse_programs_and_archives(head)
        return _text(upload, name)
    _check_name_fits(name, mime_type)
    sniff.refuse_polyglots(upload, mime_type)
    return _pdf(upload, name) if mime_type == "application/pdf" else _image(upload, name, mime_type)


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


def _document(upload: IO[bytes], name: str) -> Inspected:
    """Kept as it came: it is given out as a download only."""
    mime_type = documents.judge(upload, name)
    size, sha256 = _measure(upload)
    return Inspected(name=name, mime_type=mime_type, kind=_Kind.OTHER, content=upload, size=size, sha256=sha256)


def _small(found: Inspected) -> Inspected:
    """A picture of a person: as large as it is ever shown."""
    content, width, height = images.shrink(found.content, found.mime_type)
    found.content.close()
    size, sha256 = _measure(content)
    return replace(found, content=content, width=width, height=height, size=size, sha256=sha256)


def _image(upload: IO[bytes], name: str, mime_type: str) -> Inspected:
    content, written, width, height = images.reencode(upload, mime_type)
    size, sha256 = _measure(content)
    thumbnail = images.thumbnail(content)
    return Inspected(
        name=names.with_extension(name, images.EXTENSIONS[written]),
        mime_type=written,
        kind=StoredFile.Kind.IMAGE,
        content=content,
        size=size,
        sha256=sha256,
        width=width,
        height=height,
        thumbnail=thumbnail,
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
