"""Private text in the admin: hidden, until somebody with the right says why they must read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http import HttpResponse
from django.template.response import TemplateResponse

from accounts.admin.staff_actions import ReasonForm
from accounts.clients import ClientInfo
from accounts.clients import client_of
from accounts.models import User
from core.admin_base import ReadOnlyAdmin


class ContentAccessAdmin(ReadOnlyAdmin):
    """Rows whose text is hidden until somebody with the right says why they must read it."""

    actions = ["show_content"]
    permission: str
    """``app.codename`` of who may."""
    content_template: str
    """A template that shows one ``row``."""

    def read_content(self, actor: User, *, message_ids: Sequence[UUID], reason: str, client: ClientInfo) -> list[Any]:
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
        return TemplateResponse(request, "admin/content_access.html", context)
