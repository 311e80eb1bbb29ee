"""Roles of staff."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Exists
from django.db.models import OuterRef
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from core.admin_base import BaseAdmin


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


class _Group(BaseAdmin):
    """Roles: sets of permissions, given by superusers."""

    list_filter = (HasMembersFilter,)
    search_exact = ("pk", "name")
    search_help_text = "The whole name"
    filter_horizontal = ("permissions",)


admin.site.unregister(Group)
admin.site.register(Group, _Group)
