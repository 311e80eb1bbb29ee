"""Proving that a backup can be restored, by restoring it aside; and restoring it for good."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from typing import BinaryIO
from typing import cast

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection
from django.utils._os import safe_join

from core import crypto
from core.backup import BackupError
from core.backup import databases
from core.backup import figures
from core.backup import manifest
from core.backup.manifest import Entry
from core.backup.manifest import Manifest
from core.files import blobs
from core.observability.redaction import redact

COPY = "KINTSUGI_EXAMINES_A_COPY"
"""Set in the process that examines a restored copy: it writes to its database, and must not do so elsewhere."""
_EXAMINE_SECONDS = 900


@dataclass(frozen=True, slots=True)
class RestoreFinding:
    """Something that was proven, or the problem that stands against it."""

    name: str
    problem: str = ""

    @property
    def ok(self) -> bool:
        return not self.problem

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"ok": self.ok}


# What lies in the folder -------------------------------------------------------------------------------------------


def of_folder(folder: Path, made: Manifest) -> Iterator[RestoreFinding]:
    """Whether every byte is as it was written."""
    dump = folder / made.dump
    if not dump.is_file():
        yield RestoreFinding("dump", f"{made.dump} is missing.")
    else:
        same = manifest.digest_of(dump) == made.dump_sha256
        yield RestoreFinding("dump", "" if same else f"{made.dump} was changed: its checksum differs.")
    yield RestoreFinding("files", "" if not made.with_files else _problem_of_files(folder, made))


def _problem_of_files(folder: Path, made: Manifest) -> str:
    try:
        if manifest.digest_of(folder / manifest.LIST) != made.list_sha256:
            return f"{manifest.LIST} was changed: its checksum differs."
    except FileNotFoundError:
        return f"{manifest.LIST} is missing."
    bad, first = 0, ""
    for entry in manifest.entries(folder):
        if wrong := _problem_of_file(folder, entry):
            bad, first = bad + 1, first or wrong
    return f"{first} {bad} files are not as they were." if bad else ""


def _problem_of_file(folder: Path, entry: Entry) -> str:
    try:
        with Path(safe_join(folder / manifest.FILES, entry.key)).open("rb") as handle:
            found = manifest.digest(handle)
    except (OSError, SuspiciousFileOperation):
        return f"{entry.key} cannot be read."
    return "" if found == (entry.sha256, entry.size) else f"{entry.key} was changed."


# A restored copy ---------------------------------------------------------------------------------------------------


def of_copy(folder: Path, made: Manifest, *, login: str, password: str) -> Iterator[RestoreFinding]:
    """Restore into a scratch database and look at it, with figures and with the program itself."""
    missing = sorted(set(made.key_ids[:1]) - set(crypto.key_ids()))
    yield RestoreFinding("encryption key", f"Key {missing[0]} is not in ENCRYPTION_KEYS." if missing else "")
    with (
        tempfile.TemporaryDirectory(prefix="kintsugi-verify-") as aside,
        databases.scratch(folder / made.dump, Path(aside)) as (name, url),
    ):
        yield RestoreFinding("restore")
        yield from of_figures(name, made)
        yield RestoreFinding("files of the rows", _missing_files(name, folder, made))
        yield from _examined(Path(aside), url, login=login, password=password)


def of_figures(name: str | None, made: Manifest) -> Iterator[RestoreFinding]:
    """Whether counts, sums and migrations are those of the manifest.

    Only what the manifest names is asked: a backup of an older version has fewer tables than this program.
    """
    try:
        with databases.opened(name) as (cursor, _streaming):
            counts = figures.counts(cursor, made.counts)
            sums = figures.sums(cursor, made.sums)
            applied = figures.migrations(cursor)
    except databases.ERRORS as error:
        yield RestoreFinding("counts", f"They cannot be read: {redact(str(error)).strip()}")
        return
    yield RestoreFinding("counts", _difference(made.counts, counts))
    yield RestoreFinding("sums", _difference({key: made.sums[key] for key in sums}, sums))
    yield RestoreFinding("migrations", "" if applied == made.migrations else "Other migrations are applied than were.")


def _difference(expected: dict[str, int], found: dict[str, int]) -> str:
    wrong = [f"{key} {found[key]} instead of {value}" for key, value in expected.items() if found[key] != value]
    return f"{'; '.join(wrong[:5])}." if wrong else ""


def _missing_files(name: str, folder: Path, made: Manifest) -> str:
    """Every file a row points to is in the backup."""
    if not made.with_files:
        return ""
    gone, missing, first = set(made.gone), 0, ""
    try:
        with databases.opened(name) as (_cursor, streaming):
            for key, _sha256 in figures.files(streaming):
                if key not in gone and not Path(safe_join(folder / manifest.FILES, key)).is_file():
                    missing, first = missing + 1, first or key
    except databases.ERRORS as error:
        return f"They cannot be read: {redact(str(error)).strip()}"
    return f"{missing} files of rows are not in the backup, the first is {first}." if missing else ""


def _examined(aside: Path, url: str, *, login: str, password: str) -> Iterator[RestoreFinding]:
    """The program on the copy, in a process of its own that knows no other database, no Redis, no storage."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "manage.py", "examine_copy", *(["--login", login] if login else [])],
        cwd=settings.BASE_DIR,
        env=_environment(aside, url) | ({"KINTSUGI_PASSWORD": password} if password else {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
        timeout=_EXAMINE_SECONDS,
    )
    try:
        answers = json.loads(done.stdout)
    except ValueError:
        said = redact(done.stderr).strip().splitlines()
        yield RestoreFinding(
            "program", f"It does not start on the copy: {said[-1] if said else f'exit {done.returncode}'}"
        )
        return
    for name, problem in answers:
        yield RestoreFinding(name, problem)


def _environment(aside: Path, url: str) -> dict[str, str]:
    config = settings.CONFIG
    names = {name.upper() for name in type(config).model_fields}
    names |= {f"{name}_FILE" for name in names}
    kept = {name: value for name, value in os.environ.items() if name not in names}
    ours = {
        "ENV_FILE": os.devnull,
        "ENVIRONMENT": "test" if settings.ENVIRONMENT == "test" else "development",
        "VAR_DIR": str(aside),
        "DATABASE_URL": url,
        "SECRET_KEY": settings.SECRET_KEY,
        "JWT_SECRET": settings.JWT_SECRET,
        "ENCRYPTION_KEYS": ",".join(settings.ENCRYPTION_KEYS),
        "DISABLED_APPS": ",".join(config.disabled_apps),
        "LLM_DISCOVERY": "false",
        "DB_POOL_MIN": "0",
        COPY: "1",
    }
    return kept | ours


# For good ----------------------------------------------------------------------------------------------------------


def restore_database(folder: Path, made: Manifest) -> bool:
    """Fill the configured database; False when it holds just this already.

    Raises BackupError when it holds anything else.
    """
    if made.vendor != connection.vendor:
        raise BackupError(f"This is a backup of {made.vendor}, and the configured database is {connection.vendor}.")
    with databases.opened() as (cursor, _streaming):
        empty = databases.is_empty(cursor)
    if empty:
        databases.restore(folder / made.dump)
        return True
    if any(not finding.ok for finding in of_figures(None, made)):
        raise BackupError("The configured database is not empty. Make a new, empty one and name it in DATABASE_URL.")
    return False


def restore_files(folder: Path, *, write: bool) -> tuple[int, int]:
    """Put the files under their keys; returns how many were written and how many were there.

    Raises BackupError for a key that is taken by other bytes.
    """
    written = there = 0
    for entry in manifest.entries(folder):
        if default_storage.exists(entry.key):
            if _stored_digest(entry.key) != (entry.sha256, entry.size):
                raise BackupError(f"The storage has another file under {entry.key}.")
            there += 1
            continue
        written += 1
        if write:
            with Path(safe_join(folder / manifest.FILES, entry.key)).open("rb") as handle:
                name = default_storage.save(entry.key, File(handle))
            if name != entry.key:
                raise BackupError(f"The storage put {entry.key} elsewhere: {name}.")
    return written, there


def _stored_digest(key: str) -> tuple[str, int]:
    with closing(cast("BinaryIO", blobs.read(key))) as source:
        return manifest.digest(source)
