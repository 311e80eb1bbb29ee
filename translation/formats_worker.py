"""Runs alone, as a child of :mod:`translation.reading`: reads and writes documents, books, subtitles and catalogues.

``formats_worker.py extract|merge <arguments as JSON>``; JSON on standard output, ``{"error": reason}`` for what is
refused. Segments go into a file and translations come from one, a line of JSON each. Imports no Django: it has no
settings and no secrets.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from typing import Any

MEMORY_BYTES = 1024**3
FILE_BYTES = 1024**3
CPU_SECONDS = {"extract": 60, "merge": 120}


def limit_resources(cpu_seconds: int) -> None:
    """Bound memory, processor time and files of this process, where the system can, and step behind those who serve."""
    with suppress(OSError):
        os.nice(10)
    bounds = (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
    )
    for kind, value in bounds:
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))


def extract(path: str, kind: str, segments: str) -> dict[str, Any]:
    """The segments into a file; what there is beside them."""
    from translation import formats

    found = formats.extract(Path(path), kind)
    with Path(segments).open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(astuple(segment)) + "\n" for segment in found.segments)
    return {"characters": found.characters, "protected": found.protected, "warnings": found.warnings}


def merge(path: str, kind: str, targets: str, to: str, **options: Any) -> dict[str, Any]:
    """The file with translations in place."""
    from translation import formats

    with Path(targets).open(encoding="utf-8") as lines:
        wanted = dict(json.loads(line) for line in lines)
    found = formats.merge(Path(path), kind, wanted, Path(to), **options)
    return {"warnings": found.warnings}


COMMANDS: dict[str, Callable[..., dict[str, Any]]] = {"extract": extract, "merge": merge}


def answer(command: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """What a command says, or why it was refused."""
    from translation import formats

    try:
        return COMMANDS[command](**arguments)
    except formats.Unreadable as refused:
        return {"error": refused.reason, "detail": refused.detail[:300]}
    except (MemoryError, RecursionError):
        return {"error": "complex"}
    # What a library says of a hostile file is of any kind, and all of it means the same.
    except Exception as error:
        return {"error": "broken", "detail": type(error).__name__}


def main() -> None:
    """The whole life of the child."""
    command = sys.argv[1]
    limit_resources(CPU_SECONDS[command])
    logging.disable(logging.CRITICAL)
    # Nothing is on the path of an isolated interpreter but the libraries.
    sys.path.append(str(Path(__file__).resolve().parent.parent))
    sys.stdout.write(json.dumps(answer(command, json.loads(sys.argv[2]))))


if __name__ == "__main__":
    main()
