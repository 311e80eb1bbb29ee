"""What may be done with files: store, read, delete, sweep."""

from __future__ import annotations

from datetime import datetime
from typing import IO
from typing import TYPE_CHECKING

from django.core.files.storage import default_storage
from django.db import transaction

from core.errors import NotFound
from core.files import blobs
from core.files import door
from core.files.errors import StorageUnavailable
from core.files.models import FileText
from core.files.models import StoredFile

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.core.files import File


def store(
    actor: AbstractBaseUser,
    *,
    upload: IO[bytes],
    name: str,
    purpose: str = StoredFile.Purpose.ATTACHMENT,
    expires_at: datetime | None = None,
) -> StoredFile:
    """Take a file in for ``actor``.

    Raises a child of FileRefused, FileTooLarge, or StorageUnavailable; then neither row nor bytes are left. Must not be
    called inside a transaction.
    """
    inspected = door.inspect(upload, name)
    try:
        return _keep(actor, inspected, purpose, expires_at)
    finally:
        if inspected.content is not upload:
            inspected.content.close()


def _keep(actor: AbstractBaseUser, inspected: door.Inspected, purpose: str, expires_at: datetime | None) -> StoredFile:
    key = blobs.write(inspected.content)
    try:
        with transaction.atomic():
            blobs.claim(key)
            return _create_row(actor, inspected, key, purpose, expires_at)
    except BaseException:
        blobs.discard(key)
        raise


def _create_row(
    actor: AbstractBaseUser, inspected: door.Inspected, key: str, purpose: str, expires_at: datetime | None
) -> StoredFile:
    file = StoredFile.objects.create(
        owner_id=actor.pk,
        name=inspected.name,
        mime_type=inspected.mime_type,
        kind=inspected.kind,
        size=inspected.size,
        width=inspected.width,
        height=inspected.height,
        sha256=inspected.sha256,
        purpose=purpose,
        key=key,
        text_truncated=inspected.text_truncated,
        expires_at=expires_at,
    )
    if inspected.text is not None:
        FileText.objects.create(file=file, text=inspected.text)
    return file


def delete(actor: AbstractBaseUser, *, file: StoredFile) -> None:
    """Remove a file of the actor's; its bytes go on commit. Raises NotFound for somebody else's."""
    if file.owner_id != actor.pk:
        raise NotFound
    with transaction.atomic():
        file.delete()


def open_content(file: StoredFile) -> File[bytes]:
    """The stored bytes as a file, which the caller closes. Raises StorageUnavailable when they cannot be read."""
    try:
        return default_storage.open(file.key, "rb")
    except Exception as error:
        raise StorageUnavailable("The file cannot be read right now. Try again in a moment.") from error


def read_bytes(file: StoredFile) -> bytes:
    """All bytes of a file: at most ``MAX_UPLOAD_BYTES``, so into memory."""
    with open_content(file) as handle:
        data: bytes = handle.read()
    return data


def read_text(file: StoredFile) -> str:
    """The text of a text or PDF file, cut at 400,000 characters (``text_truncated``); empty for images."""
    return FileText.objects.filter(file_id=file.pk).values_list("text", flat=True).first() or ""


def sweep() -> int:
    """Delete expired files and bytes that were left behind; returns how many."""
    expired = StoredFile.objects.expired()
    gone = 0
    for file in expired.iterator(chunk_size=500):
        with transaction.atomic():
            file.delete()
        gone += 1
    return gone + blobs.sweep()
