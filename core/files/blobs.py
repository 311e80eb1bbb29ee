"""Bytes in the default storage, and the promise that none of them is forgotten there."""

from __future__ import annotations

import hashlib
import io
import logging
import secrets
from datetime import timedelta
from typing import IO
from typing import Any
from typing import Protocol

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.signals import post_delete
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils import timezone

from core.files.errors import StorageUnavailable
from core.files.models import LooseBlob
from core.files.models import StoredFile
from core.files.models import UploadPart

logger = logging.getLogger(__name__)

GRACE = timedelta(hours=1)
"""No upload takes this long; a name that is loose for longer was left behind."""


def write(content: IO[bytes]) -> str:
    """Store bytes under a new random name, which stays loose until :func:`claim`.

    Must not run inside a transaction: the name has to be on record before the first byte is written. Raises
    StorageUnavailable, with nothing left behind, when the storage fails.
    """
    now = timezone.now()
    key = f"files/{now:%Y/%m/%d}/{secrets.token_hex(16)}"
    with transaction.atomic(durable=True):
        LooseBlob.objects.create(key=key, created_at=now)
    try:
        return default_storage.save(key, File(content))
    except Exception as error:
        logger.exception("The storage refused a file")
        discard(key)
        raise StorageUnavailable from error


class Reader(Protocol):
    """Bytes of a blob, read from front to back."""

    def read(self, size: int, /) -> bytes: ...

    def close(self) -> None: ...


def read(key: str, first: int = 0, last: int | None = None) -> Reader:
    """The bytes from ``first`` to ``last``, both included; the caller closes it.

    Raises StorageUnavailable when they cannot be read.
    """
    try:
        bucket = getattr(default_storage, "bucket", None)
        if bucket is None:
            handle = default_storage.open(key, "rb")
            handle.seek(first)
            return handle if last is None else _Part(handle, last - first + 1)
        # An object store is asked for the part: the storage's own file would load the whole object first.
        wanted = {} if last is None and not first else {"Range": f"bytes={first}-{'' if last is None else last}"}
        body: Reader = bucket.Object(key).get(**wanted)["Body"]
    except Exception as error:
        raise StorageUnavailable("The file cannot be read right now. Try again in a moment.") from error
    return body


class _Part:
    """At most so many bytes of a file."""

    def __init__(self, handle: File[bytes], left: int) -> None:
        self._handle, self._left = handle, left

    def read(self, size: int, /) -> bytes:
        data: bytes = self._handle.read(min(size, self._left))
        self._left -= len(data)
        return data

    def close(self) -> None:
        self._handle.close()


class Measured(io.RawIOBase):
    """Another file, read once from its beginning, with its size and SHA-256 afterwards.

    The other one stays open when this is closed: storages close what they are given.
    """

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self._begin()

    def _begin(self) -> None:
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """Of what was read."""
        return self._digest.hexdigest()

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """To the beginning only, which storages do before they read."""
        if (offset, whence) != (0, io.SEEK_SET):
            raise io.UnsupportedOperation("seek")
        self._content.seek(0)
        self._begin()
        return 0

    def tell(self) -> int:
        return self.size

    def read(self, size: int = -1) -> bytes:
        found = self._content.read(size)
        self._digest.update(found)
        self.size += len(found)
        return found


def claim(key: str) -> None:
    """Take a loose name for a file row; call it in the transaction that makes the row."""
    taken, _ = LooseBlob.objects.filter(key=key).delete()
    if not taken:
        raise StorageUnavailable


def loosen(key: str) -> None:
    """Give a name up; the bytes go as soon as the transaction has committed."""
    # Two deletions of one row may both pass here.
    LooseBlob.objects.bulk_create([LooseBlob(key=key)], ignore_conflicts=True)
    transaction.on_commit(lambda: discard(key))


@receiver(pre_delete, sender=StoredFile)
def _read_key_again(instance: StoredFile, **_kwargs: Any) -> None:
    """The bytes of a text may have been written anew since the row was read: then it is the new ones that must go."""
    if instance.encoding:
        row = StoredFile.objects.select_for_update().filter(pk=instance.pk).values_list("key", "sha256").first()
        instance.key, instance.sha256 = row or (instance.key, instance.sha256)


@receiver(post_delete, sender=StoredFile)
@receiver(post_delete, sender=UploadPart)
def _loosen_with_row(instance: StoredFile | UploadPart, **_kwargs: Any) -> None:
    """Every way of deleting a row passes here, the cascade from a deleted user included."""
    loosen(instance.key)
    if isinstance(instance, StoredFile) and instance.thumbnail_key:
        loosen(instance.thumbnail_key)


def discard(key: str) -> bool:
    """Delete loose bytes; False when the storage fails, and then the sweeper comes back to them."""
    try:
        default_storage.delete(key)
    except Exception:
        logger.exception("A loose blob could not be deleted")
        return False
    LooseBlob.objects.filter(key=key).delete()
    return True


def sweep(*, limit: int = 1000) -> int:
    """Delete bytes that were left behind; returns how many."""
    left = LooseBlob.objects.filter(created_at__lt=timezone.now() - GRACE).order_by("created_at")
    return sum(discard(key) for key in left.values_list("key", flat=True)[:limit])
