"""The tasks by which the queue and beat reach the jobs."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from core.jobs import pulse
from core.jobs import sweeper
from core.jobs import worker
from core.jobs.services import RUN_TASK


@shared_task(name=RUN_TASK)
def run_job(job_id: str) -> bool:
    """Do one job. Its limits of time come with the poke, from its handler."""
    return worker.run_job(UUID(job_id))


@shared_task(name="core.sweep_jobs", time_limit=120, soft_time_limit=100)
def sweep_jobs() -> int:
    """Find the jobs that were lost and make those that are due."""
    moved = sweeper.sweep()
    pulse.leave()
    return moved
