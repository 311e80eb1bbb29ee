"""Background work of translation."""

from __future__ import annotations

from datetime import timedelta

from core import jobs
from translation.services.documents import asking
from translation.services.documents import inspecting
from translation.services.documents import merging
from translation.services.documents import parts
from translation.services.documents import sampling
from translation.services.documents import splitting
from translation.services.documents import starting
from translation.services.documents import sweeping
from translation.services.documents import working
from translation.services.texts import later

SWEEP = "translation.sweep"
FORGET = "translation.forget"


@jobs.handler(later.TEXT, ended=later.ended)
def translate_text(run: jobs.Run) -> None:
    """Translate a long text."""
    later.work(run)


@jobs.handler(asking.INSPECT, timeout=480, queue="media", ended=inspecting.ended)
def inspect(run: jobs.Run) -> None:
    """Read a document and quote it."""
    inspecting.work(run)


@jobs.handler(sampling.PREVIEW, max_attempts=2, timeout=240, queue="media", ended=sampling.ended)
def preview(run: jobs.Run) -> None:
    """Make the free sample."""
    sampling.work(run)


@jobs.handler(starting.SPLIT, timeout=1000, queue="media", ended=splitting.ended)
def split(run: jobs.Run) -> None:
    """Cut a document into parts."""
    splitting.work(run)


@jobs.handler(parts.CHUNK, max_attempts=5, timeout=900, queue="media", ended=working.ended)
def translate_part(run: jobs.Run) -> None:
    """Translate one part."""
    working.work(run)


@jobs.handler(parts.MERGE, timeout=1300, queue="media", ended=merging.ended)
def merge(run: jobs.Run) -> None:
    """Put the parts together."""
    merging.work(run)


@jobs.handler(SWEEP)
def sweep(_run: jobs.Run) -> None:
    """Documents and texts that nobody works on any more."""
    sweeping.sweep()
    later.sweep()


@jobs.handler(FORGET)
def forget(_run: jobs.Run) -> None:
    """Memory, quotes and files whose time is over."""
    sweeping.forget()


jobs.periodic(SWEEP, every=timedelta(minutes=1))
jobs.periodic(FORGET, every=timedelta(days=1))
