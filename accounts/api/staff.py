"""``/api/admin/…`` of users, jobs and figures, and what every staff view is made of."""

from __future__ import annotations

from typing import Any
from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from drf_spectacular.utils import extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.clients import client_of
from accounts.models import User
from accounts.services import audit
from core import dashboard
from core.admin_base import people
from core.errors import InvalidInput
from core.jobs.models import Job
from core.observability.readiness import readiness

MOST_DAYS = 90


class IsStaff(BasePermission):
    """Staff, with the permission the view names in ``staff_permission``; the stock permissions of the admin count."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        needed = getattr(view, "staff_permission", "")
        user = request.user
        return bool(
            user.is_authenticated and user.is_active and user.is_staff and (not needed or user.has_perm(needed))
        )


class StaffView(APIView):
    """401 for nobody, 403 for who is not on the staff or lacks the permission; counted apart from other requests."""

    permission_classes = [IsStaff]
    throttle_scope = "staff"
    staff_permission: ClassVar[str] = ""


def days_of(request: Request) -> int:
    """``?days=`` of a request; raises InvalidInput outside 1 to 90."""
    raw = request.query_params.get("days", str(dashboard.DAYS))
    if not (raw.isascii() and raw.isdigit() and 1 <= int(raw[:5]) <= MOST_DAYS):
        raise InvalidInput(details={"days": [f"Give a number from 1 to {MOST_DAYS}."]})
    return int(raw)


DAYS = OpenApiParameter(
    "days", int, description=f"UTC days, today included: 1 to {MOST_DAYS}; {dashboard.DAYS} unless given."
)


class CardSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    unit = serializers.CharField(help_text="seconds, a currency, or empty for a count", allow_blank=True)


class StatsSerializer(serializers.Serializer[Any]):
    stats = CardSerializer(many=True)


class SeriesSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    values = serializers.ListField(child=serializers.FloatField())


class ChartSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    unit = serializers.CharField(allow_blank=True)
    days = serializers.ListField(child=serializers.DateField())
    series = SeriesSerializer(many=True)


class ChartsSerializer(serializers.Serializer[Any]):
    charts = ChartSerializer(many=True)


class StaffUserSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = [
            "id", "username", "email", "kind", "language", "is_active", "is_verified", "is_staff", "created_at",
            "last_seen_at",
        ]  # fmt: skip


class StaffJobSerializer(serializers.ModelSerializer[Job]):
    owner_id = serializers.UUIDField(allow_null=True)

    class Meta:
        model = Job
        fields = [
            "id", "kind", "state", "owner_id", "progress", "attempts", "error", "created_at", "started_at",
            "finished_at",
        ]  # fmt: skip


class CheckSerializer(serializers.Serializer[Any]):
    ok = serializers.BooleanField()
    ms = serializers.FloatField()


class HealthSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(["ready", "unavailable"])
    checks = serializers.DictField(child=CheckSerializer())
    operations = CardSerializer(many=True, help_text="Queue and outbox; needs the permission to see jobs")


class StatsView(StaffView):
    @extend_schema(operation_id="admin_stats", responses=StatsSerializer)
    def get(self, request: Request) -> Response:
        """Numbers of now, of every module whose figures the asker may see; up to a minute old."""
        return Response(StatsSerializer({"stats": dashboard.board(request.user).cards}).data)


class ChartsView(StaffView):
    @extend_schema(operation_id="admin_charts", parameters=[DAYS], responses=ChartsSerializer)
    def get(self, request: Request) -> Response:
        """Numbers by UTC day, of every module whose figures the asker may see; up to a minute old."""
        return Response(ChartsSerializer({"charts": dashboard.board(request.user, days=days_of(request)).charts}).data)


class HealthView(StaffView):
    @extend_schema(operation_id="admin_health", responses=HealthSerializer)
    def get(self, request: Request) -> Response:
        """What ``/ready`` looks at, and how old the queue and the outbox are. Always 200: the answer says how it is."""
        checks = readiness.checks()
        status = "ready" if all(check.ok for check in checks.values()) else "unavailable"
        cards = dashboard.board(request.user, only="operations").cards
        return Response(HealthSerializer({"status": status, "checks": checks, "operations": cards}).data)


@extend_schema_view(
    get=extend_schema(
        operation_id="admin_users",
        parameters=[
            OpenApiParameter("search", str, description="The beginning of a user name or an address, or a whole id."),
            *(OpenApiParameter(name, bool) for name in ("is_active", "is_verified", "is_staff")),
            OpenApiParameter("kind", str, enum=User.Kind.values),
        ],
    )
)
class UserListView(StaffView, ListAPIView[User]):
    """Users, newest first; each look is in the audit log, with what was searched for left out."""

    serializer_class = StaffUserSerializer
    staff_permission = "accounts.view_user"

    def get_queryset(self) -> QuerySet[User]:
        asked = self.request.query_params
        rows = User.objects.all()
        for name in ("is_active", "is_verified", "is_staff"):
            if name in asked:
                rows = rows.filter(**{name: _flag(name, asked[name])})
        if "kind" in asked:
            rows = rows.filter(kind=_one_of("kind", asked["kind"], User.Kind.values))
        if words := asked.get("search", "").strip():
            rows = rows.filter(pk__in=[_id(words)] if _id(words) else people(words))
        return rows

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        answer = super().list(request, *args, **kwargs)
        assert isinstance(request.user, User)  # noqa: S101 - the permission class has seen to it
        filters = sorted(set(request.query_params) & {"search", "kind", "is_active", "is_verified", "is_staff"})
        found = len(answer.data["results"])
        audit.record("users.listed", actor=request.user, client=client_of(request), filters=filters, users=found)
        return answer


@extend_schema_view(
    get=extend_schema(
        operation_id="admin_ai_jobs",
        parameters=[
            OpenApiParameter("state", str, enum=Job.State.values),
            OpenApiParameter("kind", str, description="The whole name of a kind."),
            OpenApiParameter("user_id", OpenApiTypes.UUID),
        ],
    )
)
class JobListView(StaffView, ListAPIView[Job]):
    """Jobs, newest first, without what they were given: that is private to their owners."""

    serializer_class = StaffJobSerializer
    staff_permission = "core.view_job"

    def get_queryset(self) -> QuerySet[Job]:
        asked = self.request.query_params
        rows = Job.objects.defer("payload", "checkpoint")
        if "state" in asked:
            rows = rows.filter(state=_one_of("state", asked["state"], Job.State.values))
        if "kind" in asked:
            rows = rows.filter(kind=asked["kind"])
        if "user_id" in asked:
            if not (owner := _id(asked["user_id"])):
                raise InvalidInput(details={"user_id": ["That is no id."]})
            rows = rows.filter(owner_id=owner)
        return rows


def _flag(name: str, raw: str) -> bool:
    return _one_of(name, raw.lower(), ["true", "false"]) == "true"


def _one_of(name: str, raw: str, allowed: list[str]) -> str:
    if raw not in allowed:
        raise InvalidInput(details={name: [f"Choose one of {', '.join(allowed)}."]})
    return raw


def _id(raw: str) -> UUID | None:
    try:
        return UUID(raw)
    except ValueError:
        return None
