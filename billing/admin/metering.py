"""Quotas, holds and ledgers, to read."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin.staff_actions import ReadOnlyStaffAdmin
from billing.admin.actions import GRANT_PLAN
from billing.admin.actions import TIERS
from billing.admin.actions import TOKENS
from billing.models import Grant
from billing.models import MinuteEntry
from billing.models import MinuteHold
from billing.models import MinuteQuota
from billing.models import PlatformDay
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from core.admin_base import ReadOnlyAdmin
from core.admin_base import known_values


@admin.register(TokenQuota)
class TokenQuotaAdmin(ReadOnlyStaffAdmin):
    list_display = ("user", "tier", "tokens_used", "tokens_held", "tokens_limit", "tokens_bonus", "reset_at")
    list_filter = (known_values("tier", TIERS),)
    list_select_related = ("user",)
    search_people = ("user",)
    search_help_text = "The beginning of a user name or address, or a user's id"
    staff_actions = (GRANT_PLAN, *TOKENS)


@admin.register(TokenHold)
class TokenHoldAdmin(ReadOnlyAdmin):
    is_internal = True
    list_display = ("key", "user_id", "state", "amount", "charged", "feature", "model", "created_at", "expires_at")
    list_filter = ("state",)
    search_exact = ("pk", "key")
    search_help_text = "A whole id or key. What one person used stands in the ledger"


@admin.register(UsageEntry)
class UsageEntryAdmin(ReadOnlyAdmin):
    plural = "usage entries"
    list_display = ("hold_id", "user_id", "feature", "model", "effort", "total_tokens", "cost", "overrun", "created_at")
    list_filter = ("source", "created_at")
    search_exact = ("pk", "hold__key")
    search_people = ("user",)
    search_help_text = "The beginning of a user name or address, or the whole id or key of a hold"


@admin.register(MinuteQuota)
class MinuteQuotaAdmin(ReadOnlyAdmin):
    list_display = ("user", "month", "seconds_used", "seconds_held")
    list_filter = ("month",)
    list_select_related = ("user",)
    search_people = ("user",)
    search_help_text = "The beginning of a user name or address, or a user's id"


@admin.register(MinuteHold)
class MinuteHoldAdmin(ReadOnlyAdmin):
    is_internal = True
    list_display = ("key", "user_id", "month", "state", "amount", "confirmed", "charged", "created_at", "expires_at")
    list_filter = ("state", "month")
    search_exact = ("pk", "key")
    search_help_text = "A whole id or key. What one person used stands in the ledger"


@admin.register(MinuteEntry)
class MinuteEntryAdmin(ReadOnlyAdmin):
    plural = "minute entries"
    list_display = ("hold_id", "user_id", "month", "seconds", "measured", "overrun", "created_at")
    list_filter = ("month", "created_at")
    search_exact = ("pk", "hold__key")
    search_people = ("user",)
    search_help_text = "The beginning of a user name or address, or the whole id or key of a hold"


@admin.register(PlatformDay)
class PlatformDayAdmin(ReadOnlyAdmin):
    is_internal = True
    list_display = ("day", "tokens_before", "tokens_used", "tokens_held", "micros_before", "micros_used", "micros_held")
    list_filter = ("day",)
    search_help_text = "A day: 2026-01-31"


@admin.register(Grant)
class GrantAdmin(ReadOnlyAdmin):
    list_display = ("key", "user_id", "kind", "tier", "tokens", "asked", "period_end", "reason", "created_at")
    list_filter = ("kind", known_values("tier", TIERS))
    search_exact = ("pk", "key")
    search_people = ("user",)
    search_help_text = "A whole id or key, or the beginning of a user name or address"
