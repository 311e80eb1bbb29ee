"""Where PostgreSQL's own programs are."""

from __future__ import annotations

import shutil
from pathlib import Path

_FOLDER = Path("/usr/lib/postgresql")
"""Debian's, which puts no server into the PATH: a folder for each version."""


def programs() -> Path | None:
    """The folder of ``initdb`` and ``postgres`` of the newest version; None where they are not installed."""
    versions = sorted(_FOLDER.glob("[0-9]*/bin"), key=lambda path: [int(part) for part in path.parent.name.split(".")])
    found = shutil.which("initdb")
    # A PATH may have the one as a link and not the other.
    folders = [*reversed(versions), *([Path(found).resolve().parent] if found else [])]
    return next((folder for folder in folders if _is_whole(folder)), None)


def _is_whole(folder: Path) -> bool:
    return all((folder / name).is_file() for name in ("initdb", "postgres"))
