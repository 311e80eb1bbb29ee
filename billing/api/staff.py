"""``/api/admin/costs`` and ``/api/admin/payments/export``."""

from __future__ import annotations

from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.staff import DAYS
from accounts.api.staff import StaffView
from accounts.api.staff import days_of
from accounts.clients import client_of
from accounts.models import User
from accounts.services import audit
from billing import exports
from billing import reports
from core.errors import InvalidInput


class CostSerializer(serializers.Serializer[Any]):
    key = serializers.CharField(allow_blank=True)
    prompt_tokens = serializers.IntegerField()
    completion_tokens = serializers.IntegerField()
    tokens = serializers.IntegerField()
    requests = serializers.IntegerField()
    overrun = serializers.IntegerField()


class CostsSerializer(serializers.Serializer[Any]):
    group_by = serializers.ChoiceField(list(reports.GROUPS))
    days = serializers.IntegerField()
    results = CostSerializer(many=True)


class CostsView(StaffView):
    staff_permission = "billing.view_usageentry"

    @extend_schema(
        operation_id="admin_costs",
        parameters=[DAYS, OpenApiParameter("group_by", str, enum=list(reports.GROUPS))],
        responses=CostsSerializer,
    )
    def get(self, request: Request) -> Response:
        """What was spent, the most first, at most 100 groups; by feature unless told otherwise."""
        group_by, days = request.query_params.get("group_by", "feature"), days_of(request)
        if group_by not in reports.GROUPS:
            raise InvalidInput(details={"group_by": [f"Choose one of {', '.join(reports.GROUPS)}."]})
        found = {"group_by": group_by, "days": days, "results": reports.costs(group_by=group_by, days=days)}
        return Response(CostsSerializer(found).data)


class PaymentsExportView(StaffView):
    throttle_scope = "staff_export"
    staff_permission = "billing.view_payment"

    @extend_schema(operation_id="admin_payments_export", responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request) -> StreamingHttpResponse:
        """Every payment as CSV, row by row, amounts in the smallest unit of the currency; recorded in the audit log."""
        assert isinstance(request.user, User)  # noqa: S101 - the permission class has seen to it
        audit.record("payments.exported", actor=request.user, client=client_of(request))
        return StreamingHttpResponse(
            exports.payments(),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="payments.csv"', "Cache-Control": "no-store"},
        )
