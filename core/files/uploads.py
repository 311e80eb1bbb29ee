"""Uploads in pieces, which go on where they were cut off."""

from __future__ import annotations

import io
import shutil
import tempfile
from datetime import timedelta
from typing import IO
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core.errors import IdempotencyMismatch
from core.errors import NotFound
from core.files import blobs
from core.files import door
from core.files import names
from core.files import quota
from core.files import services
from core.files.errors import ChunkRefused
from core.files.errors import FileEmpty
from core.files.errors import FileRefused
from core.files.errors import FileTooLarge
from core.files.errors import StorageUnavailable
from core.files.errors import UploadIncomplete
from core.files.errors import UploadOffset
from core.files.errors import UploadTooMany
from core.files.models import StoredFile
from core.files.models import Upload
from core.files.models import UploadPart

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

LIFETIME = timedelta(hours=24)
MAX_OPEN = 20
"""Uploads of one person that are not complete."""
SMALL_BYTES = 64 * 1024
MAX_SMALL = 100
"""Pieces smaller than that, each of which costs a row and a blob, in one upload; its last piece is no matter."""


class _Finished(Exception):
    """Another request completed this upload first."""


def begin(
    actor: AbstractBaseUser, *, name: str, size: int, purpose: str, client_id: str | None = None
) -> tuple[Upload, bool]:
    """An upload to send pieces to, and whether it is new: the same ``client_id`` returns the same one.

    Raises UnsafeName and the like for its name, FileEmpty, FileTooLarge, StorageFull, UploadTooMany, and
    IdempotencyMismatch when ``client_id`` was used for another file.
    """
    name = names.safe_name(name)
    names.check_extensions(name)
    if not size:
        raise FileEmpty
    if size > door.max_bytes(purpose):
        raise FileTooLarge(door.max_bytes(purpose))
    wanted = (name, size, purpose)
    if client_id and (known := _known(actor, client_id, wanted)):
        return known, False
    fresh = Upload(owner_id=actor.pk, name=name, size=size, purpose=purpose, client_id=client_id)
    fresh.expires_at = fresh.created_at + LIFETIME
    try:
        with transaction.atomic():
            fresh.save(force_insert=True)
            quota.check(actor, adding=0)  # holds the user's row: the count below is exact
            if _open(actor).count() > MAX_OPEN:
                raise UploadTooMany
    except IntegrityError:
        known = _known(actor, client_id or "", wanted)
        if known is None:
            raise
        return known, False
    return fresh, True


def find(actor: AbstractBaseUser, upload_id: UUID) -> Upload:
    """The actor's own upload. Raises NotFound, also when its time is over."""
    found = Upload.objects.filter(pk=upload_id, owner_id=actor.pk, expires_at__gt=timezone.now()).first()
    if found is None:
        raise NotFound
    return found


def append(actor: AbstractBaseUser, *, upload_id: UUID, offset: int, data: bytes) -> int:
    """Store a piece that begins at ``offset``; returns where the next one begins.

    Of two at once for the same place one is stored. Raises UploadOffset with the right place, ChunkRefused, NotFound.
    """
    upload = find(actor, upload_id)
    if offset != upload.offset:
        raise UploadOffset(offset=upload.offset)
    if not data or len(data) > settings.UPLOAD_CHUNK_BYTES or offset + len(data) > upload.size:
        raise ChunkRefused
    if _is_crumb(upload, len(data)):
        raise ChunkRefused
    key = blobs.write(io.BytesIO(data))
    try:
        with transaction.atomic():
            blobs.claim(key)
            end = offset + len(data)
            if not Upload.objects.filter(pk=upload_id, offset=offset, file=None).update(offset=end):
                raise UploadOffset
            UploadPart.objects.create(upload_id=upload_id, offset=offset, size=len(data), key=key)
    except UploadOffset:
        blobs.discard(key)
        raise UploadOffset(offset=find(actor, upload_id).offset) from None
    except BaseException:
        blobs.discard(key)
        raise
    return end


def _is_crumb(upload: Upload, size: int) -> bool:
    """Whether the upload comes in too many pieces that are too small."""
    if size >= SMALL_BYTES or upload.offset + size == upload.size:
        return False
    return upload.parts.filter(size__lt=SMALL_BYTES).count() >= MAX_SMALL


def complete(actor: AbstractBaseUser, *, upload_id: UUID) -> tuple[StoredFile, bool]:
    """Bring the whole file through the door; the file, and whether this call made it.

    Repeating it returns the same file. A file that is refused takes its upload along. Raises UploadIncomplete, NotFound
    and what :func:`core.files.services.store` raises.
    """
    upload = find(actor, upload_id)
    if upload.file_id:
        return _file(upload), False
    if upload.offset != upload.size:
        raise UploadIncomplete(offset=upload.offset)

    def bind(file: StoredFile) -> None:
        if not Upload.objects.filter(pk=upload_id, file=None).update(file=file):
            raise _Finished

    try:
        with _whole(upload) as content:
            file = services.store(actor, upload=content, name=upload.name, purpose=upload.purpose, then=bind)
    except _Finished:
        return _file(find(actor, upload_id)), False
    except (UploadIncomplete, StorageUnavailable):
        # Who was faster has cleared the pieces away while they were read here.
        if (now := find(actor, upload_id)).file_id:
            return _file(now), False
        raise
    except (FileRefused, FileTooLarge):
        upload.delete()
        raise
    with transaction.atomic():
        UploadPart.objects.filter(upload_id=upload_id).delete()
    return file, True


def cancel(actor: AbstractBaseUser, *, upload_id: UUID) -> None:
    """Forget an upload and its pieces; a file it became stays. Raises NotFound."""
    upload = find(actor, upload_id)
    with transaction.atomic():
        upload.delete()


def _known(actor: AbstractBaseUser, client_id: str, wanted: tuple[str, int, str]) -> Upload | None:
    """The upload of this ``client_id``; one whose time is over makes room."""
    known = Upload.objects.filter(owner_id=actor.pk, client_id=client_id).first()
    if known is None:
        return None
    if known.expires_at <= timezone.now():
        with transaction.atomic():
            known.delete()
        return None
    if (known.name, known.size, known.purpose) != wanted:
        raise IdempotencyMismatch
    return known


def _open(actor: AbstractBaseUser) -> QuerySet[Upload]:
    return Upload.objects.filter(owner_id=actor.pk, file=None, expires_at__gt=timezone.now())


def _file(upload: Upload) -> StoredFile:
    if upload.file is None:
        raise NotFound
    return upload.file


def _whole(upload: Upload) -> IO[bytes]:
    """The pieces in one file. Raises UploadIncomplete when one is missing, StorageUnavailable for an unreadable one."""
    whole = tempfile.TemporaryFile(prefix="upload-")  # noqa: SIM115 - the caller closes it
    try:
        for part in upload.parts.order_by("offset"):
            if part.offset != whole.tell():
                raise UploadIncomplete(offset=upload.offset)
            with default_storage.open(part.key, "rb") as piece:
                shutil.copyfileobj(piece, whole, 1024 * 1024)
        if whole.tell() != upload.size:
            raise UploadIncomplete(offset=upload.offset)
    except UploadIncomplete:
        whole.close()
        raise
    except Exception as error:
        whole.close()
        raise StorageUnavailable from error
    whole.seek(0)
    return whole
