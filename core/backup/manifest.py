"""What a backup says of itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import BinaryIO

from core.backup import BackupError

VERSION = 1
NAME = "manifest.json"
LIST = "files.jsonl"
FILES = "files"
CHUNK = 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """A file: its key in the storage, and its bytes."""

    key: str
    size: int
    sha256: str


@dataclass(slots=True)
class Manifest:
    """``gone`` are files that were deleted, with their rows, while the backup ran."""

    created_at: str
    vendor: str
    server: str
    dump: str
    dump_sha256: str
    counts: dict[str, int]
    sums: dict[str, int]
    migrations: list[str]
    key_ids: list[str]
    with_files: bool
    files: int = 0
    bytes: int = 0
    list_sha256: str = ""
    gone: list[str] = field(default_factory=list)
    version: int = VERSION

    def write(self, folder: Path) -> None:
        """Beside the rest, last."""
        (folder / NAME).write_text(json.dumps(asdict(self), indent=2, sort_keys=True) + "\n", encoding="utf-8")


def read(folder: Path) -> Manifest:
    """The manifest of a backup; raises BackupError."""
    try:
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
        if content.get("version") != VERSION:
            raise BackupError(f"{folder} has version {content.get('version')}; this program reads {VERSION}.")
        return Manifest(**content)
    except FileNotFoundError:
        raise BackupError(f"{folder} is no complete backup: there is no {NAME} in it.") from None
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise BackupError(f"The {NAME} of {folder} cannot be read: {error}") from None


def entries(folder: Path) -> Iterator[Entry]:
    """The files in a backup, one by one."""
    with (folder / LIST).open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield Entry(**json.loads(line))
            except (ValueError, TypeError):
                raise BackupError(f"Line {number} of {LIST} cannot be read.") from None


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as handle:
        return digest(handle)[0]


def digest(source: BinaryIO, target: BinaryIO | None = None) -> tuple[str, int]:
    """SHA-256 and length of what is read, copied on the way when there is a target."""
    total, size = hashlib.sha256(), 0
    while block := source.read(CHUNK):
        total.update(block)
        size += len(block)
        if target is not None:
            target.write(block)
    return total.hexdigest(), size
