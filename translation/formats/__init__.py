"""Files translated in place: what they say comes out as segments, and translations go back to where the words stood.

The original is the skeleton: whatever is no text stays as it is. Django-free, as hostile files are read in a process of
its own (``formats_worker.py``); what a format needs is imported when a file of it is read.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from translation.formats.base import Unreadable
from translation.formats.base import Walk
from translation.segments import Extracted

__all__ = ["FORMATS", "Extracted", "Unreadable", "extract", "merge"]

_WALKERS = {
    "docx": "ooxml",
    "pptx": "ooxml",
    "xlsx": "xlsx",
    "epub": "epub",
    "html": "html",
    "md": "markdown",
    "txt": "texts",
    "srt": "subtitles",
    "xliff": "xliff",
    "po": "gettext",
}
"""The module that has ``walk_<format>``."""
FORMATS = frozenset(_WALKERS)
"""As extensions of names."""


def extract(path: Path, format: str) -> Extracted:  # noqa: A002 - the word of whoever calls
    """What a file says, piece by piece. Raises Unreadable, and KeyError for a format that is none of ``FORMATS``."""
    return _walked(path, format, Walk(), None)


def merge(
    original: Path,
    format: str,  # noqa: A002
    targets: Mapping[int, str],
    to: Path,
    *,
    language: str,
    note: str = "",
    both: bool = False,
) -> Extracted:
    """Write the file with translations, by the numbers of its segments, in the place of what it says.

    A segment without one stays in its own language. ``note`` is a line that every reader sees; ``both`` leaves the
    source beside each translation, where the format has a place for it. Raises as ``extract`` does, before anything is
    written.
    """
    return _walked(original, format, Walk(targets, language=language, note=note, both=both), to)


def _walked(path: Path, format: str, walk: Walk, to: Path | None) -> Extracted:  # noqa: A002
    module = import_module(f"translation.formats.{_WALKERS[format]}")
    lead: Callable[[Path, Walk, Path | None], None] = getattr(module, f"walk_{format}")
    lead(path, walk, to)
    return walk.finish()
