"""The files that translation takes and makes."""

from __future__ import annotations

from core.files.purposes import Purpose
from core.files.purposes import pieces_limit
from core.models import StoredFile
from translation import limits

SOURCE = "translation"
RESULT = "translation_result"

PURPOSES = [
    Purpose(
        name=SOURCE,
        kinds=frozenset({StoredFile.Kind.PDF, StoredFile.Kind.TEXT, StoredFile.Kind.OTHER}),
        max_bytes=pieces_limit,
        max_pages=limits.DOCUMENT_PAGES,
        # A job reads them, and for longer than somebody who uploads would wait.
        text_of=frozenset(),
    ),
    Purpose(name=RESULT, kinds=frozenset(), is_uploaded=False),
]
