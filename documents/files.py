"""The files that documents take."""

from __future__ import annotations

from core.files.purposes import Purpose
from core.models import StoredFile
from documents import limits

REQUIREMENTS = "document_requirements"
SOURCE = "document_source"
EXPORT = "document_export"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_KINDS = frozenset({StoredFile.Kind.PDF, StoredFile.Kind.TEXT, StoredFile.Kind.OTHER})

PURPOSES = [
    Purpose(
        name=REQUIREMENTS,
        kinds=_KINDS,
        formats=frozenset({_DOCX, "application/pdf", "text/plain"}),
        max_bytes=lambda: limits.REQUIREMENTS_BYTES,
        text_of=_KINDS,
        # Each document has one, at a door of its own.
        is_uploaded=False,
    ),
    Purpose(
        name=SOURCE,
        kinds=frozenset({StoredFile.Kind.PDF}),
        max_bytes=lambda: limits.SOURCE_BYTES,
        text_of=frozenset({StoredFile.Kind.PDF}),
    ),
    Purpose(name=EXPORT, kinds=frozenset(), is_uploaded=False),
]
