"""Making a backup."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from dataclasses import asdict
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from typing import cast

from django.core.files.storage import default_storage
from django.utils._os import safe_join

from core import crypto
from core.backup import BackupError
from core.backup import databases
from core.backup import figures
from core.backup import manifest
from core.backup.figures import Cursor
from core.backup.manifest import Entry
from core.backup.manifest import Manifest
from core.files import blobs
from core.files.errors import StorageUnavailable
from core.observability.redaction import redact

_KEYS = "keys.jsonl"
_PREFIX = "kintsugi-"


@dataclass(frozen=True, slots=True)
class BackupPlan:
    """What a backup would take."""

    database_tables: int
    database_rows: int
    files: int


def plan() -> BackupPlan:
    """Look only."""
    with databases.opened() as (cursor, streaming):
        rows = figures.counts(cursor, figures.tables())
        return BackupPlan(len(rows), sum(rows.values()), sum(1 for _ in figures.files(streaming)))


def folder_name(now: datetime) -> str:
    """Sorts by time."""
    return f"{_PREFIX}{now:%Y%m%dT%H%M%SZ}"


def make(folder: Path, *, now: datetime, with_files: bool) -> Manifest:
    """Write a backup to ``folder``, which appears when it is complete; raises BackupError and leaves nothing then."""
    draft = folder.with_name(f"{folder.name}.partial-{os.getpid()}")
    try:
        draft.mkdir(parents=True, mode=0o700)
        made = _write(draft, now=now, with_files=with_files)
        draft.rename(folder)
    except databases.ERRORS as error:
        raise BackupError(
            f"The figures cannot be read: {redact(str(error)).strip().splitlines()[0]}. When the database is not "
            f"migrated to this version of the program yet, back it up with the version it belongs to."
        ) from error
    except OSError as error:
        raise BackupError(f"The backup cannot be written: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return made


def prune(parent: Path, keep: int) -> list[Path]:
    """Delete all but the newest ``keep`` complete backups of a folder; returns what went."""
    found = sorted(path for path in parent.glob(f"{_PREFIX}*") if (path / manifest.NAME).is_file())
    old = found[:-keep] if keep else []
    for path in old:
        shutil.rmtree(path)
    return old


def newest(parent: Path) -> datetime | None:
    """When the newest complete backup of a folder was made."""
    made = [path.stat().st_mtime for path in parent.glob(f"*/{manifest.NAME}")]
    return datetime.fromtimestamp(max(made), UTC) if made else None


def _write(draft: Path, *, now: datetime, with_files: bool) -> Manifest:
    counts: dict[str, int] = {}
    sums: dict[str, int] = {}
    applied: list[str] = []

    def look(cursor: Cursor, streaming: Cursor) -> None:
        counts.update(figures.counts(cursor, figures.tables()))
        sums.update(figures.sums(cursor))
        applied.extend(figures.migrations(cursor))
        with _private(draft / _KEYS) as keys:
            for pair in figures.files(streaming) if with_files else ():
                keys.write(json.dumps(list(pair)).encode() + b"\n")

    dump = draft / databases.dump_name()
    server = databases.dump(dump, look)
    made = Manifest(
        created_at=now.isoformat(),
        vendor="postgresql" if server.startswith("PostgreSQL") else "sqlite",
        server=server,
        dump=dump.name,
        dump_sha256=manifest.digest_of(dump),
        counts=counts,
        sums=sums,
        migrations=applied,
        key_ids=crypto.key_ids(),
        with_files=with_files,
    )
    _copy_files(draft, made)
    made.write(draft)
    return made


def _copy_files(draft: Path, made: Manifest) -> None:
    (draft / manifest.FILES).mkdir(mode=0o700)
    with _private(draft / manifest.LIST) as listed:
        for key, expected in _keys(draft):
            entry = _copy(draft, key, expected)
            if entry is None:
                made.gone.append(key)
                continue
            made.files += 1
            made.bytes += entry.size
            listed.write(json.dumps(asdict(entry)).encode() + b"\n")
    (draft / _KEYS).unlink()
    made.list_sha256 = manifest.digest_of(draft / manifest.LIST)


def _keys(draft: Path) -> Iterator[tuple[str, str]]:
    with (draft / _KEYS).open(encoding="utf-8") as lines:
        for line in lines:
            key, expected = json.loads(line)
            yield key, expected.strip()


def _copy(draft: Path, key: str, expected: str) -> Entry | None:
    """Copy one file; None when it was deleted, row and all, since the snapshot."""
    target = Path(safe_join(draft / manifest.FILES, key))
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        source = cast("BinaryIO", blobs.read(key))
        with closing(source), _private(target) as copy:
            found, size = manifest.digest(source, copy)
    except StorageUnavailable:
        if default_storage.exists(key):
            raise BackupError(f"The file {key} cannot be read from the storage.") from None
        if _still_known(key):
            raise BackupError(f"The file {key} is missing in the storage, and its row is not.") from None
        return None
    if expected and found != expected:
        raise BackupError(f"The file {key} is damaged: its checksum is not the one of its row.")
    return Entry(key, size, found)


def _still_known(key: str) -> bool:
    with databases.opened() as (_cursor, streaming):
        return any(key == known for known, _ in figures.files(streaming))


@contextmanager
def _private(path: Path) -> Iterator[BinaryIO]:
    """A file to write that only its owner may read, and that is on the disk when the block ends."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        yield handle
        handle.flush()
        os.fsync(handle.fileno())
