"""Files translated in place: what they say comes out as segments, and translations go back to where the words stood.

The original is the skeleton: whatever is no text stays as it is. Django-free, as hostile files are read in a process of
its own (``formats_worker.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from pathlib import Path

from translation.formats import epub
from translation.formats import gettext
from translation.formats import html
from translation.formats import markdown
from translation.formats import ooxml
from translation.formats import subtitles
from translation.formats import texts
from translation.formats import xliff
from translation.formats import xlsx
from translation.formats.base import Extracted
from translation.formats.base import Unreadable
from translation.formats.base import Walk

__all__ = ["FORMATS", "Extracted", "Unreadable", "extract", "merge"]

_Walker = Callable[[Path, Walk, Path | None], None]
_WALKERS: dict[str, _Walker] = {
    "docx": ooxml.walk_docx,
    "pptx": ooxml.walk_pptx,
    "xlsx": xlsx.walk_xlsx,
    "epub": epub.walk_epub,
    "html": html.walk_html,
    "md": markdown.walk_md,
    "txt": texts.walk_txt,
    "srt": subtitles.walk_srt,
    "xliff": xliff.walk_xliff,
    "po": gettext.walk_po,
}
FORMATS = frozenset(_WALKERS)
"""As extensions of names."""


def extract(path: Path, format: str) -> Extracted:  # noqa: A002 - the word of whoever calls
    """What a file says, piece by piece. Raises Unreadable, and KeyError for a format that is none of ``FORMATS``."""
    walk = Walk()
    _WALKERS[format](path, walk, None)
    return walk.finish()


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
    walk = Walk(targets, language=language, note=note, both=both)
    _WALKERS[format](original, walk, to)
    return walk.finish()
