"""The page of users, and what staff do there."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any
from typing import ClassVar

from django.contrib import admin
from django.db.models import Model
from django.db.models import OuterRef
from django.db.models import QuerySet
from django.db.models import Subquery
from django.http import HttpRequest

from accounts.admin.staff_actions import Deed
from accounts.admin.staff_actions import StaffAction
from accounts.admin.staff_actions import StaffAdmin
from accounts.clients import client_of
from accounts.models import Session
from accounts.models import User
from accounts.services import audit
from accounts.services import staff
from core.admin_base import Column


def _by_service(serve: Callable[..., object]) -> Callable[[User, Deed], object]:
    """A service of :mod:`accounts.services.staff` as the deed of an action; it writes its own audit event."""

    def act(user: User, deed: Deed) -> object:
        return serve(deed.actor, user=user, reason=deed.reason, client=deed.client)

    return act


@admin.register(User)
class UserAdmin(StaffAdmin):
    """Users are made by registration or ``createsuperuser``; what staff do to them goes through the services."""

    list_display = ("__str__", "email", "kind", "is_active", "is_staff", "is_verified", "created_at")
    list_filter = ("is_active", "is_staff", "is_verified", "kind", "language")
    search_people = ("pk",)
    search_help_text = "The beginning of a user name or an e-mail address, or a whole id"
    readonly_fields = ("id", "display_name", "kind", "is_active", "last_login", "created_at")
    fields = (
        "id", "username", "display_name", "email", "kind", "bio", "avatar_url", "language", "is_verified", "is_active",
        "created_at", "last_login", "is_staff", "is_superuser", "groups", "user_permissions",
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
    columns: ClassVar[Sequence[Column]] = (
        Column(
            "last_seen",
            "last seen",
            Subquery(Session.objects.filter(user=OuterRef("pk")).order_by("-last_used_at").values("last_used_at")[:1]),
        ),
    )
    """What a list says of a user that no field of theirs does."""

    @classmethod
    def extend(
        cls, *, actions: Sequence[StaffAction] = (), filters: Sequence[Any] = (), columns: Sequence[Column] = ()
    ) -> None:
        """What an app above does to users, and knows of them: each action and column needs a name of its own."""
        cls.staff_actions = (*cls.staff_actions, *actions)
        cls.list_filter = (*cls.list_filter, *filters)
        cls.columns = (*columns, *cls.columns)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        rows: QuerySet[User] = super().get_queryset(request)
        return rows.annotate(**{column.name: column.value for column in self.columns})

    def get_list_display(self, _request: HttpRequest) -> tuple[Any, ...]:
        first, rest = self.list_display[:2], self.list_display[2:]
        return (*first, *(column.shown() for column in self.columns), *rest)

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


def _operator(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the admin is for signed-in staff
    return request.user
