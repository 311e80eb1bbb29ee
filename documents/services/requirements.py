"""The file in which somebody's university or editor says what a text must be like: read once, in every prompt."""

from __future__ import annotations

import hashlib
from typing import IO
from uuid import UUID

from accounts.models import User
from core.files import services as files
from core.models import StoredFile
from documents import cleaning
from documents import limits
from documents.errors import RequirementsUnreadable
from documents.files import REQUIREMENTS
from documents.models import Document
from documents.services import changing
from documents.services import telling


def upload(actor: User, document_id: UUID, *, content: IO[bytes], name: str) -> Document:
    """Read the text of a file and keep it in place of the one before.

    Raises NotFound, RunRunning, RequirementsUnreadable, and what the door of files refuses; then nothing is changed.
    """
    changing.own(actor, document_id)
    kept: list[Document] = []

    def write(file: StoredFile) -> None:
        kept.append(_write(actor, document_id, file))

    files.store(actor, upload=content, name=name, purpose=REQUIREMENTS, then=write)
    return kept[0]


def remove(actor: User, document_id: UUID) -> Document:
    """Forget the file and its text. Raises NotFound and RunRunning. In the caller's transaction."""
    found = changing.locked(actor, document_id)
    changing.refuse_while_written(found)
    _replace(found, None, "")
    return found


def _write(actor: User, document_id: UUID, file: StoredFile) -> Document:
    text = cleaning.plain(files.read_text(file))[: limits.REQUIREMENTS_CHARS]
    if not text:
        raise RequirementsUnreadable
    found = changing.locked(actor, document_id)
    changing.refuse_while_written(found)
    _replace(found, file, text)
    return found


def _replace(found: Document, file: StoredFile | None, text: str) -> None:
    before = found.requirements_file
    found.requirements_file, found.requirements_text = file, text
    found.requirements_digest = hashlib.sha256(text.encode()).hexdigest() if text else ""
    names = ["requirements_file", "requirements_text", "requirements_digest", "updated_at"]
    found.save(update_fields=names)
    if before is not None:
        before.delete()
    telling.updated(found)
