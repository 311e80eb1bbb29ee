"""The operators' view of the outbox: that a letter was sent, never what stood in it."""

from __future__ import annotations

from django.contrib import admin

from core.admin_base import ReadOnlyAdmin
from core.mail.models import OutgoingMail


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnlyAdmin):
    plural = "outgoing mail"
    list_display = ("kind", "state", "user", "language", "created_at", "finished_at", "error")
    list_filter = ("state",)
    list_select_related = ("user",)
    search_people = ("user",)
    search_help_text = "A whole id, or the beginning of the user's name or address"
    hidden = ("recipient", "content")
