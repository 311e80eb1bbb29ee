"""Stored bytes as files on this machine, while something reads or makes them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from typing import cast

from core.files import blobs

_PIECE_BYTES = 256 * 1024


@contextmanager
def folder() -> Iterator[Path]:
    """An empty folder, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="translation-") as name:
        yield Path(name)


def fetch(key: str, to: Path) -> Path:
    """Write a blob to ``to``. Raises StorageUnavailable."""
    source = blobs.read(key)
    try:
        with to.open("wb") as target:
            shutil.copyfileobj(cast("IO[bytes]", source), target, _PIECE_BYTES)
    finally:
        source.close()
    return to


def store(path: Path) -> str:
    """The name of a blob with these bytes: loose until it is claimed. Raises StorageUnavailable."""
    with path.open("rb") as content:
        return blobs.write(content)
