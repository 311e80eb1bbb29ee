"""Documents, books, subtitles and catalogues: read and written in place, in a process of their own.

A hostile file can make any parser run for hours or take all memory; the child has limits, and no secret to lose.
"""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import DomainError
from core.files import children
from core.files import errors as file_errors
from translation import errors
from translation.formats import FORMATS
from translation.segments import Extracted
from translation.segments import Segment

__all__ = ["FORMATS", "extract", "merge"]

TIMEOUT_SECONDS = {"extract": 120, "merge": 240}
"""Of a clock, not of a processor: the child is behind all who serve."""
WAIT_SECONDS = 60
"""For jobs, of which each can be done again; nobody looks at a screen meanwhile."""

_logger = logging.getLogger(__name__)
_children = children.Children(str(Path(__file__).resolve().parent / "formats_worker.py"), at_once=2, wait=WAIT_SECONDS)
_REFUSALS: dict[str, type[DomainError]] = {
    "bomb": file_errors.ArchiveBomb,
    "complex": errors.FileTooComplex,
    "encrypted": errors.PasswordProtected,
    "macros": file_errors.MacrosRefused,
    "nested": file_errors.ArchiveNested,
    "unsafe": file_errors.ArchiveUnsafe,
}


def extract(path: Path, format: str) -> Extracted:  # noqa: A002 - as in ``formats``
    """What a file says, piece by piece.

    Raises UnsupportedFormat, FileUnreadable, FileTooComplex, PasswordProtected, a child of FileRefused that says what
    is inside, and ArchiveQueueFull while others are read; within ``TIMEOUT_SECONDS`` whatever the file holds.
    """
    _check(format)
    with tempfile.TemporaryDirectory(prefix="reading-") as folder:
        lines = Path(folder) / "segments.jsonl"
        answer = _ask("extract", {"path": str(path.resolve()), "kind": format, "segments": str(lines)})
        with lines.open(encoding="utf-8") as found:
            segments = tuple(Segment(*json.loads(line)) for line in found)
    return Extracted(segments, answer["characters"], answer["protected"], tuple(answer["warnings"]))


def merge(
    original: Path,
    format: str,  # noqa: A002
    targets: Mapping[int, str],
    to: Path,
    *,
    language: str,
    note: str = "",
    both: bool = False,
) -> tuple[str, ...]:
    """Write the file with translations in place, as ``formats.merge`` says; the names of its warnings.

    Raises as ``extract`` does; then nothing stands at ``to``.
    """
    _check(format)
    with tempfile.TemporaryDirectory(prefix="reading-") as folder:
        lines = Path(folder) / "targets.jsonl"
        with lines.open("w", encoding="utf-8") as wanted:
            for number, target in targets.items():
                wanted.write(json.dumps([number, target]) + "\n")
        arguments = {"path": str(original.resolve()), "kind": format, "targets": str(lines), "to": str(to.resolve())}
        try:
            answer = _ask("merge", {**arguments, "language": language, "note": note, "both": both})
        except DomainError:
            to.unlink(missing_ok=True)
            raise
    return tuple(answer["warnings"])


def _check(format: str) -> None:  # noqa: A002
    if format not in FORMATS:
        raise errors.UnsupportedFormat(formats=sorted(FORMATS))


def _ask(command: str, arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        answer = _children.ask(command, json.dumps(arguments), timeout=TIMEOUT_SECONDS[command])
    except children.Busy:
        raise file_errors.ArchiveQueueFull(retry_after=WAIT_SECONDS) from None
    except children.OutOfBounds:
        raise errors.FileTooComplex from None
    if reason := answer.get("error", ""):
        # No text of the file is in it: names of parts, and of what a library stumbled over.
        _logger.warning("A file could not be read: %s (%s)", reason, answer.get("detail", ""))
        raise _REFUSALS.get(reason, errors.FileUnreadable)
    return answer
