"""What the ground floor keeps of people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core.files.models import FileText
from core.files.models import StoredFile
from core.files.models import Upload
from core.files.models import UploadPart
from core.jobs.models import Job
from core.mail.models import OutgoingMail
from core.personal import Content
from core.personal import Holding
from core.personal import Work
from core.personal import in_batches
from core.realtime.models import Stream
from core.realtime.models import StreamEvent


def _content(file: StoredFile) -> Content:
    return Content(path=f"files/{file.pk}-{file.name}", key=file.key, size=file.size)


def _files(user_id: UUID) -> Any:
    return StoredFile.objects.filter(owner_id=user_id)


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
        model="core.Job",
        rows=lambda user_id: Job.objects.filter(owner_id=user_id),
        leave_out=("payload", "checkpoint", "fence", "lease_until", "poke_at"),
    ),
    Holding(
        model="core.OutgoingMail",
        rows=lambda user_id: OutgoingMail.objects.filter(user_id=user_id),
        exported=False,
        reason="That a letter was sent; what stood in it is gone by then.",
    ),
    Holding(
        model="core.Stream",
        rows=lambda user_id: Stream.objects.filter(pk=user_id),
        exported=False,
        reason="The position of a log.",
    ),
    Holding(
        model="core.StreamEvent",
        rows=lambda user_id: StreamEvent.objects.filter(stream_id=user_id),
        exported=False,
        reason="Repeats for a month what the other tables say.",
    ),
]

NOT_PERSONAL = {"core.LooseBlob": "Random names of bytes that are about to go."}


def erase(user_id: UUID, work: Work) -> None:
    """Files with their bytes, uploads, jobs, and the user's own stream."""
    in_batches(Upload.objects.filter(owner_id=user_id), work, size=5)
    in_batches(_files(user_id), work, size=20)
    in_batches(Job.objects.filter(owner_id=user_id), work)
    in_batches(OutgoingMail.objects.filter(user_id=user_id), work)
    in_batches(StreamEvent.objects.filter(stream_id=user_id), work, size=2000)
    Stream.objects.filter(pk=user_id).delete()
