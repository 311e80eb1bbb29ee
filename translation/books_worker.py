"""Runs alone, as a child of :mod:`translation.paging`: reads and writes PDFs.

``books_worker.py <command> <file with its arguments>``, JSON both ways; ``{"error": reason}`` for what is refused.
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

MEMORY_BYTES = 1024**3
"""Of addresses; what is really in memory stays below 300 MB (docs/translation-books.md)."""
FILE_BYTES = 1024**3
CPU_SECONDS = {"inspect": 60, "split": 120, "merge": 180, "picture": 20}


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


def inspect(path: str) -> dict[str, Any]:
    from translation.books import inspecting

    return asdict(inspecting.inspect(Path(path)))


def split(path: str, sizes: list[int], folder: str) -> dict[str, Any]:
    """The harvest is written beside the parts: it is large."""
    from translation.books import splitting

    parts, harvest = splitting.split(Path(path), sizes, Path(folder))
    beside = Path(folder) / "harvest.json"
    beside.write_text(json.dumps(harvest), "utf-8")
    titles = [item["title"] for item in harvest["outline"]]
    return {
        "parts": [str(part) for part in parts],
        "harvest": str(beside),
        "titles": titles,
        "links": len(harvest["links"]),
        "warnings": harvest["warnings"],
    }


def merge(parts: list[str], harvest: str, to: str, titles: dict[str, str], language: str) -> dict[str, Any]:
    from translation.books import joining

    kept = json.loads(Path(harvest).read_text("utf-8"))
    translated = {int(index): title for index, title in titles.items()}
    found = joining.merge([Path(part) for part in parts], kept, Path(to), translated, language)
    return {"warnings": found}


def picture(path: str, page: int, to: str) -> dict[str, Any]:
    from translation.books import pictures

    pictures.picture(Path(path), page, Path(to))
    return {}


COMMANDS: dict[str, Callable[..., dict[str, Any]]] = {
    "inspect": inspect,
    "split": split,
    "merge": merge,
    "picture": picture,
}


def answer(command: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """What a command says, or why it was refused."""
    from translation.books import refusals

    try:
        return COMMANDS[command](**arguments)
    except refusals.Refused as refused:
        return {"error": refused.reason, "figures": refused.figures}
    except (MemoryError, RecursionError):
        return {"error": refusals.COMPLEX, "figures": {}}
    # What a library says of a hostile file is of any kind, and all of it means the same.
    except Exception as error:
        return {"error": refusals.BROKEN, "figures": {}, "cause": f"{type(error).__name__}: {error}"[:300]}


def peak_mb() -> int:
    """The most memory this process had. (``getrusage`` counts also what its parent had when it was made.)"""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """The whole life of the child."""
    command = sys.argv[1]
    limit_resources(CPU_SECONDS[command])
    logging.disable(logging.CRITICAL)
    # Nothing is on the path of an isolated interpreter but the libraries.
    sys.path.append(str(Path(__file__).resolve().parent.parent))
    answered = {} | answer(command, json.loads(Path(sys.argv[2]).read_text("utf-8")))
    sys.stdout.write(json.dumps(answered | {"peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()
