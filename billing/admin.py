"""Plans and metering for staff: ledger and holds to read, plans to grant, windows to reset."""

# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Exists
from django.db.models import OuterRef
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.admin import UserAdmin
from accounts.clients import client_of
from accounts.models import User
from accounts.staff_admin import Deed
from accounts.staff_admin import ReadOnlyStaffAdmin
from accounts.staff_admin import ReasonForm
from accounts.staff_admin import StaffAction
from billing import services
from billing.models import BillingCustomer
from billing.models import DemoObject
from billing.models import Grant
from billing.models import Payment
from billing.models import PlatformDay
from billing.models import Subscription
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from billing.models import WebhookEvent
from core.admin_base import ReadOnlyAdmin
from core.admin_base import known_values
from core.ids import uuid7

if TYPE_CHECKING:
    SubscriptionModelForm = forms.ModelForm[Subscription]
else:
    SubscriptionModelForm = forms.ModelForm

_TIERS = [(tier, settings.PLANS[tier]["name"]) for tier in settings.TIERS]
_PROVIDERS = [(name, name) for name in ("stripe", "demo")]
_DEMO_KINDS = ("customer", "checkout", "subscription", "invoice", "intent")
_MOST_TOKENS = 1_000_000_000  # given at once; more is a slip of the finger


class PlanReasonForm(ReasonForm):
    """To which plan, and why."""

    tier = forms.ChoiceField(choices=_TIERS, label="Plan")


class TokensReasonForm(ReasonForm):
    """How many tokens, and why. ``reference`` names this form, so that sending it twice acts once."""

    tokens = forms.IntegerField(min_value=1, max_value=_MOST_TOKENS)
    reference = forms.UUIDField(required=False, initial=uuid7, widget=forms.HiddenInput)


class RefundReasonForm(ReasonForm):
    """How much of a payment, and why."""

    amount = forms.IntegerField(
        min_value=1,
        required=False,
        help_text="Of each payment, in the smallest unit of its currency (cents); empty for all that is left of it.",
    )


class SubscriptionForm(SubscriptionModelForm):
    """A plan given by staff."""

    tier = forms.ChoiceField(choices=_TIERS)
    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    class Meta:
        model = Subscription
        fields = ["user", "tier"]


def _user(row: Any) -> User:
    """The user whom a row is about; the row itself in the list of users."""
    user = row if isinstance(row, User) else row.user
    assert isinstance(user, User)  # noqa: S101 - for the type checker
    return user


def _change_plan(row: Any, deed: Deed) -> bool | str:
    changed, payment_url = services.change_plan_by_staff(
        deed.actor, user=_user(row), tier=deed.values["tier"], reason=deed.reason, client=deed.client
    )
    return f"The change waits for a payment at {payment_url}" if payment_url else changed


def _refund(payment: Payment, deed: Deed) -> None:
    amount = deed.values["amount"]
    services.refund_payment(deed.actor, payment=payment, reason=deed.reason, amount=amount, client=deed.client)


def _reset_tokens(row: Any, deed: Deed) -> bool:
    return bool(services.reset_tokens(deed.actor, users=[_user(row)], reason=deed.reason, client=deed.client))


def _by_tokens(serve: Callable[..., tuple[Grant, bool]]) -> Callable[[Any, Deed], bool]:
    """A service that moves granted tokens as the deed of an action; each user has a reference of their own."""

    def act(row: Any, deed: Deed) -> bool:
        user = _user(row)
        reference = f"staff:{deed.values['reference'] or uuid7()}:{user.pk}"
        tokens = deed.values["tokens"]
        grant, is_new = serve(
            deed.actor, user=user, tokens=tokens, reference=reference, reason=deed.reason, client=deed.client
        )
        return is_new and grant.tokens != 0

    return act


GRANT_PLAN = StaffAction(
    name="grant_plan",
    label="Change plan",
    consequence=(
        "These people get the plan at once and without an end; what they used in this window stays used. Who pays for "
        "a plan is moved where they pay for it: up at once for the difference, down with the end of the period."
    ),
    permission="billing.change_subscription",
    act=_change_plan,
    form=PlanReasonForm,
    outside=True,
)
RESET_TOKENS = StaffAction(
    name="reset_tokens",
    label="Reset tokens",
    consequence="A new window begins for these people: what they used is forgiven.",
    permission="billing.change_subscription",
    act=_reset_tokens,
)
GRANT_TOKENS = StaffAction(
    name="grant_tokens",
    label="Grant tokens",
    consequence="These people may spend so many more once their window's limit is used; kept until then.",
    permission="billing.change_tokenquota",
    act=_by_tokens(services.grant_tokens),
    form=TokensReasonForm,
)
TAKE_BACK_TOKENS = StaffAction(
    name="take_back_tokens",
    label="Take back tokens",
    consequence="Granted tokens are taken from these people, as far as they are not used; the plan's own stay.",
    permission="billing.change_tokenquota",
    act=_by_tokens(services.claw_back_tokens),
    form=TokensReasonForm,
    dangerous=True,
)
REFUND = StaffAction(
    name="refund",
    label="Refund",
    consequence="The money goes back. One that is given back whole takes its plan, and granted tokens go with it.",
    permission="billing.change_payment",
    act=_refund,
    form=RefundReasonForm,
    dangerous=True,
    outside=True,
)
_TOKENS = (RESET_TOKENS, GRANT_TOKENS, TAKE_BACK_TOKENS)


class PlanFilter(admin.SimpleListFilter):
    """Users by plan. Who never used anything has no row and is basic."""

    title = "plan"
    parameter_name = "plan"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return _TIERS

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in settings.TIERS:
            return queryset
        basic = self.value() == settings.TIERS[0]
        quotas = TokenQuota.objects.filter(pk=OuterRef("pk"))
        return queryset.filter(
            ~Exists(quotas.exclude(tier=self.value())) if basic else Exists(quotas.filter(tier=self.value()))
        )


UserAdmin.extend(actions=[GRANT_PLAN, *_TOKENS], filters=[PlanFilter])


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyStaffAdmin):
    """Adding one grants a plan, also to somebody who never used anything."""

    list_display = ("user", "tier", "status", "current_period_end", "cancel_at_period_end", "updated_at")
    list_filter = (known_values("tier", _TIERS), "status")
    list_select_related = ("user",)
    search_exact = ("pk", "stripe_subscription_id")
    search_people = ("user",)
    search_help_text = "The beginning of a user name or address, or a whole id, also one of Stripe's"
    raw_id_fields = ("user",)
    form = SubscriptionForm
    staff_actions = (GRANT_PLAN,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return GRANT_PLAN.allows(request)

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
class TokenQuotaAdmin(ReadOnlyStaffAdmin):
    list_display = ("user", "tier", "tokens_used", "tokens_held", "tokens_limit", "tokens_bonus", "reset_at")
    list_filter = (known_values("tier", _TIERS),)
    list_select_related = ("user",)
    search_people = ("user",)
    search_help_text = "The beginning of a user name or address, or a user's id"
    staff_actions = (GRANT_PLAN, *_TOKENS)


@admin.register(TokenHold)
class TokenHoldAdmin(ReadOnlyAdmin):
    list_display = ("key", "user_id", "state", "amount", "charged", "feature", "model", "created_at", "expires_at")
    list_filter = ("state",)
    search_exact = ("pk", "key")
    search_help_text = "A whole id or key. What one person used stands in the ledger"


@admin.register(UsageEntry)
class UsageEntryAdmin(ReadOnlyAdmin):
    list_display = ("hold_id", "user_id", "feature", "model", "total_tokens", "source", "overrun", "created_at")
    list_filter = ("source", "created_at")
    search_exact = ("pk", "hold__key")
    search_people = ("user",)
    search_help_text = "The beginning of a user name or address, or the whole id or key of a hold"


@admin.register(PlatformDay)
class PlatformDayAdmin(ReadOnlyAdmin):
    list_display = ("day", "tokens_before", "tokens_used", "tokens_held")
    list_filter = ("day",)
    search_help_text = "A day: 2026-01-31"


@admin.register(BillingCustomer)
class BillingCustomerAdmin(ReadOnlyAdmin):
    list_display = ("user", "customer_id", "provider", "synced_at", "sync_error")
    list_filter = (known_values("provider", _PROVIDERS),)
    list_select_related = ("user",)
    search_exact = ("pk", "customer_id")
    search_people = ("user",)
    search_help_text = "The beginning of a user name or address, or the provider's whole id of a customer"


@admin.register(Payment)
class PaymentAdmin(ReadOnlyStaffAdmin):
    """The owner may be gone, so rows are not joined with users."""

    list_display = (
        "provider_id", "user_id", "status", "money", "refunded_amount", "purpose", "tier", "created_at", "paid_at",
    )  # fmt: skip
    list_filter = ("status", "purpose", known_values("provider", _PROVIDERS), known_values("tier", _TIERS))
    search_exact = ("pk", "provider_id", "intent_id")
    search_people = ("user",)
    search_help_text = "A whole id, also one of Stripe's; the beginning of a user name or address, or a user's id"
    staff_actions = (REFUND,)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Also by the provider's id of the customer, through its unique index."""
        known = BillingCustomer.objects.filter(customer_id=search_term.strip()).first() if search_term else None
        if known:
            return queryset.filter(user_id=known.user_id), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="amount")
    def money(self, payment: Payment) -> str:
        return f"{payment.amount} {payment.currency} (smallest units)"


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    list_display = ("event_id", "type", "customer_id", "state", "attempts", "error", "received_at")
    list_filter = ("state", known_values("provider", _PROVIDERS))
    search_exact = ("pk", "event_id", "customer_id")
    search_help_text = "The provider's whole id of an event or a customer"


@admin.register(Grant)
class GrantAdmin(ReadOnlyAdmin):
    list_display = ("key", "user_id", "kind", "tier", "tokens", "asked", "period_end", "reason", "created_at")
    list_filter = ("kind", known_values("tier", _TIERS))
    search_exact = ("pk", "key")
    search_people = ("user",)
    search_help_text = "A whole id or key, or the beginning of a user name or address"


@admin.register(DemoObject)
class DemoObjectAdmin(ReadOnlyAdmin):
    """What the demo would keep on servers of its own."""

    list_display = ("id", "kind", "customer_id", "created_at")
    list_filter = (known_values("kind", [(kind, kind) for kind in _DEMO_KINDS]),)
    search_exact = ("pk", "customer_id")
    search_help_text = "The whole id of an object or a customer"
