"""Chats for staff: what they cost and how they ended, without what was said."""

# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http import HttpResponse
from django.template.response import TemplateResponse

from accounts.clients import client_of
from accounts.models import User
from aichat.models import Chat
from aichat.models import ChatMessage
from aichat.services import moderation

if TYPE_CHECKING:
    StockAdmin = admin.ModelAdmin[Any]
else:
    StockAdmin = admin.ModelAdmin

_PRIVATE = {"title", "search_title", "system_prompt", "content", "search_text"}


class ReasonForm(forms.Form):
    """Why: it stands in the audit log."""

    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class _ReadOnlyAdmin(StockAdmin):
    """To look at, not to touch; private text is left out."""

    show_full_result_count = False
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [field.name for field in self.model._meta.fields if field.name not in _PRIVATE]


@admin.register(Chat)
class ChatAdmin(_ReadOnlyAdmin):
    list_display = ("id", "owner", "model", "temporary", "archived", "updated_at")
    list_filter = ("temporary", "archived", "model")
    list_select_related = ("owner",)
    search_fields = ("=id", "owner__username", "owner__email")


@admin.register(ChatMessage)
class ChatMessageAdmin(_ReadOnlyAdmin):
    list_display = ("id", "role", "status", "model", "prompt_tokens", "completion_tokens", "estimated", "created_at")
    list_filter = ("status", "role", "provider", "model", "estimated")
    search_fields = ("=id", "=chat__id", "=hold_key", "chat__owner__username", "chat__owner__email")
    actions = ["show_content"]

    def has_read_content_permission(self, request: HttpRequest) -> bool:
        """Who may use the action."""
        return bool(request.user.has_perm(moderation.PERMISSION))

    @admin.action(description="Show content", permissions=["read_content"])
    def show_content(self, request: HttpRequest, rows: QuerySet[ChatMessage]) -> HttpResponse:
        """Asks for a reason, writes it down, and shows the text."""
        form = ReasonForm(request.POST if "confirmed" in request.POST else None)
        shown: list[ChatMessage] = []
        if form.is_valid() and isinstance(request.user, User):
            shown = moderation.read_content(
                request.user,
                message_ids=list(rows.values_list("pk", flat=True)),
                reason=form.cleaned_data["reason"],
                client=client_of(request),
            )
        context = self.admin_site.each_context(request) | {
            "title": "Show content",
            "rows": rows,
            "shown": shown,
            "form": form,
            "opts": self.model._meta,
        }
        return TemplateResponse(request, "admin/aichat/content.html", context)
