"""The shapes of billing's answers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import serializers

from billing.models import Subscription


class SubscriptionSerializer(serializers.Serializer[Subscription]):
    """``plan`` is what was subscribed to, ``tier`` what it gives now: an unpaid plan gives basic."""

    plan = serializers.ChoiceField(choices=settings.TIERS, source="tier")
    tier = serializers.ChoiceField(choices=settings.TIERS, source="effective_tier")
    status = serializers.ChoiceField(choices=Subscription.Status.choices)
    current_period_start = serializers.DateTimeField(allow_null=True)
    current_period_end = serializers.DateTimeField(allow_null=True)
    cancel_at_period_end = serializers.BooleanField()


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
    reset_at = serializers.DateTimeField()
    is_unlimited = serializers.BooleanField()
    by_feature = FeatureUsageSerializer(many=True)
    by_day = DayUsageSerializer(many=True)
