"""A job as its owner sees it: one shape for the jobs of all apps."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any
from typing import Literal
from typing import Self
from uuid import UUID

from pydantic import ConfigDict

from core.jobs import registry
from core.jobs.models import Job
from core.shapes import Page
from core.shapes import Shape

Status = Literal["queued", "running", "paused", "completed", "failed", "cancelled"]
Wish = Literal["cancel", "pause", "resume"]

_STATUSES: dict[str, Status] = {
    Job.State.QUEUED: "queued",
    Job.State.RUNNING: "running",
    Job.State.PAUSED: "paused",
    Job.State.SUCCEEDED: "completed",
    Job.State.FAILED: "failed",
    Job.State.CANCELLED: "cancelled",
}
STATES: dict[str, str] = {status: state for state, status in _STATUSES.items()}
_LIVE = frozenset({Job.State.QUEUED, Job.State.RUNNING, Job.State.PAUSED})


class OwnJob(Shape):
    """Work that goes on in the background. A kind adds fields of its own, such as the id of what it makes."""

    model_config = ConfigDict(extra="allow")

    job_id: UUID
    kind: str
    status: Status
    progress: int
    """0 to 100."""
    error_message: str
    """Why it failed, or why it is tried again; otherwise empty."""
    can: list[Wish]
    """What may be asked of it now."""
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, job: Job, added: Mapping[str, Any]) -> Self:
        return cls(
            job_id=job.pk,
            kind=job.kind,
            status=_STATUSES[job.state],
            progress=job.progress,
            error_message=job.error,
            can=list(_wishes(job)),
            created_at=job.created_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
            **added,
        )


class PaginatedOwnJobList(Page[OwnJob]):
    pass


def own_jobs(jobs: Sequence[Job]) -> list[OwnJob]:
    """The jobs in their order; each kind is asked once for what it adds."""
    kinds, added = registry.shown(), dict[UUID, Mapping[str, Any]]()
    for kind, some in groupby(sorted(jobs, key=attrgetter("kind")), key=attrgetter("kind")):
        added.update(kinds[kind](list(some)))
    return [OwnJob.of(job, added.get(job.pk, {})) for job in jobs]


def _wishes(job: Job) -> Iterator[Wish]:
    if job.state == Job.State.FAILED and registry.find(job.kind).again:
        yield "resume"
    if job.state not in _LIVE or job.cancel_requested:
        return
    yield "cancel"
    if job.state == Job.State.PAUSED or job.pause_requested:
        yield "resume"
    elif registry.find(job.kind).pausable:
        yield "pause"
