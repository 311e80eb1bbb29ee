"""The operators' view of files and uploads: to look at."""

# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from core.admin_base import BaseAdmin
from core.admin_base import ReadOnlyAdmin
from core.admin_base import known_values
from core.files import purposes
from core.files.models import DeletionReceipt
from core.files.models import FileText
from core.files.models import LooseBlob
from core.files.models import StoredFile
from core.files.models import Upload
from core.files.models import UploadPart


@admin.register(StoredFile)
class StoredFileAdmin(BaseAdmin):
    """To look at and to delete, never to change."""

    list_display = ("id", "kind", "size", "owner", "purpose", "created_at", "expires_at")
    list_filter = ("kind", known_values("purpose", purposes.choices()))
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

    is_internal = True
    list_display = ("file_id",)
    list_filter = (known_values("file__purpose", purposes.choices()),)
    search_help_text = "The id of a file"
    hidden = ("text",)


@admin.register(LooseBlob)
class LooseBlobAdmin(ReadOnlyAdmin):
    is_internal = True
    plural = "files to be removed from the store"
    list_display = ("key", "created_at")
    list_filter = ("created_at",)
    search_help_text = "The whole key"


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    is_internal = True
    list_display = ("id", "owner", "size", "offset", "purpose", "created_at", "expires_at")
    list_filter = (known_values("purpose", purposes.choices()),)
    list_select_related = ("owner",)
    search_people = ("owner",)
    search_help_text = "Whole id, or the beginning of the owner's name or address"


@admin.register(UploadPart)
class UploadPartAdmin(ReadOnlyAdmin):
    is_internal = True
    list_display = ("id", "upload_id", "offset", "size")
    list_filter = (known_values("upload__purpose", purposes.choices()),)
    search_exact = ("pk", "upload__pk")
    search_help_text = "The id of an upload"


@admin.register(DeletionReceipt)
class DeletionReceiptAdmin(ReadOnlyAdmin):
    """That something was deleted, and whether its bytes are gone."""

    is_internal = True
    list_display = ("id", "what", "count", "reason", "user_id", "deleted_at", "erased_at")
    list_filter = ("reason", ("erased_at", admin.EmptyFieldListFilter))
    search_exact = ("pk", "user_id", "subject_id")
    search_help_text = "The whole id of a receipt, of a user or of what was deleted"
