"""Files as the API shows them."""

from __future__ import annotations

from rest_framework import serializers

from core.files import links
from core.files.models import StoredFile


class FileSerializer(serializers.ModelSerializer[StoredFile]):
    """A file with a fresh signed link."""

    url = serializers.SerializerMethodField(help_text="Signed and short-lived; read the file again for a new one.")

    class Meta:
        model = StoredFile
        fields = ["id", "name", "mime_type", "kind", "size", "width", "height", "url", "created_at"]
        read_only_fields = fields

    def get_url(self, file: StoredFile) -> str:
        return links.content_url(file.pk)


class UploadSerializer(serializers.Serializer[StoredFile]):
    """What ``POST /api/files`` takes."""

    file = serializers.FileField(allow_empty_file=True, help_text="Judged by its bytes; see the error codes.")
    purpose = serializers.ChoiceField(choices=StoredFile.Purpose.choices, default=StoredFile.Purpose.ATTACHMENT)
