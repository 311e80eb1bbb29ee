"""What people asked for of their own data: that it goes, or a copy of it."""

from __future__ import annotations

from django.contrib import admin

from accounts.models import AccountDeletion
from accounts.models import DataExport
from accounts.models import DataExportPart
from core.admin_base import ReadOnlyAdmin


@admin.register(AccountDeletion)
class AccountDeletionAdmin(ReadOnlyAdmin):
    list_display = ("user_id", "requested_at", "due_at", "is_suspended", "started_at", "finished_at")
    list_filter = (("finished_at", admin.EmptyFieldListFilter),)
    search_exact = ("pk", "user_id")
    search_help_text = "The id of the user, who may be gone"
    # The user may be gone; the id is shown in its place.
    fields = ("user_id", "requested_at", "due_at", "is_suspended", "started_at", "finished_at")


@admin.register(DataExport)
class DataExportAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "created_at", "finished_at", "expires_at")
    list_filter = (("finished_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_people = ("user",)
    search_help_text = "Whose: the beginning of a user name or address; or an id"
    # What is in it is the user's alone.
    hidden = ("file",)


@admin.register(DataExportPart)
class DataExportPartAdmin(ReadOnlyAdmin):
    is_internal = True
    list_display = ("id", "export_id", "number", "size")
    list_filter = (("export__finished_at", admin.EmptyFieldListFilter),)
    search_exact = ("export__pk",)
    search_help_text = "The id of the export"
    hidden = ("key", "entries")
