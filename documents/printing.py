"""Documents as files, and how long they are: the Django side of :mod:`documents.exports`, which runs in children.

Two at a time in all processes. Every call ends within ``TIMEOUT_SECONDS`` with an answer or with DocumentTooLarge,
NotPrintable or PrinterBusy, whatever the document holds.
"""

from __future__ import annotations

import json
import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from typing import Literal

from core.errors import DomainError
from core.files import children
from core.http import pace
from core.http.errors import Busy
from documents import exports_worker
from documents.exports import errors
from documents.exports.manuscript import Manuscript
from documents.exports.manuscript import dumped

AT_ONCE = 2
TIMEOUT_SECONDS = 240
"""Of a clock, not of a processor: the child is behind all who serve."""
WAIT_SECONDS = 20
_LEASE_SECONDS = TIMEOUT_SECONDS + WAIT_SECONDS + 10
ROLE = "documents:print"

LIMITS = {"memory_mb": exports_worker.MEMORY_MB}
"""Of a child; read by each call."""

_logger = logging.getLogger(__name__)
_children = children.Children(exports_worker.__file__, at_once=AT_ONCE, wait=WAIT_SECONDS)


@dataclass(frozen=True, slots=True)
class Report:
    """What a file has. ``pages`` None: those of a Word file are for the program that opens it to say.

    ``words`` are those of text, notes, tables and lists, without title page and contents. ``standard`` is "ua-1"
    (ISO 14289-1) where a PDF keeps to it, and empty where it is tagged only.
    """

    pages: int | None
    words: int
    headings: int
    tables: int
    notes: int
    references: int
    is_tagged: bool
    standard: str


@dataclass(frozen=True, slots=True)
class Length:
    """``text_pages``: from the first section to the last, without title page, contents and lists at the end."""

    pages: int
    text_pages: int


def export(manuscript: Manuscript, format: Literal["pdf", "docx"], to: Path) -> Report:  # noqa: A002 - as in the API
    """Write the file. Raises DocumentTooLarge, NotPrintable or PrinterBusy; then nothing stands at ``to``."""
    try:
        answer = _ask(format, manuscript, to=str(to.resolve()))
    except DomainError:
        to.unlink(missing_ok=True)
        raise
    made = {"pages": None, "is_tagged": True, "standard": ""} | answer
    return Report(**{name: made[name] for name in Report.__dataclass_fields__})


def measure(manuscript: Manuscript) -> Length:
    """Set it and count its pages. Raises DocumentTooLarge, NotPrintable or PrinterBusy."""
    answer = _ask("measure", manuscript)
    return Length(answer["pages"], answer["text_pages"])


def _ask(command: str, manuscript: Manuscript, **arguments: Any) -> dict[str, Any]:
    asked = {**LIMITS, "arguments": {"manuscript": dumped(manuscript), **arguments}}
    try:
        # In a file: a document is more than a command line takes.
        with (
            pace.slot(ROLE, most=AT_ONCE, lease=_LEASE_SECONDS),
            tempfile.NamedTemporaryFile("w", prefix="export-", suffix=".json", encoding="utf-8") as given,
        ):
            json.dump(asked, given)
            given.flush()
            answer = _children.ask(command, given.name, timeout=TIMEOUT_SECONDS)
    except Busy as busy:
        raise errors.PrinterBusy(retry_after=round(busy.retry_after or WAIT_SECONDS)) from None
    except children.Busy:
        raise errors.PrinterBusy(retry_after=WAIT_SECONDS) from None
    except children.OutOfBounds:
        raise errors.DocumentTooLarge from None
    if reason := answer.get("error"):
        _logger.warning("A document could not be set: %s (%s)", reason, answer.get("detail", ""))
        raise errors.DocumentTooLarge if reason == "large" else errors.NotPrintable
    return answer
