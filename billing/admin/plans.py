"""Plans, given by staff or paid for, and the users' list by plan."""

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
from django.db.models import Subquery
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from accounts.admin.staff_actions import ReadOnlyStaffAdmin
from accounts.admin.users import UserAdmin
from accounts.clients import client_of
from accounts.models import User
from billing.admin.actions import GRANT_PLAN
from billing.admin.actions import TIERS
from billing.admin.actions import TOKENS
from billing.models import Subscription
from billing.models import TokenQuota
from billing.services.plans import grant_plan
from core.admin_base import Column
from core.admin_base import known_values

if TYPE_CHECKING:
    SubscriptionModelForm = forms.ModelForm[Subscription]
else:
    SubscriptionModelForm = forms.ModelForm


class SubscriptionForm(SubscriptionModelForm):
    """A plan given by staff."""

    tier = forms.ChoiceField(choices=TIERS)
    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    class Meta:
        model = Subscription
        fields = ["user", "tier"]


class PlanFilter(admin.SimpleListFilter):
    """Users by plan. Who never used anything has no row and is basic."""

    title = "plan"
    parameter_name = "plan"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return TIERS

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in settings.TIERS:
            return queryset
        basic = self.value() == settings.TIERS[0]
        quotas = TokenQuota.objects.filter(pk=OuterRef("pk"))
        return queryset.filter(
            ~Exists(quotas.exclude(tier=self.value())) if basic else Exists(quotas.filter(tier=self.value()))
        )


def _of_the_user(field: str) -> Subquery:
    return Subquery(TokenQuota.objects.filter(pk=OuterRef("pk")).values(field)[:1])


UserAdmin.extend(
    actions=[GRANT_PLAN, *TOKENS],
    filters=[PlanFilter],
    columns=[
        # Who never used anything has no row and is basic.
        Column(
            "plan", "plan", Coalesce(_of_the_user("tier"), Value(settings.TIERS[0])), lambda tier: dict(TIERS)[tier]
        ),
        Column("tokens", "tokens used", Coalesce(_of_the_user("tokens_used"), Value(0)), "{:,}".format),
    ],
)


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyStaffAdmin):
    """Adding one grants a plan, also to somebody who never used anything."""

    list_display = ("user", "tier", "status", "current_period_end", "cancel_at_period_end", "updated_at")
    list_filter = (known_values("tier", TIERS), "status")
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
        granted, _ = grant_plan(
            request.user,
            user=obj.user,
            tier=form.cleaned_data["tier"],
            reason=form.cleaned_data["reason"],
            client=client_of(request),
        )
        obj.pk = granted.pk
