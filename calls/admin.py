"""Calls for staff: who with whom, when and how it went. Tickets and the keys of devices are not shown."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin.staff_actions import ReadOnlyStaffAdmin
from accounts.admin.staff_actions import StaffAction
from accounts.admin.staff_actions import by
from calls.models import Call
from calls.models import CallClock
from calls.models import CallInterval
from calls.models import CallLeg
from calls.models import CallParticipant
from calls.models import CallProviderEvent
from calls.models import CallSettings
from calls.services import ending
from core.admin_base import ReadOnlyAdmin
from core.admin_base import known_values

END_CALL = StaffAction(
    name="end_call",
    label="End call",
    consequence="These calls end at once, for everybody in them. They are not told the reason.",
    permission="calls.change_call",
    act=by(ending.end_by_staff, "call_id"),
    dangerous=True,
)


@admin.register(Call)
class CallAdmin(ReadOnlyStaffAdmin):
    list_display = (
        "id", "conversation_id", "initiator", "call_type", "status", "end_reason", "transport", "provider",
        "created_at", "duration",
    )  # fmt: skip
    list_filter = ("status", "call_type", "end_reason", "transport", known_values("provider", Call.Provider.choices))
    list_select_related = ("initiator",)
    search_exact = ("pk", "conversation__pk")
    search_people = ("initiator", "participants__user")
    search_help_text = "Whole id of a call or a conversation, or the beginning of a user name or address"
    hidden = ("client_id", "fingerprint")
    staff_actions = (END_CALL,)


@admin.register(CallParticipant)
class CallParticipantAdmin(ReadOnlyAdmin):
    list_display = ("call_id", "user", "origin", "response", "rung_at", "joined_at", "left_at")
    list_filter = ("origin", "response")
    list_select_related = ("user",)
    search_exact = ("pk", "call__pk")
    search_people = ("user",)
    search_help_text = "Whole id of a call, or the beginning of a user name or address"


@admin.register(CallLeg)
class CallLegAdmin(ReadOnlyAdmin):
    list_display = ("id", "call_id", "user", "state", "left_reason", "generation", "joined_at", "left_at")
    list_filter = ("state",)
    list_select_related = ("user",)
    search_exact = ("pk", "call__pk")
    search_people = ("user",)
    search_help_text = "Whole id of a leg or a call, or the beginning of a user name or address"
    hidden = ("session_id", "device_key", "pass_hash", "pass_until")


@admin.register(CallInterval)
class CallIntervalAdmin(ReadOnlyAdmin):
    """When media flowed: what minutes are charged by."""

    list_display = ("call_id", "leg_id", "user_id", "transport", "started_at", "ended_at", "ended_by")
    list_filter = ("transport", "ended_by")
    search_exact = ("pk", "call_id", "user_id")
    search_help_text = "Whole id of an interval, a call or a user"


@admin.register(CallProviderEvent)
class CallProviderEventAdmin(ReadOnlyAdmin):
    """Webhooks of media servers that were taken."""

    list_display = ("key", "type", "call_id", "received_at", "done_at")
    list_filter = ("received_at",)
    search_help_text = "The whole key"


@admin.register(CallClock)
class CallClockAdmin(ReadOnlyAdmin):
    """When the deadlines were last looked at."""

    list_display = ("id", "ticked_at")
    list_filter = ("ticked_at",)
    search_help_text = "1"


@admin.register(CallSettings)
class CallSettingsAdmin(ReadOnlyAdmin):
    plural = "call settings"
    list_display = ("user", "hide_address", "ring")
    list_filter = ("hide_address", "ring")
    list_select_related = ("user",)
    search_people = ("user",)
    search_help_text = "The beginning of a user name or address"
