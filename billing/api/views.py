"""``/api/subscription…``"""

from __future__ import annotations

from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing import plans
from billing import reports
from billing.api import shapes
from billing.metering import minutes
from billing.metering.tokens import quotas
from billing.payments import subscriptions
from core.api.pagination import whole
from core.api.request import actor
from core.api.request import queried
from core.api.schema import query


class SubscriptionView(APIView):
    """The plan of the user who asks."""

    @extend_schema(operation_id="subscription_retrieve", responses=shapes.Subscription)
    def get(self, request: Request) -> Response:
        """Your plan; without one it is basic and active."""
        return Response(shapes.subscription(subscriptions.known(actor(request))))


class PlansView(APIView):
    """What is on offer."""

    permission_classes = [AllowAny]
    authentication_classes: list[type] = []

    @extend_schema(operation_id="subscription_plans", responses=shapes.PlanList, auth=[])
    def get(self, _request: Request) -> Response:
        """All plans, the smallest first."""
        return whole([shapes.plan(one) for one in plans.plans()])


class UsageView(APIView):
    """What the user who asks has spent."""

    @extend_schema(operation_id="subscription_usage", parameters=query(shapes.UsageQuery), responses=shapes.Usage)
    def get(self, request: Request) -> Response:
        """Your running window, the month's call minutes, and the last days by feature and by day."""
        user, days = actor(request), queried(request, shapes.UsageQuery).days
        allowance = quotas.peek(user.pk)
        usage = reports.usage_of(user.pk, days=days)
        answer = shapes.Usage(
            tokens_used=allowance.used,
            tokens_held=allowance.held,
            tokens_limit=allowance.limit,
            tokens_bonus=allowance.bonus,
            reset_at=allowance.reset_at,
            is_unlimited=allowance.left is None,
            call_minutes=shapes.minutes(minutes.allowance(user.pk, tier=allowance.tier)),
            by_feature=[shapes.FeatureUsage(**asdict(one)) for one in usage.by_feature],
            by_day=[shapes.DayUsage(**asdict(one)) for one in usage.by_day],
        )
        return Response(answer)
