"""One run of a job, as its body sees it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from datetime import timedelta
from typing import Any
from typing import Final
from typing import NoReturn
from uuid import UUID

from core.jobs import claims
from core.jobs.claims import LeaseLost
from core.jobs.models import Job

_KEEP: Final = object()
_LOOK_SECONDS = 1.0


class GiveUp(Exception):
    """Raised by a body: trying again is of no use. Its text is a sentence that people may read."""


class Cancelled(Exception):
    """Somebody asked that the job ends; a body lets it pass."""


class Paused(Exception):
    """Somebody asked that the job waits; a body lets it pass."""


class Later(Exception):
    """Raised by :meth:`Run.later`; a body lets it pass."""

    def __init__(self, seconds: float, changes: dict[str, Any]) -> None:
        super().__init__(seconds)
        self.seconds = seconds
        self.changes = changes


class Run:
    """The claim on a job, see :mod:`core.jobs.claims`. All it writes is written only while the claim holds.

    A body lets LeaseLost pass, and writes nothing more.

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
        self._job = job
        self._lease = timedelta(seconds=lease)
        self._ends = time.monotonic() + timeout
        self._looked = time.monotonic()
        self._is_fenced = False

    def save(self, *, checkpoint: Any = _KEEP, progress: int | None = None) -> None:
        """Store how far the work is, and extend the lease. Raises LeaseLost.

        Called inside :meth:`fenced` the checkpoint and what it tells of are stored together.
        """
        changes: dict[str, Any] = {}
        if progress is not None:
            changes["progress"] = min(max(progress, 0), 100)
        if checkpoint is not _KEEP and checkpoint != self.checkpoint:
            changes |= {"checkpoint": checkpoint, "attempts": 0}
        if not self.extend(**changes):
            raise LeaseLost
        if checkpoint is not _KEEP:
            self.checkpoint = checkpoint

    def check(self) -> None:
        """Raises Cancelled, Paused or LeaseLost when the body should end. Cheap: looks at most once a second."""
        if time.monotonic() - self._looked < _LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        if self.is_over_time:
            raise LeaseLost
        asked = claims.held(self._job).values_list("cancel_requested", "pause_requested").first()
        if asked is None:
            raise LeaseLost
        to_cancel, to_pause = asked
        if to_cancel:
            raise Cancelled
        if to_pause:
            raise Paused

    def later(self, seconds: float, *, checkpoint: Any = _KEEP) -> NoReturn:
        """End this run; another goes on after ``seconds``, from ``checkpoint`` or from the one there is.

        For work that waits for somebody else: meanwhile no worker is kept, and it costs no attempt, as a run that came
        here did what it could. Call it outside :meth:`fenced`, which what it raises would undo.
        """
        if self._is_fenced:
            raise RuntimeError("Run.later() inside fenced() would undo what was written there.")
        raise Later(seconds, {} if checkpoint is _KEEP else {"checkpoint": checkpoint})

    @contextmanager
    def fenced(self) -> Iterator[None]:
        """A transaction in which no other run can take the job: what a body writes outside it may be written twice.

        Raises LeaseLost before anything is written when the claim does not hold any more.
        """
        with claims.fenced(self._job):
            self._is_fenced = True
            try:
                yield
            finally:
                self._is_fenced = False

    @property
    def is_over_time(self) -> bool:
        """The time for this run has passed."""
        return time.monotonic() > self._ends

    def extend(self, **changes: Any) -> bool:
        """Extend the lease; False when it is lost. The heartbeat calls it, a body need not."""
        return not self.is_over_time and claims.extend(self._job, lease=self._lease, **changes)
