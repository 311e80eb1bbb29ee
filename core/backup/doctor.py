"""Is there a backup, and how old is it?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from core.backup import making
from core.findings import Check
from core.findings import Finding
from core.findings import ok
from core.findings import warn

_BACKUP_AGE = timedelta(days=2)


def checks() -> Iterator[Check]:
    """In the order in which they are reported."""
    yield Check("backup", backups)


def backups() -> Iterator[Finding]:
    if connection.vendor == "postgresql" and not (shutil.which("pg_dump") and shutil.which("pg_restore")):
        yield warn("backup tools", "pg_dump and pg_restore are not here: `manage.py backup` needs them.")
    folder = Path(settings.VAR_DIR) / "backups"
    newest = making.newest(folder)
    if newest is None:
        yield warn("backup", f"There is none in {folder}. Run `manage.py backup`, and see docs/operations.md.")
    elif timezone.now() - newest > _BACKUP_AGE:
        yield warn("backup", f"The newest in {folder} is of {newest:%Y-%m-%d}. Run `manage.py backup` every day.")
    else:
        yield ok("backup", f"The newest in {folder} is of {newest:%Y-%m-%d %H:%M} UTC.")
