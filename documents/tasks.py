"""Background work of documents."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from core import jobs
from documents import presentation
from documents.services import ending
from documents.services import exporting
from documents.services import paying
from documents.services import starting
from documents.services.running import sweeping
from documents.services.running import work
from documents.services.sourcing import examined
from documents.sources import memory

SWEEP = "documents.sweep"
FORGET = "documents.forget"
ASK_AGAIN = "documents.ask_again"


@jobs.handler(
    starting.GENERATE,
    timeout=3000,
    ended=ending.of_job,
    moved=ending.moved,
    shown=presentation.of_jobs,
    pausable=True,
    again=True,
)
def generate(run: jobs.Run) -> None:
    """Write an outline, a section or a document."""
    work.work(run)


@jobs.handler(SWEEP)
def sweep(_run: jobs.Run) -> None:
    """Runs that nobody works on any more, and those that are paid and were not begun."""
    sweeping.sweep()
    starting.begin_paid()
    paying.give_back_forgotten()


@jobs.handler(FORGET)
def forget(_run: jobs.Run) -> None:
    """Documents that were deleted, files whose time is over, and what catalogues said long ago."""
    sweeping.forget()
    exporting.forget()
    memory.forget(timezone.now())


@jobs.handler(ASK_AGAIN, timeout=3000)
def ask_again(run: jobs.Run) -> None:
    """Whether a work that is cited was taken back since."""
    examined.ask_again(run.check)


jobs.periodic(SWEEP, every=timedelta(minutes=1))
jobs.periodic(FORGET, every=timedelta(days=1))
jobs.periodic(ASK_AGAIN, every=timedelta(days=1))
