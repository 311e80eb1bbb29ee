"""What files bring to the project."""

from __future__ import annotations

from collections.abc import Iterable

from core.files import doctor
from core.findings import Check
from core.modules import Room


class Files(Room):
    api_urls = "core.files.urls"
    rate_limits = {"upload": (60, 60)}
    schema_enums = {
        "PurposeEnum": "core.files.purposes.uploaded",
        "FileKindEnum": ["image", "pdf", "text", "audio", "video", "other"],
    }
    file_purposes = "core.files.purposes"
    personal_data = "core.files.holdings"
    # What has an end is promised to be gone by then, and a backup would keep it for as long as backups are kept: so
    # neither files with an end are in it, nor the pieces of uploads, which all have one.
    backup_files = (
        "SELECT key, sha256 FROM core_storedfile WHERE expires_at IS NULL",
        "SELECT thumbnail_key, '' FROM core_storedfile WHERE thumbnail_key <> '' AND expires_at IS NULL",
    )

    def checks(self) -> Iterable[Check]:
        return doctor.checks()
