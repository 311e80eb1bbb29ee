"""The pages of the rooms, and those of Django's own tables: to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.http import HttpRequest

from core.admin_base import ReadOnlyAdmin
from core.files import admin as files
from core.llm import admin as llm
from core.mail import admin as mail
from core.push import admin as push
from core.realtime import admin as realtime

__all__ = ["files", "llm", "mail", "push", "realtime"]


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """Django's own log of forms; the security log is that of audit events."""

    is_internal = True
    list_display = ("action_time", "user", "content_type", "object_id", "action_flag")
    list_filter = ("action_flag",)
    list_select_related = ("user", "content_type")
    search_people = ("user",)
    search_help_text = "The beginning of a name or an address"


@admin.register(Permission)
class PermissionAdmin(ReadOnlyAdmin):
    is_internal = True
    list_display = ("name", "content_type", "codename")
    list_filter = ("content_type__app_label",)
    list_select_related = ("content_type",)
    search_exact = ("pk", "codename")
    search_help_text = "The whole code name"


@admin.register(ContentType)
class ContentTypeAdmin(ReadOnlyAdmin):
    is_internal = True
    list_display = ("app_label", "model")
    list_filter = ("app_label",)
    search_exact = ("pk", "model", "app_label")
    search_help_text = "The whole name of an app or a model"


@admin.register(Session)
class CookieSessionAdmin(ReadOnlyAdmin):
    """Sign-ins to this admin: when they end. The key would open them, so it is shown nowhere."""

    is_internal = True
    plural = "sign-ins to this admin"
    list_display = ("expire_date",)
    list_display_links = None
    list_filter = ("expire_date",)
    search_help_text = "The whole key"
    hidden = ("session_key", "session_data")
    ordering = ("-expire_date",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The page of one row would have its key in the address."""
        return obj is None and super().has_view_permission(request, obj)
