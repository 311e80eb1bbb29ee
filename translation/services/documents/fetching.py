"""What can be fetched of a document."""

from __future__ import annotations

from core.models import StoredFile
from translation import errors
from translation.models import Translation


def file_of(found: Translation, which: str) -> StoredFile:
    """The file of a document. Raises NotReady, and FileGone when its time is over or it was deleted."""
    file_id = found.bilingual_file_id if which == "bilingual" else found.result_file_id
    file = StoredFile.objects.current().filter(pk=file_id).first() if file_id else None
    if file is not None:
        return file
    was_there = found.completed_at is not None and (found.status == found.Status.COMPLETED or bool(found.quality))
    if was_there and (which == "result" or found.options.get("layout") == "both"):
        raise errors.FileGone
    raise errors.NotReady
