"""What a worker does with a job: claim, run, let go."""

from __future__ import annotations

import logging
import random
import threading
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.utils import timezone

from core.errors import DomainError
from core.jobs import metrics
from core.jobs import registry
from core.jobs import services
from core.jobs.models import Job
from core.jobs.registry import Handler
from core.jobs.run import Cancelled
from core.jobs.run import GiveUp
from core.jobs.run import LeaseLost
from core.jobs.run import Run

logger = logging.getLogger(__name__)

FIRST_DELAY = 10.0
LONGEST_DELAY = 900.0


def run_job(job_id: UUID) -> bool:
    """Do a job if it waits; False when there is nothing to do, which is a normal end: pokes come late and twice."""
    kind = Job.objects.filter(pk=job_id).values_list("kind", flat=True).first()
    if kind is None:
        return False
    try:
        handler = registry.find(kind)
    except LookupError:
        logger.warning("A job of a kind that is not installed waits", extra={"kind": kind})
        return False
    job = _claim(job_id, handler)
    if job is None:
        return False
    _do(Run(job, lease=handler.lease, timeout=handler.timeout), handler, job)
    return True


def _claim(job_id: UUID, handler: Handler) -> Job | None:
    now = timezone.now()
    waiting = Job.objects.filter(pk=job_id, state=Job.State.QUEUED, run_at__lte=now, cancel_requested=False)
    claimed = waiting.update(
        state=Job.State.RUNNING,
        fence=F("fence") + 1,
        attempts=F("attempts") + 1,
        lease_until=now + timedelta(seconds=handler.lease),
        started_at=now,
    )
    # Between the two statements nobody else can claim it: the lease is fresh.
    return Job.objects.filter(pk=job_id, state=Job.State.RUNNING).first() if claimed else None


def _do(run: Run, handler: Handler, job: Job) -> None:
    started = time.monotonic()
    heart = _Heart(run, every=handler.lease / 3)
    try:
        handler.body(run)
        outcome = _end(run, Job.State.SUCCEEDED, progress=100, error="")
    except Cancelled:
        outcome = _end(run, Job.State.CANCELLED)
    except LeaseLost:
        logger.warning("A run lost its job and ends", extra={"kind": run.kind, "job": str(run.job_id)})
        outcome = "lost"
    except GiveUp as error:
        outcome = _end(run, Job.State.FAILED, error=str(error)[:500])
    except Exception as error:
        logger.exception("A job has failed", extra={"kind": run.kind, "job": str(run.job_id)})
        outcome = _failed(run, job, error)
    finally:
        heart.stop()
    metrics.observe(kind=run.kind, outcome=outcome, seconds=time.monotonic() - started)


def _end(run: Run, state: Job.State, **changes: Any) -> str:
    return str(state) if run.finish(state, finished_at=timezone.now(), **changes) else "lost"


def _failed(run: Run, job: Job, error: Exception) -> str:
    """Again after a while, or never."""
    # What a library says in an exception may hold an address or a secret; a class does not.
    sentence = error.sentence if isinstance(error, DomainError) else f"An unexpected fault ({type(error).__name__})."
    attempts = Job.objects.filter(pk=job.pk).values_list("attempts", flat=True).first() or 0
    if attempts >= job.max_attempts:
        return _end(run, Job.State.FAILED, error=sentence[:500])
    wait = delay(attempts)
    again = timezone.now() + timedelta(seconds=wait)
    if not run.finish(Job.State.QUEUED, run_at=again, poke_at=again + services.PATIENCE, error=sentence[:500]):
        return "lost"
    services.poke_on_commit(job.pk, job.kind, delay=wait)
    return "retried"


def delay(attempts: int) -> float:
    """Seconds until the next try: doubled each time, a little at random so that many do not come at once."""
    longest: float = min(FIRST_DELAY * 2 ** max(attempts - 1, 0), LONGEST_DELAY)
    return longest * random.uniform(0.75, 1.0)  # noqa: S311 - no secret


class _Heart:
    """A thread that extends the lease while the body works. It stops with the process, which is what shows a loss."""

    def __init__(self, run: Run, *, every: float) -> None:
        self._run, self._every = run, every
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="job-heartbeat", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(timeout=5)

    def _beat(self) -> None:
        while not self._stopped.wait(self._every):
            try:
                if not self._run.extend():
                    return
            except Exception:
                logger.exception("A lease could not be extended; the next beat tries again")
            finally:
                connection.close()
