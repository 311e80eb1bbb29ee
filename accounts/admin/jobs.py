"""The operators' view of jobs: to look at, to cancel, to try again. It lies here because what staff do is audited."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin.staff_actions import ReadOnlyStaffAdmin
from accounts.admin.staff_actions import StaffAction
from core.jobs import services
from core.jobs.models import Job


@admin.register(Job)
class JobAdmin(ReadOnlyStaffAdmin):
    list_display = ("id", "kind", "state", "progress", "attempts", "owner", "created_at", "finished_at", "error")
    list_filter = ("state",)
    list_select_related = ("owner",)
    search_exact = ("pk", "kind")
    search_people = ("owner",)
    search_help_text = "Whole id or kind, or the beginning of the owner's name or address"
    # What a job was given and noted is private to its owner.
    hidden = ("payload", "checkpoint")
    staff_actions = (
        StaffAction(
            name="retry_jobs",
            label="Try again",
            consequence="Failed and cancelled jobs are queued again and go on from their checkpoint.",
            permission="core.change_job",
            act=lambda job, _deed: services.retry(job),
            event="job.retried",
        ),
        StaffAction(
            name="cancel_jobs",
            label="Cancel",
            consequence="Jobs that wait end at once, running ones at their next look.",
            permission="core.change_job",
            act=lambda job, _deed: services.cancel(job),
            event="job.cancelled",
            dangerous=True,
        ),
    )
