"""Which addresses below ``/app`` the client has: the build of the client lists them."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from django.conf import settings


def is_known(path: str) -> bool:
    """Whether the client draws something at ``/app/<path>``; everything, while no build says what there is."""
    patterns = _patterns(Path(settings.FRONTEND_DIST) / "routes.json")
    return not patterns or any(one.fullmatch(f"/app/{path}".rstrip("/")) for one in patterns)


@cache
def _patterns(listed: Path) -> tuple[re.Pattern[str], ...]:
    if not listed.exists():
        return ()
    return tuple(_pattern(route) for route in ("/app", *json.loads(listed.read_text(encoding="utf-8"))))


def _pattern(route: str) -> re.Pattern[str]:
    """``/app/chat/:id?`` is ``/app/chat`` and everything one level below it."""
    parts = []
    for part in route.strip("/").split("/"):
        if not part.startswith(":"):
            parts.append("/" + re.escape(part))
        else:
            parts.append("(?:/[^/]+)?" if part.endswith("?") else "/[^/]+")
    return re.compile("".join(parts))
