"""Plans and metering for staff: ledger and holds to read, plans to grant, windows to reset."""

# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

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
from billing.models import PlatformDay
from billing.models import Subscription
from billing.models import TokenHold
from billing.models import TokenQuota
from billing.models import UsageEntry
from core.admin_base import ReadOnlyAdmin
from core.admin_base import known_values

if TYPE_CHECKING:
    SubscriptionModelForm = forms.ModelForm[Subscription]
else:
    SubscriptionModelForm = forms.ModelForm

_TIERS = [(tier, settings.PLANS[tier]["name"]) for tier in settings.TIERS]


class PlanReasonForm(ReasonForm):
    """To which plan, and why."""

    tier = forms.ChoiceField(choices=_TIERS, label="Plan")


class TokensReasonForm(ReasonForm):
    """How many tokens, and why."""

    tokens = forms.IntegerField(
        min_value=-services.MOST_TOKENS,
        max_value=services.MOST_TOKENS,
        help_text="Added to what may be spent in the running window; below zero takes back.",
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


def _grant_plan(row: Any, deed: Deed) -> bool:
    tier = deed.values["tier"]
    return services.grant_plan(deed.actor, user=_user(row), tier=tier, reason=deed.reason, client=deed.client)[1]


def _reset_tokens(row: Any, deed: Deed) -> bool:
    return bool(services.reset_tokens(deed.actor, users=[_user(row)], reason=deed.reason, client=deed.client))


def _adjust_tokens(row: Any, deed: Deed) -> None:
    tokens = deed.values["tokens"]
    services.adjust_tokens(deed.actor, user=_user(row), tokens=tokens, reason=deed.reason, client=deed.client)


GRANT_PLAN = StaffAction(
    name="grant_plan",
    label="Change plan",
    consequence="These people get the plan at once and without an end; what they used in this window stays used.",
    permission="billing.change_subscription",
    act=_grant_plan,
    form=PlanReasonForm,
)
RESET_TOKENS = StaffAction(
    name="reset_tokens",
    label="Reset tokens",
    consequence="A new window begins for these people: what they used is forgiven.",
    permission="billing.change_subscription",
    act=_reset_tokens,
)
ADJUST_TOKENS = StaffAction(
    name="adjust_tokens",
    label="Grant or take back tokens",
    consequence="The limit of these people's running window is moved; the next window has the plan's limit again.",
    permission="billing.change_tokenquota",
    act=_adjust_tokens,
    form=TokensReasonForm,
)


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


UserAdmin.extend(actions=[GRANT_PLAN, RESET_TOKENS, ADJUST_TOKENS], filters=[PlanFilter])


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
    list_display = ("user", "tier", "tokens_used", "tokens_held", "tokens_limit", "reset_at")
    list_filter = (known_values("tier", _TIERS),)
    list_select_related = ("user",)
    search_people = ("user",)
    search_help_text = "The beginning of a user name or address, or a user's id"
    staff_actions = (GRANT_PLAN, RESET_TOKENS, ADJUST_TOKENS)


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
