"""Looking for the static files once a process.

Each client of a test makes a chain of middleware of its own, for which ServeStatic looks at every file of every app:
half of the suite's time went there.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from servestatic.middleware import ServeStaticMiddleware

_found: dict[str, tuple[dict[str, Any], list[Any]]] = {}
"""By URL prefix: the files by URL, and the directories that may be served from."""


def install() -> None:
    """Let all chains after the first one take what that one found."""
    look = ServeStaticMiddleware.add_files_from_finders

    @wraps(look)
    def look_once(middleware: ServeStaticMiddleware) -> None:
        if (known := _found.get(middleware.static_prefix)) is None:
            look(middleware)
            _found[middleware.static_prefix] = dict(middleware.files), list(middleware.directories)
        else:
            middleware.files.update(known[0])
            middleware.directories[:] = known[1]

    ServeStaticMiddleware.add_files_from_finders = look_once
