"""Why a PDF is not read."""

from __future__ import annotations

PASSWORD = "password"  # noqa: S105 - the name of a reason
BROKEN = "broken"
COMPLEX = "complex"
PAGES = "pages"
NO_PAGE = "no_page"
NO_TEXT = "no_text"
GARBLED = "garbled"


class Refused(Exception):
    """``reason`` is one of the names above; ``figures`` belong to it (``pages``, ``limit``)."""

    def __init__(self, reason: str, **figures: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.figures = figures
