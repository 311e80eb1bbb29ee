"""Files as the API shows them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import serializers

from core.files import links
from core.files.models import StoredFile
from core.files.models import Upload


class FileSerializer(serializers.ModelSerializer[StoredFile]):
    """A file with fresh signed links."""

    url = serializers.SerializerMethodField(help_text="Signed and short-lived; read the file again for a new one.")
    thumbnail_url = serializers.SerializerMethodField(help_text="As url; null when there is no small picture.")
    has_thumbnail = serializers.BooleanField(read_only=True)

    class Meta:
        model = StoredFile
        fields = [
            "id",
            "name",
            "mime_type",
            "kind",
            "size",
            "width",
            "height",
            "duration",
            "has_thumbnail",
            "thumbnail_url",
            "url",
            "created_at",
        ]
        read_only_fields = fields

    def get_url(self, file: StoredFile) -> str:
        return links.content_url(file.pk)

    def get_thumbnail_url(self, file: StoredFile) -> str | None:
        return links.thumbnail_url(file)


UPLOADED = [choice for choice in StoredFile.Purpose.choices if choice[0] != StoredFile.Purpose.EXPORT]
"""What people bring."""


class UploadSerializer(serializers.Serializer[StoredFile]):
    """What ``POST /api/files`` takes."""

    file = serializers.FileField(allow_empty_file=True, help_text="Judged by its bytes; see the error codes.")
    purpose = serializers.ChoiceField(choices=UPLOADED, default=StoredFile.Purpose.ATTACHMENT)


class NewUploadSerializer(serializers.Serializer[Any]):
    """What begins an upload in pieces."""

    name = serializers.CharField(max_length=1000, trim_whitespace=False)
    size = serializers.IntegerField(min_value=0, max_value=2**53, help_text="Bytes that will come.")
    purpose = serializers.ChoiceField(choices=UPLOADED, default=StoredFile.Purpose.ATTACHMENT)
    client_id = serializers.CharField(required=False, max_length=64, help_text="Makes the request repeatable.")


class UploadStateSerializer(serializers.ModelSerializer[Upload]):
    """How far an upload is."""

    chunk_size = serializers.SerializerMethodField(help_text="The largest piece, in bytes.")

    class Meta:
        model = Upload
        fields = ["id", "offset", "size", "chunk_size", "expires_at"]
        read_only_fields = fields

    def get_chunk_size(self, _upload: Upload) -> int:
        return int(settings.UPLOAD_CHUNK_BYTES)
