"""Runs alone, as a child of :mod:`documents.printing`: writes documents as files, and counts their pages.

``exports_worker.py <command> <file with its arguments>``, JSON both ways; ``{"error": reason}`` for what cannot be set.
Imports no Django: it has no settings and no secrets.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

MEMORY_MB = 600
"""Of private memory. A document of 193 pages takes about 300 (``bench/documents.py``)."""
ADDRESS_BYTES = 4 * 1024**3
"""Of addresses, of which libraries reserve much more than they use."""
FILE_BYTES = 256 * 1024**2
CPU_SECONDS = 120


def limit_resources(memory_mb: int) -> None:
    """Bound memory, processor time and files of this process, where the system can, and step behind those who serve."""
    with suppress(OSError):
        os.nice(10)
    bounds = (
        (resource.RLIMIT_DATA, memory_mb * 1024**2),
        (resource.RLIMIT_AS, ADDRESS_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    )
    for kind, value in bounds:
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))


def pdf(manuscript: dict[str, Any], to: str) -> dict[str, Any]:
    """Write a PDF; what it has."""
    from documents.exports import flow
    from documents.exports import typesetting
    from documents.exports.manuscript import loaded

    found = loaded(manuscript)
    return asdict(typesetting.write(found, Path(to))) | asdict(flow.figures(found))


def docx(manuscript: dict[str, Any], to: str) -> dict[str, Any]:
    """Write a Word file; what it has. How many pages is for the program that opens it to say."""
    from documents.exports import flow
    from documents.exports import word
    from documents.exports.manuscript import loaded

    found = loaded(manuscript)
    word.write(found, Path(to))
    return asdict(flow.figures(found))


def measure(manuscript: dict[str, Any]) -> dict[str, Any]:
    """Set it and count its pages."""
    from documents.exports import typesetting
    from documents.exports.manuscript import loaded

    return asdict(typesetting.measure(loaded(manuscript)))


COMMANDS: dict[str, Callable[..., dict[str, Any]]] = {"pdf": pdf, "docx": docx, "measure": measure}


def answer(command: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """What a command says, or why it could not be done."""
    try:
        return COMMANDS[command](**arguments)
    except MemoryError:
        return {"error": "large"}
    # A printer says what it cannot set in ways of its own, and no text of the document is told.
    except Exception as error:
        return {"error": "unset", "detail": type(error).__name__}


def spent() -> dict[str, float]:
    """The most memory this process had, and its processor time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    peak = used.ru_maxrss
    with suppress(OSError):  # which counts this process alone, not what its parent had when it was made
        lines = Path("/proc/self/status").read_text().splitlines()
        peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    return {"peak_mb": peak // 1024, "cpu_seconds": round(used.ru_utime + used.ru_stime, 2)}


def main() -> None:
    """The whole life of the child."""
    asked = json.loads(Path(sys.argv[2]).read_text("utf-8"))
    limit_resources(asked["memory_mb"])
    logging.disable(logging.CRITICAL)
    # Nothing is on the path of an isolated interpreter but the libraries.
    sys.path.append(str(Path(__file__).resolve().parent.parent))
    sys.stdout.write(json.dumps(answer(sys.argv[1], asked["arguments"]) | spent()))


if __name__ == "__main__":
    main()
