"""``/api/admin/costs`` and ``/api/admin/payments/export``."""

from __future__ import annotations

from typing import cast

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.staff import DaysQuery
from accounts.api.staff import StaffView
from accounts.clients import client_of
from accounts.services import audit
from billing import exports
from billing import reports
from billing.api import shapes
from core.api import params
from core.api.request import actor
from core.api.request import queried
from core.api.schema import query


class CostsView(StaffView):
    staff_permission = "billing.view_usageentry"

    @extend_schema(
        operation_id="admin_costs",
        parameters=[*query(DaysQuery), OpenApiParameter("group_by", str, enum=list(reports.GROUPS))],
        responses=shapes.Costs,
    )
    def get(self, request: Request) -> Response:
        """What was spent, the most first, at most 100 groups; by feature unless told otherwise."""
        group_by = cast("reports.Group", params.choice(request, "group_by", frozenset(reports.GROUPS)) or "feature")
        days = queried(request, DaysQuery).days
        found = {"group_by": group_by, "days": days, "results": reports.costs(group_by=group_by, days=days)}
        return Response(shapes.Costs.model_validate(found))


class PaymentsExportView(StaffView):
    throttle_scope = "staff_export"
    staff_permission = "billing.view_payment"

    @extend_schema(operation_id="admin_payments_export", responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request) -> StreamingHttpResponse:
        """Every payment as CSV, row by row, amounts in the smallest unit of the currency; recorded in the audit log."""
        audit.record("payments.exported", actor=actor(request), client=client_of(request))
        return StreamingHttpResponse(
            exports.payments(),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="payments.csv"', "Cache-Control": "no-store"},
        )
