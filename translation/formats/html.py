"""HTML in place."""

from __future__ import annotations

import re
from pathlib import Path

from translation.formats import encoded
from translation.formats import markup
from translation.formats.base import Walk

_BODY = re.compile(r"<body[\s>]", re.IGNORECASE)


def walk_html(path: Path, walk: Walk, to: Path | None) -> None:
    """A page, in whatever encoding; written as UTF-8."""
    data = encoded.load(path)
    text = encoded.decoded(data)
    if not _BODY.search(text):
        walk.say_note_in_text()
    page = markup.Page(markup.html_marks(text), walk, "page", note=walk.note if _BODY.search(text) else "")
    walk.finish()
    if to is not None:
        to.write_bytes(encoded.encoded(page.rewritten, data))
