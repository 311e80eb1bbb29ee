"""An owner's jobs: listed, looked at, cancelled, paused, resumed."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import params
from core.api.pagination import CursorPagination
from core.api.request import actor
from core.errors import NotFound
from core.jobs import looks
from core.jobs import registry
from core.jobs import services
from core.jobs.errors import JobState
from core.jobs.models import Job
from core.jobs.models import JobQuerySet
from core.jobs.shapes import STATES
from core.jobs.shapes import OwnJob
from core.jobs.shapes import PaginatedOwnJobList
from core.jobs.shapes import own_jobs

_STATUS = OpenApiParameter("status", OpenApiTypes.STR, enum=list(STATES))


def _jobs_of(user: AbstractBaseUser) -> JobQuerySet:
    return Job.objects.visible_to(user).filter(kind__in=registry.shown())


class JobsView(APIView):
    """The jobs one has."""

    @extend_schema(operation_id="jobs", parameters=[_STATUS, *params.PAGE], responses=PaginatedOwnJobList)
    def get(self, request: Request) -> Response:
        """One's own jobs, newest first."""
        rows, paginator = _jobs_of(actor(request)), CursorPagination()
        if status := params.choice(request, "status", frozenset(STATES)):
            rows = rows.filter(state=STATES[status])
        page = paginator.paginate_queryset(rows, request, view=self)
        return paginator.get_paginated_response(own_jobs(page or []))


class _JobView(APIView):
    def job(self, request: Request, job_id: UUID) -> Job:
        """Raises NotFound for what is not the actor's."""
        job = _jobs_of(actor(request)).filter(pk=job_id).first()
        if job is None:
            raise NotFound
        return job

    def wished(self, request: Request, job_id: UUID, wish: Callable[[Job], bool]) -> Response:
        """Ask for it and show the job as it is then. Raises NotFound, JobState."""
        if not wish(self.job(request, job_id)):
            raise JobState
        return Response(own_jobs([self.job(request, job_id)])[0])


class JobStatusView(_JobView):
    """How far a job is."""

    @extend_schema(operation_id="job_status", responses=OwnJob)
    def get(self, request: Request, job_id: UUID) -> Response:
        """The job as it is now; on the way its app tells of it over the socket."""
        job = self.job(request, job_id)
        looks.note(job.pk)
        return Response(own_jobs([job])[0])


class JobCancelView(_JobView):
    """Cancel."""

    @extend_schema(operation_id="job_cancel", request=None, responses=OwnJob)
    def post(self, request: Request, job_id: UUID) -> Response:
        """End it: at once when it waits, soon when it runs. 409 `job_state` when it is over."""
        return self.wished(request, job_id, services.cancel)


class JobPauseView(_JobView):
    """Pause."""

    @extend_schema(operation_id="job_pause", request=None, responses=OwnJob)
    def post(self, request: Request, job_id: UUID) -> Response:
        """Let it wait where it is. 409 `job_state` when it cannot wait, does so already or is over."""
        return self.wished(request, job_id, services.pause)


class JobResumeView(_JobView):
    """Resume."""

    @extend_schema(operation_id="job_resume", request=None, responses=OwnJob)
    def post(self, request: Request, job_id: UUID) -> Response:
        """Let it go on from where it was, after a failure where that is offered. 409 `job_state` when it cannot."""
        return self.wished(request, job_id, services.resume)
