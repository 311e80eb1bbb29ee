"""PDF: its text, read in a process of its own.

A thread cannot be stopped and a hostile PDF can make any parser run for hours or take all memory, so the parser gets a
child process with limits of its own, which is killed when the time is over. It gets no environment: no secret is there
to be stolen.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO
from typing import Any

from core.files import errors

TIMEOUT_SECONDS = 20
AT_ONCE = 2
"""Children of one process: whoever uploads waits in a thread of the API, and a hostile file takes all its time."""
WAIT_SECONDS = 2
_places = threading.BoundedSemaphore(AT_ONCE)
_WORKER = Path(__file__).with_name("pdf_worker.py").resolve()  # not imported: its parser is loaded by the child alone
_REFUSALS: dict[str, type[errors.FileRefused]] = {
    "encrypted": errors.PdfEncrypted,
    "broken": errors.PdfBroken,
    "complex": errors.PdfTooComplex,
}


def extract(
    content: IO[bytes], *, max_chars: int, max_pages: int | None = None, timeout: float = TIMEOUT_SECONDS
) -> tuple[str, bool]:
    """The text of a PDF and whether it was cut; with ``max_chars=0`` its pages are counted and nothing is read.

    Raises PdfEncrypted, PdfBroken or PdfTooComplex, PdfTooLong for more than ``max_pages`` (None: any number), and
    PdfQueueFull while others are being read; returns within ``timeout`` seconds and a short wait whatever the file
    holds.
    """
    if not _places.acquire(timeout=WAIT_SECONDS):
        raise errors.PdfQueueFull(retry_after=WAIT_SECONDS)
    try:
        answer = _run(content, max_chars, max_pages, timeout)
    finally:
        _places.release()
    if answer.get("error") == "long":
        raise errors.PdfTooLong(max_pages or 0)
    if refusal := _REFUSALS.get(answer.get("error", "")):
        raise refusal
    return answer["text"], answer["truncated"]


def _run(content: IO[bytes], max_chars: int, max_pages: int | None, timeout: float) -> dict[str, Any]:
    content.seek(0)
    try:
        # A file of its own, as what is large must not be in the memory of a serving process.
        with tempfile.TemporaryFile(prefix="pdf-") as copy:
            shutil.copyfileobj(content, copy, 1024 * 1024)
            copy.seek(0)
            done = subprocess.run(  # noqa: S603 - our own file, by our own interpreter
                [sys.executable, "-I", str(_WORKER), str(max_chars), str(max_pages or 0)],
                stdin=copy,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=timeout,
                env={},
                check=False,
            )
    except subprocess.TimeoutExpired as error:
        raise errors.PdfTooComplex from error
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:  # killed by a limit
        raise errors.PdfTooComplex from None
    return answer
