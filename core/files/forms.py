"""The form in which a file comes whole: bytes are no JSON, so it is REST framework's."""

from __future__ import annotations

from rest_framework import serializers

from core.files import purposes
from core.files.models import StoredFile

UPLOADED = [(name, name.capitalize()) for name in purposes.uploaded()]
"""What people bring. This module is read with the URLs, when all apps are there."""


class UploadSerializer(serializers.Serializer[StoredFile]):
    """What ``POST /api/files`` takes."""

    file = serializers.FileField(allow_empty_file=True, help_text="Judged by its bytes; see the error codes.")
    purpose = serializers.ChoiceField(choices=UPLOADED, default=StoredFile.Purpose.ATTACHMENT)
