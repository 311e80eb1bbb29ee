"""The operators' view of files: to look at and to delete, never to change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.http import HttpRequest

from core.jobs.admin import JobAdmin
from core.mail.admin import OutgoingMailAdmin
from core.models import StoredFile

__all__ = ["JobAdmin", "OutgoingMailAdmin", "StoredFileAdmin"]

if TYPE_CHECKING:
    StockAdmin = admin.ModelAdmin[StoredFile]
else:
    StockAdmin = admin.ModelAdmin


@admin.register(StoredFile)
class StoredFileAdmin(StockAdmin):
    list_display = ["name", "kind", "size", "owner", "purpose", "created_at", "expires_at"]
    list_filter = ["kind", "purpose"]
    list_select_related = ["owner"]
    search_fields = ["name", "sha256", "owner__username", "owner__email"]
    show_full_result_count = False

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Files come in through the door only."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: StoredFile | None = None) -> bool:
        """A row tells what the bytes are."""
        return False
