"""``/api/subscription…``"""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from billing import plans
from billing import reports
from billing.api import serializers
from billing.metering import quotas
from billing.models import Subscription


def _user(request: Request) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the permission class has seen to it
    return request.user


class SubscriptionView(APIView):
    """The plan of the user who asks."""

    @extend_schema(operation_id="subscription_retrieve", responses=serializers.SubscriptionSerializer)
    def get(self, request: Request) -> Response:
        """Your plan; without one it is basic and active."""
        own = Subscription.objects.visible_to(_user(request)).first()
        return Response(serializers.SubscriptionSerializer(own or Subscription(tier=plans.plans()[0].id)).data)


class PlansView(APIView):
    """What is on offer."""

    permission_classes = [AllowAny]
    authentication_classes: list[type] = []

    @extend_schema(operation_id="subscription_plans", responses=serializers.PlanListSerializer, auth=[])
    def get(self, _request: Request) -> Response:
        """All plans, the smallest first."""
        page = {"results": plans.plans(), "next": None, "previous": None}
        return Response(serializers.PlanListSerializer(page).data)


class UsageView(APIView):
    """What the user who asks has spent."""

    @extend_schema(
        operation_id="subscription_usage",
        parameters=[serializers.UsageQuerySerializer],
        responses=serializers.UsageSerializer,
    )
    def get(self, request: Request) -> Response:
        """Your running window, and the last days by feature and by day."""
        query = serializers.UsageQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        user = _user(request)
        allowance = quotas.peek(user.pk)
        usage = reports.usage_of(user.pk, days=query.validated_data["days"])
        answer = {
            "tokens_used": allowance.used,
            "tokens_held": allowance.held,
            "tokens_limit": allowance.limit,
            "tokens_bonus": allowance.bonus,
            "reset_at": allowance.reset_at,
            "is_unlimited": allowance.left is None,
            "by_feature": usage.by_feature,
            "by_day": usage.by_day,
        }
        return Response(serializers.UsageSerializer(answer).data)
