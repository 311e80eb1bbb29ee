"""The operators' view of jobs: to look at, to cancel and to try again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest

from core.jobs import services
from core.jobs.models import Job

if TYPE_CHECKING:
    StockAdmin = admin.ModelAdmin[Job]
else:
    StockAdmin = admin.ModelAdmin


@admin.register(Job)
class JobAdmin(StockAdmin):
    list_display = ["kind", "state", "progress", "attempts", "owner", "created_at", "finished_at", "error"]
    list_filter = ["state", "kind"]
    list_select_related = ["owner"]
    search_fields = ["kind", "key", "owner__username"]
    # What a job was given and noted is private to its owner.
    exclude = ["payload", "checkpoint"]
    show_full_result_count = False
    actions = ["cancel_jobs", "retry_jobs"]

    @admin.action(description="Cancel", permissions=["operate"])
    def cancel_jobs(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        """End what has not ended."""
        messages.info(request, f"{sum(services.cancel(job) for job in queryset)} jobs were asked to end.")

    @admin.action(description="Try again", permissions=["operate"])
    def retry_jobs(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        """Queue failed and cancelled ones again."""
        messages.info(request, f"{sum(services.retry(job) for job in queryset)} jobs were queued again.")

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Whoever could change a job."""
        return request.user.has_perm("core.change_job")

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Jobs are made by the code only."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Job | None = None) -> bool:
        """A row tells what was done."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Job | None = None) -> bool:
        """Old ones go by themselves."""
        return False
