"""What may be done with files: store, read, delete, sweep."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import IO
from typing import TYPE_CHECKING

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from core.errors import NotFound
from core.files import blobs
from core.files import door
from core.files import quota
from core.files.errors import StorageUnavailable
from core.files.models import FileText
from core.files.models import StoredFile
from core.files.models import Upload

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
    then: Callable[[StoredFile], None] | None = None,
) -> StoredFile:
    """Take a file in for ``actor``.

    ``then`` is called in the transaction that makes the row; what it raises undoes everything. Raises a child of
    FileRefused, FileTooLarge, StorageFull, or StorageUnavailable; then neither row nor bytes are left. Must not be
    called inside a transaction.
    """
    inspected = door.inspect(upload, name, purpose)
    try:
        return _keep(actor, inspected, purpose, expires_at, then)
    finally:
        if inspected.content is not upload:
            inspected.content.close()


def _keep(
    actor: AbstractBaseUser,
    inspected: door.Inspected,
    purpose: str,
    expires_at: datetime | None,
    then: Callable[[StoredFile], None] | None,
) -> StoredFile:
    keys = [blobs.write(inspected.content)]
    try:
        if inspected.thumbnail:
            keys.append(blobs.write(io.BytesIO(inspected.thumbnail)))
        with transaction.atomic():
            for key in keys:
                blobs.claim(key)
            file = _create_row(actor, inspected, keys, purpose, expires_at)
            if then:
                then(file)
            quota.check(actor, adding=0)
            return file
    except BaseException:
        for key in keys:
            blobs.discard(key)
        raise


def _create_row(
    actor: AbstractBaseUser, inspected: door.Inspected, keys: list[str], purpose: str, expires_at: datetime | None
) -> StoredFile:
    file = StoredFile.objects.create(
        owner_id=actor.pk,
        name=inspected.name,
        mime_type=inspected.mime_type,
        kind=inspected.kind,
        size=inspected.size,
        width=inspected.width,
        height=inspected.height,
        duration=inspected.duration,
        sha256=inspected.sha256,
        purpose=purpose,
        key=keys[0],
        thumbnail_key=keys[1] if len(keys) > 1 else "",
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
    """All bytes of a file; for pictures, PDF and text, at most ``MAX_UPLOAD_BYTES``, so into memory."""
    with open_content(file) as handle:
        data: bytes = handle.read()
    return data


def read_text(file: StoredFile) -> str:
    """The text of a text or PDF file, cut at 400,000 characters (``text_truncated``); empty for others."""
    return FileText.objects.filter(file_id=file.pk).values_list("text", flat=True).first() or ""


def sweep() -> int:
    """Delete expired files, uploads nobody finished, and bytes that were left behind; returns how many."""
    gone = 0
    for model in (StoredFile, Upload):
        expired = model.objects.filter(expires_at__lte=timezone.now())
        for row in expired.iterator(chunk_size=500):
            with transaction.atomic():
                row.delete()
            gone += 1
    return gone + blobs.sweep()
