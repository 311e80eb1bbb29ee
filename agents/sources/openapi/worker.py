"""Runs alone, as a child of :mod:`agents.sources.openapi.importing`: ``worker.py <path>``, JSON on standard output.

Imports no Django: it has no settings and no secrets.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

MEMORY_BYTES = 1024**3
CPU_SECONDS = 40


def limit_resources() -> None:
    """Bound memory and processor time of this process, where the system can, and step behind those who serve."""
    import os
    import resource

    with suppress(OSError):
        os.nice(10)
    for kind, value in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CPU, CPU_SECONDS)):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))


def read(content: bytes) -> dict[str, Any]:
    """What a document offers, or ``{"error", "pointer"}`` with a sentence."""
    # The child is isolated: it finds the project only by where it lies itself.
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
    from agents import untrusted
    from agents.schemas import References
    from agents.sources.openapi import documents
    from agents.sources.openapi import operations
    from agents.sources.openapi import surroundings

    try:
        document = documents.parsed(content)
        reader = operations.Reader(document)
        reader.read()
        refs = References(document)
        servers = surroundings.servers(document, refs.notes)
        auth = surroundings.auth(document, refs)
    except documents.Refused as error:
        return {"error": untrusted.cleaned(error.sentence, 300), "pointer": error.pointer}
    except (MemoryError, RecursionError):
        return {"error": "The document needs too much memory.", "pointer": ""}
    info = document.get("info")
    info = info if isinstance(info, dict) else {}
    return {
        "title": untrusted.cleaned(info.get("title"), 100),
        "version": untrusted.cleaned(str(info.get("version", "")), 60),
        "functions": reader.functions,
        "left_out": reader.left_out[: operations.MAX_LINES],
        "notes": sorted(reader.notes | refs.notes),
        "servers": servers,
        "auth": auth,
    }


def main() -> None:
    """The whole life of the child."""
    limit_resources()
    sys.stdout.write(json.dumps(read(Path(sys.argv[1]).read_bytes()), allow_nan=False))


if __name__ == "__main__":
    main()
