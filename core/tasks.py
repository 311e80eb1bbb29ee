"""Background work of the ground floor."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from celery import shared_task

from core import jobs
from core import pulse
from core.files import services as files
from core.jobs import sweeper
from core.jobs import worker
from core.mail import services as mail
from core.realtime import retention


@shared_task(name="core.sweep_files", time_limit=300, soft_time_limit=270)
def sweep_files() -> int:
    """Delete expired files and bytes nobody owns."""
    return files.sweep()


@shared_task(name="core.trim_streams", time_limit=600, soft_time_limit=540)
def trim_streams() -> int:
    """Remove old events."""
    return retention.trim()


@shared_task(name="core.run_job")
def run_job(job_id: str) -> bool:
    """Do one job. Its limits of time come with the poke, from its handler."""
    return worker.run_job(UUID(job_id))


@shared_task(name="core.sweep_jobs", time_limit=120, soft_time_limit=100)
def sweep_jobs() -> int:
    """Find the jobs that were lost and make those that are due."""
    moved = sweeper.sweep()
    pulse.leave()
    return moved


@jobs.handler(mail.SEND, max_attempts=mail.ATTEMPTS, lease=60, timeout=120)
def send_mail(run: jobs.Run) -> None:
    """Send one letter."""
    mail.deliver(run)


@jobs.handler("core.forget_mails")
def forget_mails(_run: jobs.Run) -> None:
    """Give up what has waited too long, remove what is old."""
    mail.forget()


jobs.periodic("core.forget_mails", every=timedelta(minutes=10))
