"""Files as the API shows them, and uploads in pieces."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from typing import Any
from typing import Literal
from typing import cast
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext
from pydantic import AfterValidator
from pydantic import Field

from core.files import encodings
from core.files import links
from core.files import purposes
from core.files.models import StoredFile
from core.files.models import Upload
from core.shapes import Body
from core.shapes import Shape
from core.shapes import Verbatim
from core.shapes import optional
from core.shapes import refusal


def _check_purpose(name: str) -> str:
    if name not in (names := purposes.uploaded()):
        raise refusal(gettext("Use one of {expected}.").format(expected=", ".join(names)))
    return name


def _with_purposes(schema: dict[str, Any]) -> None:
    # When the document is made: before that the apps, which bring purposes of their own, may not be there.
    schema["enum"] = purposes.uploaded()


UploadPurpose = Annotated[str, AfterValidator(_check_purpose), Field(json_schema_extra=_with_purposes)]
"""What people bring."""

Kind = Literal["image", "pdf", "text", "audio", "video", "other"]


class File(Shape):
    """A file with fresh signed links."""

    id: UUID
    name: str = Field(description="For people; never part of a path.")
    mime_type: str
    kind: Kind
    size: int = Field(description="Bytes as stored.")
    width: int | None
    height: int | None
    duration: float | None = Field(description="Seconds, of audio and video.")
    encoding: str = Field(description="What a text that was no Unicode was taken for, a guess; empty for others.")
    has_thumbnail: bool
    thumbnail_url: str | None = Field(description="As url; null when there is no small picture.")
    url: str = Field(description="Signed and short-lived; read the file again for a new one.")
    created_at: datetime


def shown(row: StoredFile) -> File:
    """A file with links that are made now."""
    return File(
        id=row.pk,
        name=row.name,
        mime_type=row.mime_type,
        kind=cast("Kind", row.kind),
        size=row.size,
        width=row.width,
        height=row.height,
        duration=row.duration,
        encoding=row.encoding,
        has_thumbnail=row.has_thumbnail,
        thumbnail_url=links.thumbnail_url(row),
        url=links.content_url(row.pk),
        created_at=row.created_at,
    )


class FileChangeRequest(Body):
    """What can be changed of a file."""

    encoding: Annotated[str, Field(json_schema_extra={"enum": list(encodings.ENCODINGS)})]
    """Of a text whose encoding was guessed: the right one."""


class NewUploadRequest(Body):
    """What begins an upload in pieces."""

    name: Annotated[Verbatim, Field(min_length=1, max_length=1000)]
    size: Annotated[int, Field(ge=0, le=2**53)]
    """Bytes that will come."""
    purpose: UploadPurpose = "attachment"
    client_id: Annotated[str, Field(min_length=1, max_length=64)] = optional()
    """Makes the request repeatable."""


class UploadState(Shape):
    """How far an upload is."""

    id: UUID
    offset: int
    size: int
    chunk_size: int
    """The largest piece, in bytes."""
    expires_at: datetime


def state(upload: Upload) -> UploadState:
    """How far an upload is now."""
    return UploadState(
        id=upload.pk,
        offset=upload.offset,
        size=upload.size,
        chunk_size=settings.UPLOAD_CHUNK_BYTES,
        expires_at=upload.expires_at,
    )
