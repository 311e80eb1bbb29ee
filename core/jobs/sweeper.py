"""What beat pokes: finds what was lost, makes what is scheduled, removes what is old."""

from __future__ import annotations

import logging
from datetime import datetime
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models import Q
from django.db.models import QuerySet
from django.utils import timezone

from core.jobs import claims
from core.jobs import ending
from core.jobs import metrics
from core.jobs import registry
from core.jobs import services
from core.jobs.models import Job

logger = logging.getLogger(__name__)

AT_ONCE = 1000
LONGEST_PATIENCE = timedelta(minutes=10)
KEEP_DONE = timedelta(days=7)
KEEP_FAILED = timedelta(days=30)


def sweep() -> int:
    """Everything a dead worker, queue or beat left undone; returns how many jobs were moved. May run many at once."""
    now = timezone.now()
    moved = _take_back(now)
    schedule(now)
    moved += _poke_waiting(now)
    _forget(now)
    metrics.observe_waiting(Job.objects.filter(state=Job.State.QUEUED, run_at__lte=now).count())
    return moved


def schedule(now: datetime) -> None:
    """Make the row of every current window that has none: two beats, or a clock set back, make no second one."""
    windows = registry.windows(now)
    known = set(Job.objects.filter(kind__in=windows, period__in=windows.values()).values_list("kind", "period"))
    for kind, period in windows.items():
        if (kind, period) in known:
            continue
        fresh = Job(kind=kind, period=period, run_at=now, created_at=now, poke_at=now + services.PATIENCE)
        fresh.max_attempts = registry.find(kind).max_attempts
        Job.objects.bulk_create([fresh], ignore_conflicts=True)
        if Job.objects.filter(pk=fresh.pk).exists():
            services.poke(fresh.pk, kind)


def _take_back(now: datetime) -> int:
    """Runs whose lease is over: again from their checkpoint, unless it was their last try."""
    running = Job.objects.filter(state=Job.State.RUNNING)
    wanted = running.filter(cancel_requested=False)
    lost = claims.lapsed(now)
    cancelled = _end_each(running.filter(lost, cancel_requested=True), Job.State.CANCELLED)
    failed = _end_each(
        wanted.filter(lost, attempts__gte=F("max_attempts")),
        Job.State.FAILED,
        error="The process that did this work was lost each time.",
    )
    unfinished = wanted.filter(attempts__lt=F("max_attempts"))
    again = claims.take_back(unfinished, now, state=Job.State.QUEUED, run_at=now, poke_at=now)
    metrics.count_lost(failed + again)
    return cancelled + failed + again


def _end_each(rows: QuerySet[Job], state: Job.State, **changes: Any) -> int:
    """How many of the rows were ended; one whose app cannot hear of it waits for the next sweep."""
    ended = 0
    for job in rows[:AT_ONCE]:
        try:
            ended += ending.end(job, rows, state, **changes)
        except Exception:
            logger.exception("A lost job cannot end", extra={"kind": job.kind, "job": str(job.pk)})
    return ended


def _poke_waiting(now: datetime) -> int:
    """Jobs of which the queue should have told long ago.

    The longer one waits, the longer until it is told of again: a long queue must not fill with pokes.
    """
    due = Job.objects.filter(state=Job.State.QUEUED, poke_at__lte=now, run_at__lte=now).order_by("poke_at")
    told = 0
    for job in due.only("pk", "kind", "poke_at", "run_at")[:AT_ONCE]:
        patience = min(max(now - job.run_at, services.PATIENCE), LONGEST_PATIENCE)
        mine = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED, poke_at=job.poke_at)
        if not mine.update(poke_at=now + patience):
            continue  # another sweeper, or a worker, was faster
        try:
            reached = services.poke(job.pk, job.kind)
        except LookupError:  # its app was taken out
            continue
        if not reached:
            break  # the queue is down: the next sweep goes on
        told += 1
    return told


def _forget(now: datetime) -> None:
    done = Q(state__in=[Job.State.SUCCEEDED, Job.State.CANCELLED], finished_at__lt=now - KEEP_DONE)
    failed = Q(state=Job.State.FAILED, finished_at__lt=now - KEEP_FAILED)
    old = list(Job.objects.filter(done | failed).values_list("pk", flat=True)[:AT_ONCE])
    if old:
        with transaction.atomic():
            Job.objects.filter(pk__in=old, finished_at__isnull=False).delete()
