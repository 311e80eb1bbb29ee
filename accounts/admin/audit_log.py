"""What mattered for security."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.cache import cache
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import AuditEvent
from core.admin_base import ReadOnlyAdmin

_MOST_EVENTS = 100
"""Names of events that the filter offers."""
_NAMES_SECONDS = 300
"""So long the cache keeps them."""


class EventFilter(admin.SimpleListFilter):
    """By what happened; the names are found by hopping through the index, not by reading the log."""

    title = "event"
    parameter_name = "event"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in cache.get_or_set("staff:audit-events", _event_names, _NAMES_SECONDS) or []]

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


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "event", "outcome", "actor_id", "object_ref", "ip", "request_id")
    list_filter = (EventFilter, "outcome", "created_at")
    search_exact = ("pk", "event", "object_ref", "request_id")
    search_people = ("actor",)
    search_help_text = "Event, object (kind:id) or request id, whole; or the beginning of the actor's name or address"
    # The actor's row may be gone; the id is shown in its place.
    fields = ("created_at", "event", "outcome", "actor_id", "object_ref", "ip", "user_agent", "request_id", "data")
