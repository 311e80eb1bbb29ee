"""``/api/jobs…``"""

from __future__ import annotations

from django.urls import path

from core.jobs.views import JobCancelView
from core.jobs.views import JobPauseView
from core.jobs.views import JobResumeView
from core.jobs.views import JobStatusView
from core.jobs.views import JobsView

urlpatterns = [
    path("jobs", JobsView.as_view(), name="jobs"),
    path("jobs/<uuid:job_id>/status", JobStatusView.as_view(), name="job-status"),
    path("jobs/<uuid:job_id>/cancel", JobCancelView.as_view(), name="job-cancel"),
    path("jobs/<uuid:job_id>/pause", JobPauseView.as_view(), name="job-pause"),
    path("jobs/<uuid:job_id>/resume", JobResumeView.as_view(), name="job-resume"),
]
