"""What every page of the admin is made of: bounded lists, indexed search, and pages that only show.

All logic is Django's own admin; django-unfold lends its looks where it is installed, and only here.
"""

# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from typing import Any
from typing import ClassVar
from uuid import UUID

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import lookup_spawns_duplicates
from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Model
from django.db.models import Q
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest

if TYPE_CHECKING:
    SecretInput = forms.PasswordInput
    StockAdmin = admin.ModelAdmin[Any]
    StockPaginator = Paginator[Any]
else:
    StockPaginator = Paginator
    if apps.is_installed("unfold"):
        from unfold.admin import ModelAdmin as StockAdmin
        from unfold.widgets import UnfoldAdminPasswordWidget as SecretInput
    else:
        SecretInput = forms.PasswordInput
        StockAdmin = admin.ModelAdmin

COUNTED = 10_000
"""Rows are counted, and paged through, up to here: what lies beyond is found by searching."""
_PEOPLE = 50


class BoundedPaginator(StockPaginator):
    """Never counts a whole table: the database stops after ``COUNTED`` rows, of this list or any other."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        return rows.order_by().values("pk")[:COUNTED].count()


def people(words: str) -> list[UUID]:
    """Ids of users whose name or address begins so, at most fifty; by the indexes on both, without regard to case."""
    beginning = words.lower()
    begins: dict[str, str] = {"folded__startswith": beginning}
    if connection.vendor == "sqlite":  # whose LIKE reads no index of an expression, but which sorts by bytes
        begins = {"folded__gte": beginning, "folded__lt": beginning[:-1] + chr(ord(beginning[-1]) + 1)}
    found: list[UUID] = []
    for field in ("username", "email"):
        rows = get_user_model().objects.alias(folded=Lower(field)).filter(**begins)
        found += rows.values_list("pk", flat=True)[:_PEOPLE]
    return found


def known_values(field: str, choices: Sequence[tuple[str, str]]) -> type[admin.SimpleListFilter]:
    """A filter by values that are known beforehand; Django's own would look for them through the whole table."""

    class KnownValues(admin.SimpleListFilter):
        title = field.rpartition("__")[2].replace("_", " ")
        parameter_name = field

        def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
            return choices

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            return queryset.filter(**{field: self.value()}) if self.value() else queryset

    return KnownValues


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list that no field of its own has: ``value`` is read with the rows, ``show`` puts it in words."""

    name: str
    title: str
    value: Any
    show: Callable[[Any], str] | None = None

    def shown(self) -> Callable[[Any], Any]:
        """As Django's lists take it."""

        @admin.display(description=self.title)
        def show(row: Any) -> Any:
            value = getattr(row, self.name)
            return value if self.show is None or value is None else self.show(value)

        return show


class BaseAdmin(StockAdmin):
    """A list that costs the same over a million rows."""

    paginator = BoundedPaginator
    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    ordering = ("-pk",)
    plural = ""
    """What many rows are called, where an "s" at the end of one is not it. Said here, as in a model it would be a
    migration that changes no table."""
    is_internal = False
    """It stands in the section of what the code writes for itself, not beside what staff come for."""
    search_exact: ClassVar[tuple[str, ...]] = ("pk",)
    """Indexed fields (of this table or a related one) that a search must match whole."""
    search_people: ClassVar[tuple[str, ...]] = ()
    """Foreign keys to users, found by the beginning of their name or address; ``pk`` in the list of users itself."""

    def __init__(self, model: type[Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        if self.plural:
            model._meta.verbose_name_plural = self.plural

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Only says that there is a search box; what it finds is decided in :meth:`get_search_results`."""
        return (*self.search_exact, *self.search_people)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Rows that match the whole term, by indexes only."""
        term = search_term.strip()
        if not term:
            return queryset, False
        wanted = Q(pk__in=[])
        for path in self.search_exact:
            value = self._value(path, term)
            if value is not None:
                wanted |= Q(**{path: value})
        if self.search_people:
            users = [UUID(term)] if _is_uuid(term) else people(term)
            for path in self.search_people:
                wanted |= Q(**{f"{path}__in": users})
        many = any(lookup_spawns_duplicates(self.opts, path) for path in self.search_people if path != "pk")
        return queryset.filter(wanted), many

    def get_sortable_by(self, request: HttpRequest) -> tuple[str, ...]:
        """Columns with an index of their own; sorting by others would read the whole table."""
        indexed = {f.name for f in self.model._meta.fields if f.primary_key or f.unique or f.db_index}
        return tuple(str(name) for name in self.get_list_display(request) if name in indexed)

    def _value(self, path: str, term: str) -> Any:
        """The term as the field's type; None when it cannot be one."""
        model, field = self.model, None
        for step in path.split("__"):
            field = model._meta.pk if step == "pk" else model._meta.get_field(step)
            model = field.related_model or model
        while field.remote_field:  # type: ignore[union-attr]
            field = field.target_field  # type: ignore[union-attr]
        try:
            return field.get_prep_value(field.to_python(term))  # type: ignore[union-attr]
        except Exception:
            return None


class ReadOnlyAdmin(BaseAdmin):
    """To look at, not to touch: money, ledgers, the audit log, the outbox, whatever only the code may write."""

    hidden: ClassVar[tuple[str, ...]] = ()
    """Fields that are not shown."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields or [field.name for field in self.model._meta.fields if field.name not in self.hidden]


def _is_uuid(term: str) -> bool:
    try:
        UUID(term)
    except ValueError:
        return False
    return True
