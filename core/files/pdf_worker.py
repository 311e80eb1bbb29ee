"""Runs alone, as a child of :mod:`core.files.pdf`: PDF on standard input (a file), JSON on standard output.

Imports no Django: it has no settings and no secrets.
"""

from __future__ import annotations

import json
import logging
import sys
from contextlib import suppress
from typing import IO
from typing import Any

from pypdf import PdfReader
from pypdf.errors import LimitReachedError
from pypdf.errors import PyPdfError

MAX_PAGES = 1000
MEMORY_BYTES = 1024**3
CPU_SECONDS = 20


def limit_resources() -> None:
    """Bound memory and processor time of this process, where the system can, and step behind those who serve."""
    import os
    import resource

    with suppress(OSError):
        os.nice(10)
    for kind, value in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CPU, CPU_SECONDS)):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))


def extract(content: IO[bytes], max_chars: int, max_pages: int = 0) -> dict[str, Any]:
    """``{"text", "truncated"}`` or ``{"error": "encrypted" | "broken" | "complex" | "long"}``.

    ``max_pages=0`` takes any number of them.
    """
    try:
        reader = PdfReader(content)
        # Many PDFs are encrypted with an empty password, only to forbid printing.
        if reader.is_encrypted and not reader.decrypt(""):
            return {"error": "encrypted"}
        if 0 < max_pages < len(reader.pages):
            return {"error": "long"}
        return _read(reader, max_chars)
    except (MemoryError, RecursionError, LimitReachedError):
        return {"error": "complex"}
    except (PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError, OSError, ArithmeticError):
        return {"error": "broken"}


def _read(reader: PdfReader, max_chars: int) -> dict[str, Any]:
    pages: list[str] = []
    left = max_chars
    if not len(reader.pages):
        return {"error": "broken"}
    for number, page in enumerate(reader.pages):
        if number == MAX_PAGES or left <= 0:
            return {"text": "\n\n".join(pages)[:max_chars], "truncated": True}
        # NUL and lone surrogates come out of broken font tables; no database takes them.
        text = page.extract_text().replace("\x00", "").encode("utf-8", "ignore").decode()
        pages.append(text)
        left -= len(text) + 2
    joined = "\n\n".join(pages)
    return {"text": joined[:max_chars], "truncated": len(joined) > max_chars}


def main() -> None:
    """The whole life of the child."""
    limit_resources()
    logging.disable(logging.CRITICAL)
    sys.stdout.write(json.dumps(extract(sys.stdin.buffer, int(sys.argv[1]), int(sys.argv[2]))))


if __name__ == "__main__":
    main()
