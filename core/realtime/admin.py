"""The operators' view of streams: to look at."""

from __future__ import annotations

from django.contrib import admin

from core.admin_base import ReadOnlyAdmin
from core.admin_base import known_values
from core.realtime.models import Stream
from core.realtime.models import StreamEvent
from core.realtime.names import USER


@admin.register(Stream)
class StreamAdmin(ReadOnlyAdmin):
    is_internal = True
    list_display = ("id", "kind", "last_seq", "trimmed_seq")
    list_filter = (known_values("kind", [(USER, "of one person")]),)
    search_help_text = "The whole name of a stream"


@admin.register(StreamEvent)
class StreamEventAdmin(ReadOnlyAdmin):
    """The outbox: what was written, not what it said."""

    is_internal = True
    list_display = ("id", "stream", "seq", "type", "created_at")
    list_filter = ("created_at",)
    search_exact = ("pk", "stream")
    search_help_text = "The id of an event, or the whole name of a stream"
    hidden = ("payload", "subject", "audience")
