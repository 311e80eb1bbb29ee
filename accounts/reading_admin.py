"""Pages of the admin that are to look at: rows nobody changes there, and private text that is opened for a reason."""

# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http import HttpResponse
from django.template.response import TemplateResponse

from accounts.clients import Client
from accounts.clients import client_of
from accounts.models import User

if TYPE_CHECKING:
    StockAdmin = admin.ModelAdmin[Any]
else:
    StockAdmin = admin.ModelAdmin


class ReasonForm(forms.Form):
    """Why: it stands in the audit log."""

    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class ReadOnlyAdmin(StockAdmin):
    """To look at, not to touch."""

    show_full_result_count = False
    ordering = ("-id",)
    list_per_page = 50
    hidden: tuple[str, ...] = ()
    """Fields that are not shown."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [field.name for field in self.model._meta.fields if field.name not in self.hidden]


class PrivateTextAdmin(ReadOnlyAdmin):
    """Rows whose text is hidden until somebody with the right says why they must read it."""

    actions = ["show_content"]
    permission: str
    """``app.codename`` of who may."""
    content_template: str
    """A template that shows one ``row``."""

    def read_content(self, actor: User, *, message_ids: Sequence[UUID], reason: str, client: Client) -> list[Any]:
        """The app's service: checks the permission, writes the reading down, returns the rows."""
        raise NotImplementedError

    def has_read_content_permission(self, request: HttpRequest) -> bool:
        """Who may use the action."""
        return bool(request.user.has_perm(self.permission))

    @admin.action(description="Show content", permissions=["read_content"])
    def show_content(self, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse:
        """Asks for a reason, writes it down, and shows the text."""
        form = ReasonForm(request.POST if "confirmed" in request.POST else None)
        shown: list[Any] = []
        if form.is_valid() and isinstance(request.user, User):
            shown = self.read_content(
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
            "content_template": self.content_template,
        }
        return TemplateResponse(request, "admin/private_text.html", context)
