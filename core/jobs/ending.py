"""What the app of a job hears of it: that it ended without success, that it waits, that it goes on."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core.jobs import registry
from core.jobs.models import Job
from core.jobs.registry import Handler


def end(job: Job, rows: QuerySet[Job], state: Job.State, **changes: Any) -> bool:
    """Fail or cancel a job that is among ``rows``, and call its handler's ``ended`` in the same transaction.

    False when it is not among them any more. What ``ended`` raises undoes the whole and is passed on.
    """
    with transaction.atomic():
        if not rows.filter(pk=job.pk).update(state=state, lease_until=None, finished_at=timezone.now(), **changes):
            return False
        if (handler := _handler(job.kind)) and handler.ended:
            handler.ended(Job.objects.get(pk=job.pk))
    return True


def moved(job: Job) -> None:
    """It waits, or goes on: tell its app, in the transaction of the caller. What that raises is passed on."""
    if (handler := _handler(job.kind)) and handler.moved:
        handler.moved(Job.objects.get(pk=job.pk))


def _handler(kind: str) -> Handler | None:
    try:
        return registry.find(kind)
    except LookupError:  # its app was taken out
        return None
