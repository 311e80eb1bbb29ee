"""What may be done with files: store, read, delete, sweep."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from typing import IO
from typing import TYPE_CHECKING
from typing import cast

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from core.errors import Conflict
from core.errors import NotFound
from core.files import blobs
from core.files import door
from core.files import names
from core.files import purposes
from core.files import quota
from core.files import texts
from core.files import turns
from core.files.errors import EncodingKnown
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
    FileRefused, FileTooLarge, StorageFull, StorageUnavailable, or Busy while another file of the actor is read; then
    neither row nor bytes are left. Must not be called inside a transaction.
    """
    with turns.turn(actor.pk) if door.takes_long(upload) else nullcontext():
        inspected = door.inspect(upload, name, purpose)
    try:
        return _keep(actor, inspected, purpose, expires_at, then)
    finally:
        if inspected.content is not upload:
            inspected.content.close()


def keep_made(
    owner: AbstractBaseUser,
    *,
    content: IO[bytes],
    name: str,
    mime_type: str,
    purpose: str,
    expires_at: datetime | None = None,
    then: Callable[[StoredFile], None] | None = None,
) -> StoredFile:
    """Keep what the product has made for ``owner``: it is not judged, only measured while it is written.

    ``content`` is read once from its beginning, never held as a whole, and stays the caller's to close. ``then`` is as
    in :func:`store`: what a job writes together with the file stands there, fenced. A full storage is no reason to lose
    what was made (and perhaps paid for), so the quota is not asked; what its purpose counts leaves less for uploads.

    Raises UnsafeName, and StorageUnavailable; then neither row nor bytes are left. Must not be called inside a
    transaction. A purpose that no installed app knows is a KeyError.
    """
    purposes.get(purpose)
    name = names.safe_name(name)
    measured = blobs.Measured(content)
    key = blobs.write(cast("IO[bytes]", measured))
    try:
        with transaction.atomic():
            blobs.claim(key)
            file = StoredFile.objects.create(
                owner_id=owner.pk,
                name=name,
                mime_type=mime_type,
                kind=_kind_of(mime_type),
                size=measured.size,
                sha256=measured.sha256,
                purpose=purpose,
                key=key,
                expires_at=expires_at,
            )
            if then:
                then(file)
            return file
    except BaseException:
        blobs.discard(key)
        raise


def _kind_of(mime_type: str) -> StoredFile.Kind:
    if mime_type == "application/pdf":
        return StoredFile.Kind.PDF
    family = mime_type.partition("/")[0]
    return StoredFile.Kind(family) if family in StoredFile.Kind.values else StoredFile.Kind.OTHER


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
        encoding=inspected.encoding,
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


def change_encoding(actor: AbstractBaseUser, *, file: StoredFile, encoding: str) -> StoredFile:
    """Read a text whose encoding was guessed once more, in another one of ``encodings.ENCODINGS``.

    What is stored is UTF-8, from which the guess leads back to the bytes that came. Raises NotFound for somebody else's
    file, EncodingKnown where nothing was guessed, EncodingWrong when the bytes are no text in the wanted one, Conflict
    when it was changed at the same time, StorageFull, and StorageUnavailable. Must not be called inside a transaction.
    """
    if file.owner_id != actor.pk:
        raise NotFound
    if not file.encoding:
        raise EncodingKnown
    text = texts.decode(read_bytes(file).decode().encode(file.encoding), encoding)
    content = text.encode()
    key = blobs.write(io.BytesIO(content))
    try:
        with transaction.atomic():
            blobs.claim(key)
            changed = StoredFile.objects.filter(pk=file.pk, key=file.key).update(
                key=key,
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                encoding=encoding,
                text_truncated=len(text) > texts.MAX_CHARS,
            )
            if not changed:
                raise Conflict
            FileText.objects.filter(file_id=file.pk).update(text=text[: texts.MAX_CHARS])
            blobs.loosen(file.key)
            quota.check(actor, adding=0)
    except BaseException:
        blobs.discard(key)
        raise
    return StoredFile.objects.get(pk=file.pk)


def open_content(file: StoredFile) -> File[bytes]:
    """The stored bytes as a file, which the caller closes. Raises StorageUnavailable when they cannot be read."""
    try:
        return default_storage.open(file.key, "rb")
    except Exception as error:
        raise StorageUnavailable("The file cannot be read right now. Try again in a moment.") from error


def read_bytes(file: StoredFile) -> bytes:
    """All bytes of a file; for pictures, text and PDF with text at most ``MAX_UPLOAD_BYTES``, into memory."""
    with open_content(file) as handle:
        data: bytes = handle.read()
    return data


def read_text(file: StoredFile) -> str:
    """The text that was read at the door, cut at 400,000 characters (``text_truncated``); empty where none was."""
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
