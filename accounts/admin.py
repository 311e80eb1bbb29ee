"""The operators' door to users, sessions and the audit log."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib import messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.admin.helpers import ActionForm
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.clients import client_of
from accounts.models import AccountDeletion
from accounts.models import AuditEvent
from accounts.models import DataExport
from accounts.models import LoginAttempt
from accounts.models import MailedToken
from accounts.models import RefreshToken
from accounts.models import Session
from accounts.models import TelegramAccount
from accounts.models import User
from accounts.services import audit
from accounts.services import lockout
from accounts.services import login
from accounts.services import staff
from core.errors import DomainError

if TYPE_CHECKING:
    BaseAdmin = admin.ModelAdmin[Any]
else:
    BaseAdmin = admin.ModelAdmin


class LoginForm(AdminAuthenticationForm):
    """Takes an e-mail address as well, and says so when the account is locked."""

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].widget.attrs["maxlength"] = 254
        self.fields["username"].label = "User name or e-mail address"

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        audit.record("login.succeeded", actor=user, client=client_of(self.request), on=user, door="admin")

    def get_invalid_login_error(self) -> ValidationError:
        identifier = str(self.cleaned_data.get("username"))
        refusal = lockout.locked_for(identifier, user=login.find(identifier), client=client_of(self.request))
        return ValidationError(refusal.sentence, code=refusal.code) if refusal else super().get_invalid_login_error()


admin.site.login_form = LoginForm


class ReasonForm(ActionForm):
    """Asks why, beside the choice of the action."""

    reason = forms.CharField(required=False, max_length=300)


@admin.register(User)
class UserAdmin(BaseAdmin):
    """Users are made by registration or ``createsuperuser``; what staff do to them goes through the services."""

    list_display = ("__str__", "email", "kind", "is_active", "is_staff", "is_verified", "created_at")
    list_filter = ("is_active", "is_staff", "is_verified", "kind", "language")
    search_fields = ("username", "email")
    search_help_text = "User name, e-mail address or id"
    ordering = ("-id",)
    show_full_result_count = False
    readonly_fields = ("id", "is_active", "last_login", "created_at")
    exclude = ("password",)
    filter_horizontal = ("groups", "user_permissions")
    action_form = ReasonForm
    actions = ("suspend", "unsuspend", "force_logout")

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Rights are given by superusers only; otherwise staff could raise themselves."""
        fixed = tuple(str(field) for field in super().get_readonly_fields(request, obj))
        if _operator(request).is_superuser:
            return fixed
        return (*fixed, "is_staff", "is_superuser", "groups", "user_permissions")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        try:
            return queryset.filter(pk=UUID(search_term.strip())), False
        except ValueError:
            return super().get_search_results(request, queryset, search_term)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        super().save_model(request, obj, form, change)
        audit.record(
            "user.changed_by_staff",
            actor=_operator(request),
            client=client_of(request),
            on=obj,
            fields=sorted(form.changed_data),
        )

    @admin.action(description="Suspend (give a reason)", permissions=["change"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, staff.suspend)

    @admin.action(description="Lift the suspension (give a reason)", permissions=["change"])
    def unsuspend(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, staff.unsuspend)

    @admin.action(description="Sign out everywhere (give a reason)", permissions=["change"])
    def force_logout(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._each(request, queryset, staff.force_logout)

    def _each(self, request: HttpRequest, users: QuerySet[User], act: Callable[..., None]) -> None:
        reason, done = request.POST.get("reason", ""), 0
        for user in users:
            try:
                act(_operator(request), user=user, reason=reason, client=client_of(request))
                done += 1
            except DomainError as error:
                self.message_user(request, f"{user}: {error.sentence}", messages.ERROR)
        if done:
            self.message_user(request, f"Done for {done}.", messages.SUCCESS)


class ReadOnlyAdmin(BaseAdmin):
    """Looking only."""

    show_full_result_count = False
    ordering = ("-id",)
    actions = ()

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        return False


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "ip", "created_at", "last_used_at", "revoked_at", "revoke_reason")
    list_filter = ("revoke_reason",)
    list_select_related = ("user",)
    search_fields = ("user__username", "user__email", "ip")


@admin.register(RefreshToken)
class RefreshTokenAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "session_id", "issued_at", "expires_at", "used_at", "ip")
    list_select_related = ("user",)
    search_fields = ("user__username", "user__email", "ip")
    exclude = ("token_hash",)


@admin.register(TelegramAccount)
class TelegramAccountAdmin(ReadOnlyAdmin):
    list_display = ("telegram_id", "username", "user", "linked_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("=telegram_id", "username", "user__username", "user__email")


@admin.register(LoginAttempt)
class LoginAttemptAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "ip", "failures", "locks", "locked_until", "last_attempt_at")
    list_select_related = ("user",)
    search_fields = ("user__username", "user__email", "ip")
    exclude = ("account",)


@admin.register(MailedToken)
class MailedTokenAdmin(ReadOnlyAdmin):
    list_display = ("id", "purpose", "user", "created_at", "expires_at", "used_at")
    list_filter = ("purpose",)
    list_select_related = ("user",)
    search_fields = ("user__username", "user__email")
    exclude = ("token_hash",)


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "event", "outcome", "actor_id", "object_ref", "ip", "request_id")
    list_filter = ("event", "outcome", "created_at")
    search_fields = ("event", "actor__username", "actor__email", "object_ref", "ip", "request_id")
    # The actor's row may be gone; the id is shown in its place.
    fields = ("created_at", "event", "outcome", "actor_id", "object_ref", "ip", "user_agent", "request_id", "data")


@admin.register(AccountDeletion)
class AccountDeletionAdmin(ReadOnlyAdmin):
    list_display = ("user_id", "requested_at", "due_at", "is_suspended", "started_at", "finished_at")
    list_filter = ("finished_at",)
    search_fields = ("user__username", "user__email")
    # The user may be gone; the id is shown in its place.
    fields = ("user_id", "requested_at", "due_at", "is_suspended", "started_at", "finished_at")


@admin.register(DataExport)
class DataExportAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "created_at", "finished_at", "expires_at")
    list_select_related = ("user",)
    search_fields = ("user__username", "user__email")
    # What is in it is the user's alone.
    exclude = ("file",)


def _operator(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the admin is for signed-in staff
    return request.user
