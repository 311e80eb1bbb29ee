"""How people came in: sessions, tokens, mailed links, Telegram, and attempts that failed."""

from __future__ import annotations

from django.contrib import admin

from accounts.models import LoginAttempt
from accounts.models import MailedToken
from accounts.models import RefreshToken
from accounts.models import Session
from accounts.models import TelegramAccount
from accounts.models import TelegramProof
from core.admin_base import ReadOnlyAdmin


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    plural = "signed-in devices"
    list_display = ("id", "user", "ip", "created_at", "last_used_at", "revoked_at", "revoke_reason")
    list_filter = ("revoke_reason",)
    list_select_related = ("user",)
    search_people = ("user",)
    search_help_text = "Whose: the beginning of a user name or address; or an id"


@admin.register(RefreshToken)
class RefreshTokenAdmin(ReadOnlyAdmin):
    is_internal = True
    list_display = ("id", "user", "session_id", "issued_at", "expires_at", "used_at", "ip")
    list_filter = (("used_at", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_exact = ("pk", "session__pk")
    search_people = ("user",)
    search_help_text = "Whose: the beginning of a user name or address; or the id of a token or a session"
    hidden = ("token_hash",)


@admin.register(TelegramAccount)
class TelegramAccountAdmin(ReadOnlyAdmin):
    list_display = ("telegram_id", "username", "user", "linked_at", "last_used_at")
    list_filter = ("linked_at",)
    list_select_related = ("user",)
    search_exact = ("pk", "telegram_id")
    search_people = ("user",)
    search_help_text = "Telegram's whole number, or the beginning of the user's name or address"


@admin.register(TelegramProof)
class TelegramProofAdmin(ReadOnlyAdmin):
    """That init data was used, and for which session."""

    is_internal = True
    list_display = ("__str__", "expires_at")
    list_filter = ("expires_at",)
    search_exact = ("pk", "session__pk")
    search_help_text = "The whole digest of init data, or the id of a session"


@admin.register(LoginAttempt)
class LoginAttemptAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "ip", "failures", "locks", "locked_until", "last_attempt_at")
    list_filter = (("locked_until", admin.EmptyFieldListFilter),)
    list_select_related = ("user",)
    search_people = ("user",)
    search_help_text = "Whose: the beginning of a user name or address; or an id"
    hidden = ("account",)


@admin.register(MailedToken)
class MailedTokenAdmin(ReadOnlyAdmin):
    is_internal = True
    list_display = ("id", "purpose", "user", "created_at", "expires_at", "used_at")
    list_filter = ("purpose",)
    list_select_related = ("user",)
    search_people = ("user",)
    search_help_text = "Whose: the beginning of a user name or address; or an id"
    hidden = ("token_hash",)
