"""Background work of agents."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from agents import listening
from agents.runner import runners
from agents.services import notifying
from core import jobs


@shared_task(name="agents.sweep", time_limit=60, soft_time_limit=50)
def sweep() -> None:
    """Runs that lost their process, questions that nobody has answered in time, messages that were not heard."""
    runners.sweep()
    listening.sweep()


@jobs.handler(notifying.TELL_ASKED, max_attempts=3, lease=60, timeout=60)
def tell_asked(run: jobs.Run) -> None:
    """Tell a person's devices that an agent waits for them."""
    notifying.tell_asked(UUID(run.payload["approval_id"]))
