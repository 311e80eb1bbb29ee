"""Documents that are ZIP archives inside, and archives themselves: looked into, then kept as they are."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from typing import IO
from typing import Any

from core.files import children
from core.files import errors
from core.files import names

TIMEOUT_SECONDS = 30
WAIT_SECONDS = 5
_children = children.Children("archive_worker.py", at_once=2, wait=WAIT_SECONDS)
_REFUSALS: dict[str, type[errors.FileRefused]] = {
    "bomb": errors.ArchiveBomb,
    "broken": errors.ArchiveBroken,
    "encrypted": errors.ArchiveEncrypted,
    "link": errors.ArchiveUnsafe,
    "macros": errors.MacrosRefused,
    "nested": errors.ArchiveNested,
    "path": errors.ArchiveUnsafe,
    "program": errors.ArchiveWithProgram,
    "remote": errors.RemoteContent,
}
MIME_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "epub": "application/epub+zip",
    "zip": "application/zip",
}
MACROS = frozenset({"docm", "dotm", "xlsm", "xltm", "xlam", "xlsb", "pptm", "potm", "ppam", "ppsm", "sldm"})


@dataclass(frozen=True, slots=True)
class Judged:
    """A document or an archive that may come in; ``text`` is None where none was asked for or can be read."""

    mime_type: str
    text: str | None = None
    text_truncated: bool = False


def judge(content: IO[bytes], name: str, *, max_chars: int = 0, timeout: float = TIMEOUT_SECONDS) -> Judged:
    """What a document or an archive is, and up to ``max_chars`` characters of its text when it is a DOCX.

    Raises TypeMismatch, or a child of FileRefused that says what is inside, and ArchiveQueueFull while others are read.
    """
    extension = names.extension(name)
    if extension in MACROS:
        raise errors.MacrosRefused
    with tempfile.NamedTemporaryFile(prefix="archive-") as copy:
        content.seek(0)
        shutil.copyfileobj(content, copy, 1024 * 1024)
        copy.flush()
        answer = _ask(copy.name, max_chars, timeout)
    content.seek(0)
    if extension and extension != answer["type"]:
        raise errors.TypeMismatch
    return Judged(MIME_TYPES[answer["type"]], answer.get("text"), answer.get("truncated", False))


def _ask(path: str, max_chars: int, timeout: float) -> dict[str, Any]:
    try:
        answer = _children.ask(path, str(max_chars), timeout=timeout)
    except children.Busy:
        raise errors.ArchiveQueueFull(retry_after=WAIT_SECONDS) from None
    except children.OutOfBounds:
        raise errors.ArchiveBomb from None
    if refusal := _REFUSALS.get(answer.get("error", "")):
        raise refusal
    return answer
