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
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core.errors import DomainError
from core.jobs import claims
from core.jobs import ending
from core.jobs import metrics
from core.jobs import registry
from core.jobs import services
from core.jobs.claims import LeaseLost
from core.jobs.models import Job
from core.jobs.registry import Handler
from core.jobs.run import Cancelled
from core.jobs.run import GiveUp
from core.jobs.run import Later
from core.jobs.run import Paused
from core.jobs.run import Run

logger = logging.getLogger(__name__)

FIRST_DELAY_SECONDS = 10.0
LONGEST_DELAY_SECONDS = 900.0


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
    waiting = Job.objects.filter(state=Job.State.QUEUED, run_at__lte=now, cancel_requested=False)
    return claims.claim(
        waiting,
        job_id,
        lease=timedelta(seconds=handler.lease),
        state=Job.State.RUNNING,
        attempts=F("attempts") + 1,
        started_at=now,
    )


def _do(run: Run, handler: Handler, job: Job) -> None:
    started = time.monotonic()
    heart = _Heart(run, every=handler.lease / 3)
    try:
        outcome = _outcome(run, handler, job)
    finally:
        heart.stop()
    metrics.observe(kind=run.kind, outcome=outcome, seconds=time.monotonic() - started)


def _outcome(run: Run, handler: Handler, job: Job) -> str:
    if job.pause_requested:  # of the run before this one, which did not live to hear it
        return _paused(job)
    try:
        handler.body(run)
        return _succeeded(job)
    except Cancelled:
        return _ended(job, Job.State.CANCELLED)
    except Paused:
        return _paused(job)
    except Later as later:
        return _queued_again(job, later.seconds, outcome="later", attempts=0, error="", **later.changes)
    except LeaseLost:
        logger.warning("A run lost its job and ends", extra={"kind": run.kind, "job": str(run.job_id)})
        return "lost"
    except GiveUp as error:
        return _ended(job, Job.State.FAILED, error=str(error)[:500])
    except Exception as error:
        logger.exception("A job has failed", extra={"kind": run.kind, "job": str(run.job_id)})
        return _failed(job, error)


def _succeeded(job: Job) -> str:
    done = {"state": Job.State.SUCCEEDED, "progress": 100, "error": "", "finished_at": timezone.now()}
    return "succeeded" if claims.release(job, **done) else "lost"


def _ended(job: Job, state: Job.State, **changes: Any) -> str:
    try:
        return str(state) if ending.end(job, claims.held(job), state, **changes) else "lost"
    except Exception:
        logger.exception("A job cannot end; the sweeper tries again", extra={"kind": job.kind, "job": str(job.pk)})
        return "lost"


def _paused(job: Job) -> str:
    """Until somebody resumes it; at once again when that has happened meanwhile. It costs no attempt."""
    still = claims.held(job).filter(pause_requested=True, cancel_requested=False)
    waits = {"state": Job.State.PAUSED, "pause_requested": False, "lease_until": None, "attempts": 0, "error": ""}
    with transaction.atomic():
        if still.update(**waits):
            ending.moved(job)
            return "paused"
    return _queued_again(job, 0, outcome="later", attempts=0)


def _failed(job: Job, error: Exception) -> str:
    """Again after a while, or never."""
    # What a library says in an exception may hold an address or a secret; a class does not.
    sentence = error.sentence if isinstance(error, DomainError) else f"An unexpected fault ({type(error).__name__})."
    attempts = Job.objects.filter(pk=job.pk).values_list("attempts", flat=True).first() or 0
    if attempts >= job.max_attempts:
        return _ended(job, Job.State.FAILED, error=sentence[:500])
    return _queued_again(job, delay(attempts), outcome="retried", error=sentence[:500])


def _queued_again(job: Job, seconds: float, *, outcome: str, **changes: Any) -> str:
    """Another run after so long, unless somebody has asked meanwhile that the job ends."""
    wanted = claims.held(job).filter(cancel_requested=False)
    if not wanted.update(state=Job.State.QUEUED, lease_until=None, **services.waiting(seconds), **changes):
        return _ended(job, Job.State.CANCELLED)
    if seconds <= services.LONGEST_COUNTDOWN_SECONDS:
        services.poke_on_commit(job.pk, job.kind, delay=seconds)
    return outcome


def delay(attempts: int) -> float:
    """Seconds until the next try: doubled each time, a little at random so that many do not come at once."""
    longest: float = min(FIRST_DELAY_SECONDS * 2 ** max(attempts - 1, 0), LONGEST_DELAY_SECONDS)
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
