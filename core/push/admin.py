"""The operators' view of devices and the outbox: that a notice was sent, never what stood in it."""

from __future__ import annotations

from django.contrib import admin

from core.admin_base import ReadOnlyAdmin
from core.push.models import PushKey
from core.push.models import PushNotice
from core.push.models import PushPreferences
from core.push.models import PushSubscription


@admin.register(PushSubscription)
class PushSubscriptionAdmin(ReadOnlyAdmin):
    is_internal = True
    list_display = ("user", "device", "host", "enabled", "created_at", "used_at")
    list_filter = ("enabled",)
    list_select_related = ("user",)
    search_people = ("user",)
    search_help_text = "A whole id, or the beginning of the user's name or address"
    hidden = ("endpoint", "p256dh", "auth", "fingerprint")


@admin.register(PushPreferences)
class PushPreferencesAdmin(ReadOnlyAdmin):
    is_internal = True
    plural = "push preferences"
    list_display = ("user", "quiet_from", "quiet_until")
    list_filter = ("user__is_active",)
    list_select_related = ("user",)
    search_people = ("user",)
    search_help_text = "A whole id, or the beginning of the user's name or address"


@admin.register(PushKey)
class PushKeyAdmin(ReadOnlyAdmin):
    is_internal = True
    list_display = ("public", "created_at")
    list_filter = ("created_at",)
    search_exact = ("pk", "public")
    search_help_text = "The whole key, as browsers take it"
    hidden = ("private",)


@admin.register(PushNotice)
class PushNoticeAdmin(ReadOnlyAdmin):
    is_internal = True
    list_display = ("kind", "state", "user", "attempts", "created_at", "finished_at", "error")
    list_filter = ("state",)
    list_select_related = ("user",)
    search_people = ("user",)
    search_help_text = "A whole id, or the beginning of the user's name or address"
    hidden = ("content", "topic")
