"""The tables of the ground floor, and the bases of everybody's models."""

from __future__ import annotations

from core.bases import TimestampedModel
from core.bases import UUIDModel
from core.files.models import DeletionReceipt
from core.files.models import FileText
from core.files.models import LooseBlob
from core.files.models import StoredFile
from core.files.models import Upload
from core.files.models import UploadPart
from core.jobs.models import Job
from core.llm.models import HeardWords
from core.llm.models import ProviderKey
from core.mail.models import OutgoingMail
from core.push.models import PushKey
from core.push.models import PushNotice
from core.push.models import PushPreferences
from core.push.models import PushSubscription
from core.realtime.models import Stream
from core.realtime.models import StreamEvent

__all__ = [
    "DeletionReceipt",
    "FileText",
    "HeardWords",
    "Job",
    "LooseBlob",
    "OutgoingMail",
    "ProviderKey",
    "PushKey",
    "PushNotice",
    "PushPreferences",
    "PushSubscription",
    "StoredFile",
    "Stream",
    "StreamEvent",
    "TimestampedModel",
    "UUIDModel",
    "Upload",
    "UploadPart",
]
