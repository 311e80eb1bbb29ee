"""What servers have said about requests, for operators."""

from __future__ import annotations

from django.contrib import admin

from core.admin_base import ReadOnlyAdmin
from core.llm.models import HeardWords


@admin.register(HeardWords)
class HeardWordsAdmin(ReadOnlyAdmin):
    """How requests for a model were changed by what its server said; ``check_providers`` tells it in words."""

    is_internal = True
    plural = "heard words"
    list_display = ("model", "base_url", "changes", "until")
    list_filter = ("until",)
    search_exact = ("pk", "model", "base_url")
    search_help_text = "The whole name of a model, or the whole address of a server"
