"""What jobs show on the dashboard: the queue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from core import dashboard
from core.dashboard import Card
from core.jobs.models import Job


class Queue(dashboard.Panel):
    """Is work being done?"""

    key = "operations"
    permission = "core.view_job"

    def cards(self) -> Iterable[Card]:
        """Partial indexes hold the jobs that wait, run or have ended; each question reads one end of one."""
        now = timezone.now()
        queued = Job.objects.filter(state=Job.State.QUEUED, run_at__lte=now)
        failed = Job.objects.filter(finished_at__gte=dashboard.midnight(now.date()), state=Job.State.FAILED)
        yield Card("queue_waiting", "Jobs waiting", queued[:10_000].count())
        yield Card("queue_age", "Longest wait", _age(queued.order_by("run_at").first(), now), "seconds")
        yield Card("jobs_failed", "Jobs failed today", failed[:10_000].count())


def _age(job: Job | None, now: datetime) -> float:
    return (now - job.run_at).total_seconds() // 1 if job else 0
