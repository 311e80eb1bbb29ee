"""What is kept of people's files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from core.files.models import DeletionReceipt
from core.files.models import FileText
from core.files.models import StoredFile
from core.files.models import Upload
from core.files.models import UploadPart
from core.personal import Content
from core.personal import Holding
from core.personal import Work
from core.personal import in_batches


def _content(file: StoredFile) -> Content:
    return Content(path=f"files/{file.pk}-{file.name}", key=file.key, size=file.size)


def _files(user_id: UUID) -> Any:
    return StoredFile.objects.filter(owner_id=user_id)


def _receipts(user_id: UUID) -> QuerySet[DeletionReceipt]:
    return DeletionReceipt.objects.filter(user_id=user_id)


HOLDINGS = [
    Holding(
        model="core.StoredFile",
        # Not the archives that were made of all this before.
        rows=lambda user_id: _files(user_id).exclude(purpose=StoredFile.Purpose.EXPORT),
        leave_out=("key", "thumbnail_key"),
        content=_content,
    ),
    Holding(
        model="core.FileText",
        rows=lambda user_id: FileText.objects.filter(file__owner_id=user_id),
        exported=False,
        reason="Was read out of the files, which are in the archive.",
    ),
    Holding(model="core.Upload", rows=lambda user_id: Upload.objects.filter(owner_id=user_id)),
    Holding(
        model="core.UploadPart",
        rows=lambda user_id: UploadPart.objects.filter(upload__owner_id=user_id),
        exported=False,
        reason="Pieces of files that are still coming, gone after a day.",
    ),
    Holding(
        model="core.DeletionReceipt",
        rows=_receipts,
        leave_out=("keys",),
        ends="emptied",
        reason="Ids and dates say that what was to be deleted was, and when its bytes were seen to be gone.",
    ),
]

NOT_PERSONAL = {"core.LooseBlob": "Random names of bytes that are about to go."}


def erase(user_id: UUID, work: Work) -> None:
    """Files with their bytes, and uploads; of receipts the checksums, by which a known file could be recognised."""
    in_batches(Upload.objects.filter(owner_id=user_id), work, size=5)
    in_batches(_files(user_id), work, size=20)
    # Only when there was something: a run that is cut off here must not be cut off here for ever.
    if emptied := _receipts(user_id).exclude(digest="").update(digest=""):
        work.moved(emptied)
