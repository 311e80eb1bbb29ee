"""The body of the job: goes on where the steps that are stored end."""

from __future__ import annotations

from billing.errors import MeteringUnavailable
from billing.errors import PlatformLimitReached
from billing.errors import TokenLimitExceeded
from core import jobs
from core.errors import DomainError
from documents.models import DocumentRun
from documents.services import ending
from documents.services.running import planning
from documents.services.running import sections
from documents.services.running import steps
from documents.services.running.desk import Desk
from documents.services.running.steps import Steps


def work(run: jobs.Run) -> None:
    """One run: it ends, waits, or fails at a section, from which resuming goes on."""
    rows = DocumentRun.objects.select_related("document", "user")
    row = rows.filter(pk=run.payload["run"], document__archived_at=None).first()
    if row is None or not row.is_live:
        return
    try:
        desk = Desk(run, row)
        desk.begin()
        _write(desk)
    except (TokenLimitExceeded, PlatformLimitReached) as error:
        desk.wait(*steps.pause_for(error))
    except MeteringUnavailable:
        raise  # nothing can be written down, a failure neither: the job tries again
    except DomainError as error:
        with run.fenced():
            row.refresh_from_db()
            ending.fail(row, error)
            run.save(checkpoint=None)
        steps.give_up(error)
    with run.fenced():
        row.refresh_from_db()
        ending.end(row, DocumentRun.Status.COMPLETED)


def _write(desk: Desk) -> None:
    made = Steps(desk)
    if desk.row.kind == DocumentRun.Kind.OUTLINE:
        planning.outline(desk, made)
    else:
        sections.write(desk, made)
