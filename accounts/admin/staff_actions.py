"""What staff do in the admin: choose rows, read what will happen, give a reason, and it stands in the audit log.

An app lists :class:`StaffAction` objects in ``staff_actions`` of a :class:`StaffAdmin`; pages, permission, reason,
audit and messages are the same for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from typing import ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http import HttpResponse
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.urls import path
from django.urls import reverse

from accounts.clients import ClientInfo
from accounts.clients import client_of
from accounts.models import User
from accounts.services import audit
from core.admin_base import BaseAdmin
from core.admin_base import ReadOnlyAdmin
from core.errors import DomainError

MOST = 100
"""So many rows one act may touch."""
MOST_OUTSIDE = 10
"""And so many when somebody outside is asked for each."""


class ReasonForm(forms.Form):
    """Why: it stands in the audit log."""

    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if name != "reason"])


@dataclass(frozen=True, slots=True)
class Deed:
    """Who does it, why, from where, and what else the form asked."""

    actor: User
    reason: str
    client: ClientInfo
    values: dict[str, Any]


def by(service: Callable[..., object], name: str) -> Callable[[Any, Deed], object]:
    """A service as what an action does: told who acts, why and from where, and the row by ``name``: its key where
    that ends in ``_id``, else the row itself."""

    def act(row: Any, deed: Deed) -> object:
        chosen = {name: row.pk if name.endswith("_id") else row}
        return service(deed.actor, **chosen, reason=deed.reason, client=deed.client)

    return act


@dataclass(frozen=True, slots=True)
class StaffAction:
    """Something staff do to one row after another, each in a transaction of its own unless it goes ``outside``."""

    name: str
    label: str
    consequence: str
    """A sentence that says what will happen to every row on the page."""
    permission: str
    """``app.codename``; without it the action does not exist for a person."""
    act: Callable[[Any, Deed], object]
    """Does it to a row. False says that there was nothing to do, a text is shown; refusals are the house's errors."""
    event: str = ""
    """The audit event that is written here; empty when the service behind ``act`` writes its own."""
    form: type[ReasonForm] = ReasonForm
    dangerous: bool = False
    outside: bool = False
    """Its service asks somebody who may be slow: no transaction is open meanwhile, and it writes its own event."""
    do_not_call_in_templates: ClassVar[bool] = True

    def allows(self, request: HttpRequest) -> bool:
        """Who may see and use it."""
        return bool(request.user.has_perm(self.permission))

    def __call__(self, model_admin: StaffAdmin, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        """As Django calls the action of a list."""
        return model_admin.run(request, self, rows)


class StaffAdmin(BaseAdmin):
    """A page with actions that ask for a reason, on the list and on each row."""

    staff_actions: ClassVar[Sequence[StaffAction]] = ()
    change_form_template = "admin/staff_change_form.html"

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Those of the stock admin this person may use, and the house's; deleting in bulk is no page's business."""
        known = super().get_actions(request)
        known.pop("delete_selected", None)
        if "_popup" in request.GET:
            return known
        return known | {one.name: (one, one.name, one.label) for one in self._offered(request)}

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_act"
        one = path("<path:object_id>/act/<slug:action>/", self.admin_site.admin_view(self.act_view), name=name)
        return [one, *super().get_urls()]

    def act_view(self, request: HttpRequest, object_id: str, action: str) -> HttpResponse:
        """The same action, from the page of one row."""
        chosen = {one.name: one for one in self._offered(request)}.get(action)
        row = self.get_object(request, object_id)
        if chosen is None or row is None or not self.has_view_permission(request, row):
            raise PermissionDenied
        answer = self.run(request, chosen, self.get_queryset(request).filter(pk=row.pk))
        page = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])
        return answer or HttpResponseRedirect(page)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().render_change_form(request, context | {"staff_actions": self._offered(request)}, *args, **kwargs)

    def run(self, request: HttpRequest, action: StaffAction, rows: QuerySet[Any]) -> HttpResponse | None:
        """The page between an action and its deed; None once it is done or refused."""
        if not action.allows(request) or not isinstance(request.user, User):
            raise PermissionDenied
        most = MOST_OUTSIDE if action.outside else MOST
        chosen = list(rows[: most + 1])
        if len(chosen) > most:
            self.message_user(request, f"Choose at most {most} at once.", messages.ERROR)
            return None
        form = action.form(request.POST if "confirmed" in request.POST else None)
        if not form.is_valid():
            return self._ask(request, action, chosen, form)
        values = dict(form.cleaned_data)
        deed = Deed(request.user, values.pop("reason"), client_of(request), values)
        done = sum(self._do(request, action, row, deed) for row in chosen)
        self.message_user(request, f"{action.label}: done for {done}.", messages.SUCCESS if done else messages.WARNING)
        return None

    def _do(self, request: HttpRequest, action: StaffAction, row: Model, deed: Deed) -> bool:
        try:
            with nullcontext() if action.outside else transaction.atomic():
                outcome = action.act(row, deed)
                if outcome is False:
                    return False
                if action.event:
                    audit.record(action.event, actor=deed.actor, client=deed.client, on=row, reason=deed.reason.strip())
        except DomainError as error:
            self.message_user(request, f"{row}: {error.sentence}", messages.ERROR)
            return False
        if isinstance(outcome, str) and outcome:
            self.message_user(request, f"{row}: {outcome}", messages.INFO)
        return True

    def _ask(self, request: HttpRequest, action: StaffAction, rows: list[Any], form: ReasonForm) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "title": action.label,
            "act": action,
            "rows": rows,
            "form": form,
            "opts": self.opts,
            "checkbox": ACTION_CHECKBOX_NAME,
            "list_url": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"),
        }
        return TemplateResponse(request, "admin/staff_action.html", context)

    def _offered(self, request: HttpRequest) -> list[StaffAction]:
        return [action for action in self.staff_actions if action.allows(request)]


class ReadOnlyStaffAdmin(StaffAdmin, ReadOnlyAdmin):
    """Rows that only services change, some of them at a word of staff."""
