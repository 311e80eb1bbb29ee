"""Background work of agents."""

from __future__ import annotations

from celery import shared_task

from agents import listening
from agents.runner import runners


@shared_task(name="agents.sweep", time_limit=60, soft_time_limit=50)
def sweep() -> None:
    """Runs that lost their process, questions that nobody has answered in time, messages that were not heard."""
    runners.sweep()
    listening.sweep()
