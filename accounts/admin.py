"""The operators' door to users, sessions and the audit log."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any
from typing import ClassVar

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db.models import Exists
from django.db.models import Model
from django.db.models import OuterRef
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import jobs_admin  # noqa: F401 - importing registers it
from accounts.clients import client_of
from accounts.models import AccountDeletion
from accounts.models import AuditEvent
from accounts.models import DataExport
from accounts.models import DataExportPart
from accounts.models import LoginAttempt
from accounts.models import MailedToken
from accounts.models import RefreshToken
from accounts.models import Session
from accounts.models import TelegramAccount
from accounts.models import TelegramProof
from accounts.models import User
from accounts.services import audit
from accounts.services import lockout
from accounts.services import login
from accounts.services import staff
from accounts.staff_admin import Deed
from accounts.staff_admin import StaffAction
from accounts.staff_admin import StaffAdmin
from core.admin_base import BaseAdmin
from core.admin_base import ReadOnlyAdmin

_MOST_EVENTS = 100


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


def _by_service(serve: Callable[..., object]) -> Callable[[User, Deed], object]:
    """A service of :mod:`accounts.services.staff` as the deed of an action; it writes its own audit event."""

    def act(user: User, deed: Deed) -> object:
        return serve(deed.actor, user=user, reason=deed.reason, client=deed.client)

    return act


class EventFilter(admin.SimpleListFilter):
    """By what happened; the names are found by hopping through the index, not by reading the log."""

    title = "event"
    parameter_name = "event"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in cache.get_or_set("staff:audit-events", _event_names, 300) or []]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(event=self.value()) if self.value() else queryset


def _event_names() -> list[str]:
    names: list[str] = []
    rows = AuditEvent.objects.order_by("event")
    while len(names) < _MOST_EVENTS:
        found = rows.filter(event__gt=names[-1] if names else "").values_list("event", flat=True).first()
        if found is None:
            break
        names.append(found)
    return names


class HasMembersFilter(admin.SimpleListFilter):
    """Roles that somebody has, or nobody."""

    title = "members"
    parameter_name = "members"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Somebody has it"), ("no", "Nobody has it")]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        given = Exists(User.groups.through.objects.filter(group_id=OuterRef("pk")))
        return queryset.filter(given if self.value() == "yes" else ~given)


@admin.register(User)
class UserAdmin(StaffAdmin):
    """Users are made by registration or ``createsuperuser``; what staff do to them goes through the services."""

    list_display = ("__str__", "email", "kind", "is_active", "is_staff", "is_verified", "created_at")
    list_filter = ("is_active", "is_staff", "is_verified", "kind", "language")
    search_people = ("pk",)
    search_help_text = "The beginning of a user name or an e-mail address, or a whole id"
    readonly_fields = ("id", "is_active", "last_login", "created_at")
    fields = (
        "id", "username", "email", "kind", "bio", "avatar_url", "language", "is_verified", "is_active", "created_at",
        "last_login", "is_staff", "is_superuser", "groups", "user_permissions",
    )  # fmt: skip
    filter_horizontal = ("groups", "user_permissions")
    staff_actions: ClassVar[Sequence[StaffAction]] = (
        StaffAction(
            name="suspend",
            label="Suspend",
            consequence="These people are shut out: every session and socket of theirs ends at once.",
            permission="accounts.change_user",
            act=_by_service(staff.suspend),
            dangerous=True,
        ),
        StaffAction(
            name="unsuspend",
            label="Reactivate",
            consequence="These people may sign in again.",
            permission="accounts.change_user",
            act=_by_service(staff.unsuspend),
        ),
        StaffAction(
            name="force_logout",
            label="Sign out everywhere",
            consequence="Every session and socket of these people ends; they may sign in again.",
            permission="accounts.change_user",
            act=_by_service(staff.force_logout),
        ),
        StaffAction(
            name="resend_verification",
            label="Send the confirmation again",
            consequence="These people get another letter with a link that proves their address.",
            permission="accounts.change_user",
            act=_by_service(staff.resend_verification),
        ),
        StaffAction(
            name="prepare_export",
            label="Prepare their data",
            consequence="An archive of everything these people own is made; it waits in their own settings, not here.",
            permission="accounts.change_user",
            act=_by_service(staff.prepare_export),
        ),
        StaffAction(
            name="delete_account",
            label="Delete the account",
            consequence="These people are shut out now and erased in 14 days; until then a sign-in brings them back.",
            permission="accounts.delete_user",
            act=_by_service(staff.delete_account),
            dangerous=True,
        ),
    )
    """Apps above add theirs with :meth:`extend`."""

    @classmethod
    def extend(cls, *, actions: Sequence[StaffAction] = (), filters: Sequence[Any] = ()) -> None:
        """What an app above does to users: each of its actions needs a name of its own."""
        cls.staff_actions = (*cls.staff_actions, *actions)
        cls.list_filter = (*cls.list_filter, *filters)

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

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        super().save_model(request, obj, form, change)
        audit.record(
            "user.changed_by_staff",
            actor=_operator(request),
            client=client_of(request),
            on=obj,
            fields=sorted(form.changed_data),
        )


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    list_display = ("id", "user", "ip", "created_at", "last_used_at", "revoked_at", "revoke_reason")
    list_filter = ("revoke_reason",)
    list_select_related = ("user",)
    search_people = ("user",)
    search_help_text = "Whose: the beginning of a user name or address; or an id"


@admin.register(RefreshToken)
class RefreshTokenAdmin(ReadOnlyAdmin):
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
    list_display = ("id", "purpose", "user", "created_at", "expires_at", "used_at")
    list_filter = ("purpose",)
    list_select_related = ("user",)
    search_people = ("user",)
    search_help_text = "Whose: the beginning of a user name or address; or an id"
    hidden = ("token_hash",)


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "event", "outcome", "actor_id", "object_ref", "ip", "request_id")
    list_filter = (EventFilter, "outcome", "created_at")
    search_exact = ("pk", "event", "object_ref", "request_id")
    search_people = ("actor",)
    search_help_text = "Event, object (kind:id) or request id, whole; or the beginning of the actor's name or address"
    # The actor's row may be gone; the id is shown in its place.
    fields = ("created_at", "event", "outcome", "actor_id", "object_ref", "ip", "user_agent", "request_id", "data")


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
    list_display = ("id", "export_id", "number", "size")
    list_filter = (("export__finished_at", admin.EmptyFieldListFilter),)
    search_exact = ("export__pk",)
    search_help_text = "The id of the export"
    hidden = ("key", "entries")


class _Group(BaseAdmin):
    """Roles: sets of permissions, given by superusers."""

    list_filter = (HasMembersFilter,)
    search_exact = ("pk", "name")
    search_help_text = "The whole name"
    filter_horizontal = ("permissions",)


admin.site.unregister(Group)
admin.site.register(Group, _Group)


def _operator(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the admin is for signed-in staff
    return request.user
