"""Telling of work that took long, when its owner does not look at it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from core.jobs import looks
from core.jobs.models import Job
from core.push import notices
from core.push.notices import Notice

KIND = "job"
LONG = timedelta(seconds=20)
"""Who waits for less is still there."""


def notify_done(user_id: UUID, job_id: UUID, *, title: str, url: str) -> int:
    """Tell a person's devices that their job is done, in the transaction that ends it; to how many.

    ``title`` is in their language and says nothing private. Nobody is told of what was quick, or what they watch.
    """
    begun = Job.objects.filter(pk=job_id).values_list("created_at", flat=True).first()
    if begun is None or timezone.now() - begun < LONG or looks.is_watched(job_id):
        return 0
    return notices.notify([Notice(user_id=user_id, kind=KIND, tag=f"j:{job_id}", title=title, plain=title, url=url)])
