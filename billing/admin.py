"""Plans and metering for staff: ledger and holds to read, plans to grant, windows to reset."""

# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http import HttpResponse
from django.template.response import TemplateResponse

from accounts.clients import client_of
from accounts.models import User
from billing import services
from billing.models import BillingCustomer
from billing.models import Grant
from billing.models import Payment
from billing.models import PlatformDay
from billing.models import Subscription
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from billing.models import WebhookEvent
from core.errors import DomainError

if TYPE_CHECKING:
    StockAdmin = admin.ModelAdmin[Any]
    SubscriptionModelForm = forms.ModelForm[Subscription]
else:
    StockAdmin = admin.ModelAdmin
    SubscriptionModelForm = forms.ModelForm

_TIERS = [(tier, settings.PLANS[tier]["name"]) for tier in settings.TIERS]


class ReasonForm(forms.Form):
    """Why: it stands in the audit log."""

    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class PlanReasonForm(ReasonForm):
    """To which plan, and why."""

    tier = forms.ChoiceField(choices=_TIERS)


class SubscriptionForm(SubscriptionModelForm):
    """A plan given by staff."""

    tier = forms.ChoiceField(choices=_TIERS)
    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    class Meta:
        model = Subscription
        fields = ["user", "tier"]


class ReadOnlyAdmin(StockAdmin):
    """To look at, not to touch."""

    show_full_result_count = False
    list_select_related = True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_grant_permission(self, request: HttpRequest) -> bool:
        """Who may use the actions: those whom the stock permission lets change subscriptions."""
        return bool(request.user.has_perm("billing.change_subscription"))


@admin.action(description="Grant plan", permissions=["grant"])
def grant_plan(model_admin: ReadOnlyAdmin, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
    """Asks for the plan and a reason, then grants it to every selected user."""

    def grant(form: forms.Form, actor: User) -> int:
        changed = 0
        for row in rows.select_related("user"):
            _subscription, new = services.grant_plan(
                actor,
                user=row.user,
                tier=form.cleaned_data["tier"],
                reason=form.cleaned_data["reason"],
                client=client_of(request),
            )
            changed += new
        return changed

    return _with_reason(
        model_admin, request, rows, PlanReasonForm, grant, question="Which plan do these users get, and why?"
    )


@admin.action(description="Reset tokens", permissions=["grant"])
def reset_tokens(model_admin: ReadOnlyAdmin, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
    """Asks for a reason, then opens a new window for every selected user."""

    def reset(form: forms.Form, actor: User) -> int:
        users = [row.user for row in rows.select_related("user")]
        return services.reset_tokens(actor, users=users, reason=form.cleaned_data["reason"], client=client_of(request))

    return _with_reason(
        model_admin, request, rows, ReasonForm, reset, question="Why do these users start a new window?"
    )


def _with_reason(
    model_admin: ReadOnlyAdmin,
    request: HttpRequest,
    rows: QuerySet[Any],
    form_class: type[forms.Form],
    work: Callable[[forms.Form, User], int],
    *,
    question: str,
) -> HttpResponse | None:
    """The page between an action and its deed; None, back to the list, once it is done or refused."""
    form = form_class(request.POST if "confirmed" in request.POST else None)
    if form.is_valid() and isinstance(request.user, User):
        try:
            model_admin.message_user(request, f"{work(form, request.user)} changed.", messages.SUCCESS)
        except DomainError as error:
            model_admin.message_user(request, error.sentence, messages.ERROR)
        return None
    action = request.POST["action"]
    title = dict(model_admin.get_action_choices(request)).get(action, action)
    context = model_admin.admin_site.each_context(request) | {
        "title": title,
        "question": question,
        "rows": rows.select_related("user"),
        "form": form,
        "action": action,
        "opts": model_admin.model._meta,
    }
    return TemplateResponse(request, "admin/billing/confirm_with_reason.html", context)


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    """Adding one grants a plan, also to somebody who never used anything."""

    list_display = ("user", "tier", "status", "current_period_end", "cancel_at_period_end", "updated_at")
    list_filter = ("tier", "status")
    search_fields = ("=user__id", "user__username", "user__email", "=stripe_subscription_id")
    raw_id_fields = ("user",)
    form = SubscriptionForm
    actions = [grant_plan]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_grant_permission(request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("user", "tier", "reason")
        return [field.name for field in Subscription._meta.fields]

    def save_model(self, request: HttpRequest, obj: Subscription, form: Any, change: bool) -> None:  # noqa: FBT001
        """Goes through the service, which writes the row, the quota and the audit event."""
        assert isinstance(request.user, User)  # noqa: S101 - only staff get here
        granted, _ = services.grant_plan(
            request.user,
            user=obj.user,
            tier=form.cleaned_data["tier"],
            reason=form.cleaned_data["reason"],
            client=client_of(request),
        )
        obj.pk = granted.pk


@admin.register(TokenQuota)
class TokenQuotaAdmin(ReadOnlyAdmin):
    list_display = ("user", "tier", "tokens_used", "tokens_held", "tokens_limit", "reset_at")
    list_filter = ("tier",)
    search_fields = ("user__username", "user__email")
    actions = [grant_plan, reset_tokens]


@admin.register(TokenHold)
class TokenHoldAdmin(ReadOnlyAdmin):
    list_display = ("key", "user_id", "state", "amount", "charged", "feature", "model", "created_at", "expires_at")
    list_filter = ("state", "feature")
    search_fields = ("=key", "=reference", "=user__username", "=user__email")
    ordering = ("-id",)
    list_select_related = False


@admin.register(UsageEntry)
class UsageEntryAdmin(ReadOnlyAdmin):
    list_display = ("hold_id", "user_id", "feature", "model", "total_tokens", "source", "overrun", "created_at")
    list_filter = ("feature", "source", "model")
    search_fields = ("=hold__key", "=reference", "=user__username", "=user__email")
    ordering = ("-hold_id",)
    list_select_related = False


@admin.register(PlatformDay)
class PlatformDayAdmin(ReadOnlyAdmin):
    list_display = ("day", "tokens_before", "tokens_used", "tokens_held")
    ordering = ("-day",)


@admin.register(BillingCustomer)
class BillingCustomerAdmin(ReadOnlyAdmin):
    list_display = ("user", "customer_id", "provider", "synced_at", "sync_error")
    list_filter = ("provider",)
    search_fields = ("=customer_id", "=user__id", "user__username", "user__email")
    ordering = ("-id",)


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    """The owner may be gone, so rows are not joined with users, except to search."""

    list_display = (
        "provider_id",
        "user_id",
        "status",
        "money",
        "refunded_amount",
        "purpose",
        "tier",
        "created_at",
        "paid_at",
    )
    list_filter = ("status", "purpose", "provider", "tier")
    search_fields = (
        "=id",
        "=provider_id",
        "=intent_id",
        "=customer_id",
        "=subscription_id",
        "=user__id",
        "=user__username",
        "=user__email",
    )
    date_hierarchy = "created_at"
    ordering = ("-id",)
    list_select_related = False

    @admin.display(description="amount", ordering="amount")
    def money(self, payment: Payment) -> str:
        return f"{payment.amount} {payment.currency} (smallest units)"


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    list_display = ("event_id", "type", "customer_id", "state", "attempts", "error", "received_at")
    list_filter = ("state", "type", "provider")
    search_fields = ("=event_id", "=customer_id", "type")
    ordering = ("-id",)
    list_select_related = False


@admin.register(Grant)
class GrantAdmin(ReadOnlyAdmin):
    list_display = ("key", "user_id", "kind", "tier", "tokens", "asked", "period_end", "reason", "created_at")
    list_filter = ("kind", "tier")
    search_fields = ("=key", "=invoice_id", "=user__id", "=user__username", "=user__email")
    ordering = ("-id",)
    list_select_related = False
