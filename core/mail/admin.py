"""The operators' view of the outbox: that a letter was sent, never what stood in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.http import HttpRequest

from core.mail.models import OutgoingMail

if TYPE_CHECKING:
    StockAdmin = admin.ModelAdmin[OutgoingMail]
else:
    StockAdmin = admin.ModelAdmin


@admin.register(OutgoingMail)
class OutgoingMailAdmin(StockAdmin):
    list_display = ["kind", "state", "user", "language", "created_at", "finished_at", "error"]
    list_filter = ["state", "kind"]
    list_select_related = ["user"]
    search_fields = ["user__username", "user__email"]
    exclude = ["recipient", "content"]
    ordering = ["-id"]
    show_full_result_count = False

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Letters are written by the code only."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: OutgoingMail | None = None) -> bool:
        """A row tells what was done."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: OutgoingMail | None = None) -> bool:
        """Old ones go by themselves."""
        return False
