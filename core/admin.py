"""The operators' view of files, uploads, streams and what else the ground floor keeps: to look at."""

# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.http import HttpRequest

from core.admin_base import BaseAdmin
from core.admin_base import ReadOnlyAdmin
from core.admin_base import known_values
from core.files.models import FileText
from core.files.models import LooseBlob
from core.files.models import Upload
from core.files.models import UploadPart
from core.mail import admin as mail_admin  # noqa: F401 - importing registers it
from core.models import StoredFile
from core.realtime.models import Stream
from core.realtime.models import StreamEvent
from core.realtime.names import USER


@admin.register(StoredFile)
class StoredFileAdmin(BaseAdmin):
    """To look at and to delete, never to change."""

    list_display = ("id", "kind", "size", "owner", "purpose", "created_at", "expires_at")
    list_filter = ("kind", "purpose")
    list_select_related = ("owner",)
    search_people = ("owner",)
    search_help_text = "Whole id, or the beginning of the owner's name or address"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Files come in through the door only."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A row tells what the bytes are."""
        return False


@admin.register(FileText)
class FileTextAdmin(ReadOnlyAdmin):
    """That there is a text; what it says is its owner's."""

    list_display = ("file_id",)
    list_filter = ("file__purpose",)
    search_help_text = "The id of a file"
    hidden = ("text",)


@admin.register(LooseBlob)
class LooseBlobAdmin(ReadOnlyAdmin):
    list_display = ("key", "created_at")
    list_filter = ("created_at",)
    search_help_text = "The whole key"


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    list_display = ("id", "owner", "size", "offset", "purpose", "created_at", "expires_at")
    list_filter = ("purpose",)
    list_select_related = ("owner",)
    search_people = ("owner",)
    search_help_text = "Whole id, or the beginning of the owner's name or address"


@admin.register(UploadPart)
class UploadPartAdmin(ReadOnlyAdmin):
    list_display = ("id", "upload_id", "offset", "size")
    list_filter = ("upload__purpose",)
    search_exact = ("pk", "upload__pk")
    search_help_text = "The id of an upload"


@admin.register(Stream)
class StreamAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "last_seq", "trimmed_seq")
    list_filter = (known_values("kind", [(USER, "of one person")]),)
    search_help_text = "The whole name of a stream"


@admin.register(StreamEvent)
class StreamEventAdmin(ReadOnlyAdmin):
    """The outbox: what was written, not what it said."""

    list_display = ("id", "stream", "seq", "type", "created_at")
    list_filter = ("created_at",)
    search_exact = ("pk", "stream")
    search_help_text = "The id of an event, or the whole name of a stream"
    hidden = ("payload", "subject", "audience")


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """Django's own log of forms; the security log is that of audit events."""

    list_display = ("action_time", "user", "content_type", "object_id", "action_flag")
    list_filter = ("action_flag",)
    list_select_related = ("user", "content_type")
    search_people = ("user",)
    search_help_text = "The beginning of a name or an address"


@admin.register(Permission)
class PermissionAdmin(ReadOnlyAdmin):
    list_display = ("name", "content_type", "codename")
    list_filter = ("content_type__app_label",)
    list_select_related = ("content_type",)
    search_exact = ("pk", "codename")
    search_help_text = "The whole code name"


@admin.register(ContentType)
class ContentTypeAdmin(ReadOnlyAdmin):
    list_display = ("app_label", "model")
    list_filter = ("app_label",)
    search_exact = ("pk", "model", "app_label")
    search_help_text = "The whole name of an app or a model"


@admin.register(Session)
class CookieSessionAdmin(ReadOnlyAdmin):
    """Sign-ins to this admin: when they end. The key would open them, so it is shown nowhere."""

    list_display = ("expire_date",)
    list_display_links = None
    list_filter = ("expire_date",)
    search_help_text = "The whole key"
    hidden = ("session_key", "session_data")
    ordering = ("-expire_date",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The page of one row would have its key in the address."""
        return obj is None and super().has_view_permission(request, obj)
