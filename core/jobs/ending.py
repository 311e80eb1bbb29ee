"""The end of a job that did not succeed, which its app hears of."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core.jobs import registry
from core.jobs.models import Job
from core.jobs.registry import Ended


def end(job: Job, rows: QuerySet[Job], state: Job.State, **changes: Any) -> bool:
    """Fail or cancel a job that is among ``rows``, and call its handler's ``ended`` in the same transaction.

    False when it is not among them any more. What ``ended`` raises undoes the whole and is passed on.
    """
    with transaction.atomic():
        if not rows.filter(pk=job.pk).update(state=state, lease_until=None, finished_at=timezone.now(), **changes):
            return False
        if ended := _ended(job.kind):
            ended(Job.objects.get(pk=job.pk))
    return True


def _ended(kind: str) -> Ended | None:
    try:
        return registry.find(kind).ended
    except LookupError:  # its app was taken out
        return None
