"""The shapes of billing's answers."""

from __future__ import annotations

from typing import Any
from typing import Literal

from django.conf import settings
from rest_framework import serializers

from billing import providers
from billing.models import Payment
from billing.models import Subscription


class SubscriptionSerializer(serializers.Serializer[Subscription]):
    """``plan`` is what was subscribed to, ``tier`` what it gives now: an unpaid plan gives basic."""

    plan = serializers.ChoiceField(choices=settings.TIERS, source="tier")
    tier = serializers.ChoiceField(choices=settings.TIERS, source="effective_tier")
    status = serializers.ChoiceField(choices=Subscription.Status.choices)
    current_period_start = serializers.DateTimeField(allow_null=True)
    current_period_end = serializers.DateTimeField(allow_null=True)
    cancel_at_period_end = serializers.BooleanField()
    pending_plan = serializers.ChoiceField(
        choices=settings.TIERS,
        source="next_tier",
        allow_null=True,
        help_text="What it becomes at the end of the period",
    )
    grace_ends_at = serializers.DateTimeField(
        allow_null=True, help_text="Only while past_due: when the plan is lost unless it is paid"
    )
    is_managed = serializers.BooleanField(help_text="It is paid for: it can be changed, canceled and resumed")
    provider = serializers.SerializerMethodField(help_text="Who takes payments; demo takes no money, none is off")

    def get_provider(self, _subscription: Subscription) -> Literal["stripe", "demo", "none"]:
        return providers.active_name()


class PlanChoiceSerializer(serializers.Serializer[Any]):
    """Which plan."""

    plan = serializers.ChoiceField(choices=settings.TIERS)


class CheckoutSerializer(serializers.Serializer[Any]):
    """Where the payment is made."""

    url = serializers.URLField()
    session_id = serializers.CharField()


class CheckoutStateSerializer(serializers.Serializer[Any]):
    """How a checkout stands; the plan itself follows the payment's event and shows in ``GET /api/subscription``."""

    state = serializers.ChoiceField(choices=["paid", "pending", "failed", "expired"])


class PortalSerializer(serializers.Serializer[Any]):
    """Where cards, invoices and the plan are managed; short-lived."""

    url = serializers.URLField()


class ChangedSubscriptionSerializer(SubscriptionSerializer):
    """The subscription after a change. With ``payment_url`` the change waits until the invoice there is paid."""

    payment_url = serializers.URLField(allow_null=True)


class PaymentSerializer(serializers.Serializer[Any]):
    """One payment; amounts in the smallest unit of the currency (cents, kopiykas, yen)."""

    id = serializers.UUIDField()
    amount = serializers.IntegerField()
    refunded_amount = serializers.IntegerField()
    currency = serializers.CharField(help_text="ISO 4217")
    status = serializers.ChoiceField(choices=Payment.Status.choices)
    purpose = serializers.ChoiceField(choices=Payment.Purpose.choices)
    plan = serializers.ChoiceField(choices=settings.TIERS, allow_null=True)
    provider = serializers.ChoiceField(choices=["stripe", "demo"])
    invoice_url = serializers.CharField(allow_blank=True, help_text="The invoice at the provider; empty without one")
    document_id = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()
    paid_at = serializers.DateTimeField(allow_null=True)


class IntentRequestSerializer(serializers.Serializer[Any]):
    """A payment to prepare."""

    amount = serializers.IntegerField(
        min_value=50, max_value=99_999_999, help_text="In the smallest unit of the currency"
    )
    currency = serializers.RegexField(r"^[A-Za-z]{3}$", help_text="ISO 4217")
    document_id = serializers.UUIDField(required=False, allow_null=True, default=None)


class IntentSerializer(serializers.Serializer[Any]):
    """What the payment form needs."""

    client_secret = serializers.CharField()
    payment_intent_id = serializers.CharField()
    payment_id = serializers.UUIDField(help_text="For GET /api/payment/{id}")
    amount = serializers.IntegerField()
    currency = serializers.CharField()


class PlanSerializer(serializers.Serializer[Any]):
    """A plan; -1 tokens or call minutes mean without limit."""

    id = serializers.ChoiceField(choices=settings.TIERS)
    name = serializers.CharField()
    price_cents = serializers.IntegerField(help_text="A month, in hundredths of the currency")
    currency = serializers.CharField()
    tokens_limit = serializers.IntegerField(help_text="For each window; -1 without limit")
    reset_interval_seconds = serializers.IntegerField()
    call_minutes = serializers.IntegerField(help_text="A month; -1 without limit")
    features = serializers.ListField(child=serializers.CharField())


class PlanListSerializer(serializers.Serializer[Any]):
    """All plans on one page."""

    results = PlanSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class UsageQuerySerializer(serializers.Serializer[Any]):
    """How far to look back."""

    days = serializers.IntegerField(default=30, min_value=1, max_value=366)


class FeatureUsageSerializer(serializers.Serializer[Any]):
    """One feature over the period."""

    feature = serializers.CharField()
    tokens = serializers.IntegerField()
    requests = serializers.IntegerField()


class DayUsageSerializer(serializers.Serializer[Any]):
    """One UTC day."""

    date = serializers.DateField()
    total = serializers.IntegerField()
    features = serializers.DictField(child=serializers.IntegerField())


class UsageSerializer(serializers.Serializer[Any]):
    """The running window, and the period by feature and by day (every day, the oldest first)."""

    tokens_used = serializers.IntegerField()
    tokens_held = serializers.IntegerField()
    tokens_limit = serializers.IntegerField(help_text="-1 without limit")
    tokens_bonus = serializers.IntegerField(help_text="Granted on top of the limit; kept until it is used")
    reset_at = serializers.DateTimeField()
    is_unlimited = serializers.BooleanField()
    by_feature = FeatureUsageSerializer(many=True)
    by_day = DayUsageSerializer(many=True)
