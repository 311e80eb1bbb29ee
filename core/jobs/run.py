"""One run of a job, as its body sees it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from datetime import timedelta
from typing import Any
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from core.jobs.models import Job

_KEEP: Final = object()
_LOOK_SECONDS = 1.0


class GiveUp(Exception):
    """Raised by a body: trying again is of no use. Its text is a sentence that people may read."""


class Cancelled(Exception):
    """Somebody asked that the job ends; a body lets it pass."""


class LeaseLost(Exception):
    """The job belongs to another run now, or its time is over; a body lets it pass and writes nothing more."""


class Run:
    """The claim on a job. All it writes is written only while the claim holds.

    ``payload`` is what :func:`core.jobs.enqueue` was given, ``checkpoint`` what the last run saved, ``attempt`` counts
    from 1 and begins anew with each checkpoint, ``period`` is the window of scheduled work.
    """

    def __init__(self, job: Job, *, lease: float, timeout: float) -> None:
        self.job_id: UUID = job.pk
        self.kind = job.kind
        self.owner_id: UUID | None = job.owner_id
        self.payload: dict[str, Any] = job.payload
        self.checkpoint: Any = job.checkpoint
        self.attempt = job.attempts
        self.period: datetime | None = job.period
        self._fence = job.fence
        self._lease = timedelta(seconds=lease)
        self._ends = time.monotonic() + timeout
        self._looked = time.monotonic()

    def save(self, *, checkpoint: Any = _KEEP, progress: int | None = None) -> None:
        """Store how far the work is, and extend the lease. Raises LeaseLost, or Cancelled.

        Called inside :meth:`fenced` the checkpoint and what it tells of are stored together.
        """
        changes: dict[str, Any] = {}
        if progress is not None:
            changes["progress"] = min(max(progress, 0), 100)
        if checkpoint is not _KEEP and checkpoint != self.checkpoint:
            changes |= {"checkpoint": checkpoint, "attempts": 0}
        self._write(**changes, **self._extension())
        if checkpoint is not _KEEP:
            self.checkpoint = checkpoint

    def check(self) -> None:
        """Raises Cancelled or LeaseLost when the body should end. Cheap: looks at most once a second."""
        if time.monotonic() - self._looked < _LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        if self.is_over_time:
            raise LeaseLost
        asked = self._mine().values_list("cancel_requested", flat=True).first()
        if asked is None:
            raise LeaseLost
        if asked:
            raise Cancelled

    @contextmanager
    def fenced(self) -> Iterator[None]:
        """A transaction in which no other run can take the job: what a body writes outside it may be written twice.

        Raises LeaseLost before anything is written when the claim does not hold any more.
        """
        with transaction.atomic():
            if self._mine().select_for_update().first() is None:
                raise LeaseLost
            yield

    @property
    def is_over_time(self) -> bool:
        """The time for this run has passed."""
        return time.monotonic() > self._ends

    def extend(self) -> bool:
        """Extend the lease; False when it is lost. The heartbeat calls it, a body need not."""
        return not self.is_over_time and bool(self._mine().update(**self._extension()))

    def finish(self, state: Job.State, **changes: Any) -> bool:
        """Let go of the job; False when another run has it."""
        return bool(self._mine().update(state=state, lease_until=None, **changes))

    def _extension(self) -> dict[str, Any]:
        return {"lease_until": timezone.now() + self._lease}

    def _write(self, **changes: Any) -> None:
        if self.is_over_time or not self._mine().update(**changes):
            raise LeaseLost

    def _mine(self) -> Any:
        return Job.objects.filter(pk=self.job_id, fence=self._fence, state=Job.State.RUNNING)
