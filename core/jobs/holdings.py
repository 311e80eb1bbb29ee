"""What is kept of the work that was done for people."""

from __future__ import annotations

from uuid import UUID

from core.jobs.models import Job
from core.personal import Holding
from core.personal import Work
from core.personal import in_batches

HOLDINGS = [
    Holding(
        model="core.Job",
        rows=lambda user_id: Job.objects.filter(owner_id=user_id),
        leave_out=("payload", "checkpoint", "fence", "lease_until", "poke_at"),
    ),
]


def erase(user_id: UUID, work: Work) -> None:
    """The user's jobs."""
    in_batches(Job.objects.filter(owner_id=user_id), work)
