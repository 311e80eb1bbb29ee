"""Does the storage take, give back and delete files?"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from core.findings import Check
from core.findings import Finding
from core.findings import fail
from core.findings import ok
from core.observability.redaction import redact


def checks() -> Iterator[Check]:
    """In the order in which they are reported."""
    yield Check("storage", storage, seconds=20)


def storage() -> Iterator[Finding]:
    """There and back: write, read, delete."""
    place = "The bucket" if hasattr(default_storage, "bucket_name") else f"The folder {settings.MEDIA_ROOT}"
    content = secrets.token_bytes(64)
    try:
        name = default_storage.save(f"probes/doctor-{secrets.token_hex(8)}", ContentFile(content))
        try:
            with default_storage.open(name, "rb") as handle:
                came_back = handle.read()
        finally:
            default_storage.delete(name)
        if default_storage.exists(name):
            yield fail("storage", f"{place} does not delete files. Give this program the right to.")
            return
    except Exception as error:
        yield fail("storage", f"{place} cannot be used: {redact(str(error))}. Look at its rights and at S3_… settings.")
        return
    if came_back != content:
        yield fail("storage", f"{place} gives back other bytes than were stored.")
    else:
        yield ok("storage", f"{place} takes, gives back and deletes files.")
