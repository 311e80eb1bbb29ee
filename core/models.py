"""The tables of the ground floor, and the bases of everybody's models."""

from __future__ import annotations

from core.bases import TimestampedModel
from core.bases import UUIDModel
from core.files.models import FileText
from core.files.models import LooseBlob
from core.files.models import StoredFile

__all__ = ["FileText", "LooseBlob", "StoredFile", "TimestampedModel", "UUIDModel"]
