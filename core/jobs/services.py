"""What may be done with jobs: enqueue, cancel, pause, resume, retry."""

from __future__ import annotations

import logging
from datetime import datetime
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from typing import Any
from uuid import UUID

from celery import current_app
from django.db import transaction
from django.utils import timezone

from core.jobs import ending
from core.jobs import registry
from core.jobs.models import Job

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

logger = logging.getLogger(__name__)

RUN_TASK = "core.run_job"
PATIENCE = timedelta(seconds=60)
"""So long a poke is trusted to arrive; then the sweeper sends another."""
LONGEST_COUNTDOWN_SECONDS = 900.0
"""Seconds a poke may lie in the queue before it is due; what waits longer is told by the sweeper.

Redis hands out anew what nobody has acknowledged for an hour (Celery 5.7):
https://docs.celeryq.dev/en/stable/getting-started/backends-and-brokers/redis.html#visibility-timeout
"""
_ENDED = {"finished_at": None, "error": "", "cancel_requested": False, "pause_requested": False}


def enqueue(
    kind: str,
    *,
    payload: dict[str, Any],
    owner: AbstractBaseUser | None = None,
    key: str | None = None,
    run_at: datetime | None = None,
) -> Job:
    """Note down work in the caller's transaction; workers hear of it on commit.

    ``key`` names the work among its kind: where it is known already, the job that has it is returned and nothing new
    is done, be it finished or not. Raises LookupError for a kind nobody handles.
    """
    now = timezone.now()
    starts = run_at or now
    job = Job(
        kind=kind,
        payload=payload,
        owner_id=owner.pk if owner else None,
        key=key,
        run_at=starts,
        poke_at=starts + PATIENCE,
        max_attempts=registry.find(kind).max_attempts,
        created_at=now,
    )
    if key is None:
        job.save(force_insert=True)
    else:
        Job.objects.bulk_create([job], ignore_conflicts=True)
        known = Job.objects.get(kind=kind, key=key)
        if known.pk != job.pk:
            return known
    if starts <= now:
        poke_on_commit(job.pk, kind)
    else:
        Job.objects.filter(pk=job.pk).update(poke_at=starts)
    return job


def cancel(job: Job) -> bool:
    """Ask that a job ends: at once when it waits, at its next look when it runs. False when it is over already."""
    with transaction.atomic():
        if not _among(job, Job.State.QUEUED, Job.State.RUNNING, Job.State.PAUSED).update(cancel_requested=True):
            return False
        ending.end(job, _among(job, Job.State.QUEUED, Job.State.PAUSED), Job.State.CANCELLED)
    return True


def pause(job: Job) -> bool:
    """Ask that a job waits: at once when it has not begun, at its next look when it runs. It keeps its checkpoint.

    False when it is over, waits already or is of a kind that cannot wait.
    """
    if not registry.find(job.kind).pausable:
        return False
    wanted = {"cancel_requested": False, "pause_requested": False}
    with transaction.atomic():
        if _among(job, Job.State.QUEUED).filter(**wanted).update(state=Job.State.PAUSED):
            ending.moved(job)
            return True
    return bool(_among(job, Job.State.RUNNING).filter(**wanted).update(pause_requested=True))


def resume(job: Job) -> bool:
    """Let a paused job, or one that was asked to pause, go on; one that failed where its kind says so. Else False."""
    asked = _among(job, Job.State.QUEUED, Job.State.RUNNING).filter(pause_requested=True)
    if asked.update(pause_requested=False):
        return True
    with transaction.atomic():
        if _among(job, Job.State.PAUSED).update(state=Job.State.QUEUED, **waiting(0)):
            ending.moved(job)
            poke_on_commit(job.pk, job.kind)
            return True
    return registry.find(job.kind).again and _again(job, Job.State.FAILED)


def retry(job: Job) -> bool:
    """Queue a failed or cancelled job again; it goes on from its checkpoint. False when it is neither."""
    return _again(job, Job.State.FAILED, Job.State.CANCELLED)


def _again(job: Job, *states: Job.State) -> bool:
    fresh: dict[str, Any] = {"state": Job.State.QUEUED, "attempts": 0, **waiting(0)}
    with transaction.atomic():
        if not _among(job, *states).update(**fresh, **_ENDED):
            return False
        ending.moved(job)
        poke_on_commit(job.pk, job.kind)
    return True


def waiting(seconds: float) -> dict[str, datetime]:
    """When a job that waits for so long may run, and when the sweeper tells of it."""
    starts = timezone.now() + timedelta(seconds=seconds)
    return {"run_at": starts, "poke_at": starts + PATIENCE if seconds <= LONGEST_COUNTDOWN_SECONDS else starts}


def poke_on_commit(job_id: UUID, kind: str, *, delay: float = 0) -> None:
    """Tell the queue once the transaction has committed."""
    transaction.on_commit(partial(poke, job_id, kind, delay=delay), robust=True)


def poke(job_id: UUID, kind: str, *, delay: float = 0) -> bool:
    """Tell the queue that a job waits; False when the queue cannot be reached, and then the sweeper tells it later."""
    handler = registry.find(kind)
    try:
        # By its name: the task runs the jobs, and may so come back here.
        current_app.signature(RUN_TASK, args=(str(job_id),)).apply_async(
            queue=handler.queue,
            countdown=delay,
            retry=False,
            soft_time_limit=int(handler.timeout),
            time_limit=int(handler.timeout) + 60,
        )
    except Exception:
        logger.exception("The queue cannot be told of a job; the sweeper will", extra={"kind": kind})
        return False
    return True


def _among(job: Job, *states: Job.State) -> Any:
    return Job.objects.filter(pk=job.pk, state__in=states)
