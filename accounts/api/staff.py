"""``/api/admin/…`` of users, jobs and figures, and what every staff view is made of."""

from __future__ import annotations

from typing import Annotated
from typing import Any
from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from pydantic import Field
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api import staff_shapes
from accounts.api.shapes import UserKind
from accounts.api.staff_shapes import JobState
from accounts.clients import client_of
from accounts.models import User
from accounts.services import audit
from core import dashboard
from core.admin_base import people
from core.api import params
from core.api.pagination import CursorPagination
from core.api.request import actor
from core.api.request import queried
from core.api.schema import query
from core.jobs.models import Job
from core.observability.readiness import readiness
from core.shapes import Body
from core.shapes import optional

MOST_DAYS = 90
"""Beyond, figures would read more rows than an answer may wait for."""


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


class DaysQuery(Body):
    """The window of figures."""

    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = dashboard.DAYS
    """UTC days, today included."""


class UserQuery(Body):
    """What narrows the list of users."""

    search: str = optional()
    """The beginning of a user name or an address, or a whole id."""
    is_active: bool = optional()
    is_verified: bool = optional()
    is_staff: bool = optional()
    kind: UserKind = optional()


class JobQuery(Body):
    """What narrows the list of jobs."""

    state: JobState = optional()
    kind: str = optional()
    """The whole name of a kind."""
    user_id: UUID = optional()


class StatsView(StaffView):
    @extend_schema(operation_id="admin_stats", responses=staff_shapes.Stats)
    def get(self, request: Request) -> Response:
        """Numbers of now, of every module whose figures the asker may see; up to a minute old."""
        return Response(staff_shapes.Stats.of(dashboard.board(request.user)))


class ChartsView(StaffView):
    @extend_schema(operation_id="admin_charts", parameters=query(DaysQuery), responses=staff_shapes.Charts)
    def get(self, request: Request) -> Response:
        """Numbers by UTC day, of every module whose figures the asker may see; up to a minute old."""
        days = queried(request, DaysQuery).days
        return Response(staff_shapes.Charts.of(dashboard.board(request.user, days=days)))


class HealthView(StaffView):
    @extend_schema(operation_id="admin_health", responses=staff_shapes.Health)
    def get(self, request: Request) -> Response:
        """What ``/ready`` looks at, and how old the queue and the outbox are. Always 200: the answer says how it is."""
        operations = dashboard.board(request.user, only="operations")
        return Response(staff_shapes.Health.of(readiness.checks(), operations))


class UserListView(StaffView):
    staff_permission = "accounts.view_user"

    @extend_schema(
        operation_id="admin_users",
        parameters=[*query(UserQuery), *params.PAGE],
        responses=staff_shapes.PaginatedStaffUserList,
    )
    def get(self, request: Request) -> Response:
        """Users, newest first; each look is in the audit log, with what was searched for left out."""
        filters = queried(request, UserQuery).model_dump(exclude_unset=True)
        paginator = CursorPagination()
        page = paginator.paginate_queryset(_users(**filters), request, view=self)
        audit.record(
            "users.listed", actor=actor(request), client=client_of(request), filters=sorted(filters), users=len(page)
        )
        return paginator.get_paginated_response([staff_shapes.StaffUser.of(row) for row in page])


def _users(*, search: str = "", **exactly: object) -> QuerySet[User]:
    rows = User.objects.filter(**exactly)
    if not search:
        return rows
    try:
        wanted: Any = [UUID(search)]
    except ValueError:
        wanted = people(search)
    return rows.filter(pk__in=wanted)


class JobListView(StaffView):
    staff_permission = "core.view_job"

    @extend_schema(
        operation_id="admin_ai_jobs",
        parameters=[*query(JobQuery), *params.PAGE],
        responses=staff_shapes.PaginatedStaffJobList,
    )
    def get(self, request: Request) -> Response:
        """Jobs, newest first, without what they were given: that is private to their owners."""
        filters = queried(request, JobQuery).model_dump(exclude_unset=True)
        if "user_id" in filters:
            filters["owner_id"] = filters.pop("user_id")
        rows, paginator = Job.objects.defer("payload", "checkpoint").filter(**filters), CursorPagination()
        page = paginator.paginate_queryset(rows, request, view=self)
        return paginator.get_paginated_response([staff_shapes.StaffJob.of(row) for row in page])
