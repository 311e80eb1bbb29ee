"""What a run works on, and how far it is: all that is written goes through the claim on its job."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from typing import NoReturn

from django.utils import timezone

from core import jobs
from documents.models import Document
from documents.models import DocumentRun
from documents.models import DocumentSection
from documents.services import ending
from documents.services import telling
from documents.services import writers

LONGEST_SECONDS = 1_500.0
"""Of one run of the job: then another worker goes on, well before its time is over and a call would be lost."""
LONGEST_WAIT_SECONDS = 900.0
"""After which it is looked whether what it waits for has come earlier: tokens can be bought."""


class Desk:
    """One run of the job of one order to write. ``models`` are asked one after the other."""

    def __init__(self, run: jobs.Run, row: DocumentRun) -> None:
        self.run, self.row = run, row
        self.document: Document = row.document
        self.user = row.user
        self.models = writers.of(self.user, row.model, self.document.model)
        self._began = time.monotonic()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction in which no other process is at this run. Raises LeaseLost before anything is written."""
        with self.run.fenced():
            yield

    def begin(self) -> None:
        """It runs. What waits for tokens waits until it has some."""
        if self.row.status == DocumentRun.Status.QUEUED:
            self.go_on()

    def go_on(self) -> None:
        """It runs, also where it was said to wait."""
        if self.row.status == DocumentRun.Status.RUNNING:
            return
        with self.writing():
            self.row.status, self.row.paused_for, self.row.resumes_at = DocumentRun.Status.RUNNING, "", None
            self.row.started_at = self.row.started_at or timezone.now()
            self._save("status", "paused_for", "resumes_at", "started_at")
            ending.document_follows(self.row)
            telling.progressed(self.row)

    def at(self, stage: str, section: DocumentSection | None = None, *, status: str = "", progress: int = -1) -> None:
        """It has come to a stage; devices are told of each new section, and of what is done between."""
        is_new = section is not None and section.number != self.row.section_now
        with self.writing():
            self.row.stage = stage
            self.row.section_now = section.number if section else None
            self.row.progress = max(self.row.progress, progress)
            self._save("stage", "section_now", "progress")
            Document.objects.filter(pk=self.document.pk).update(stage=stage, updated_at=timezone.now())
            if section is not None and status:
                section.status, section.error_code, section.error_message = status, "", ""
                section.save(update_fields=["status", "error_code", "error_message"])
            self.run.save(progress=self.row.progress)
            if is_new:
                telling.progressed(self.row)

    def rest(self) -> None:
        """Between two steps: hand over to another worker after a while, so that nobody is at one document for hours."""
        self.run.check()
        if time.monotonic() - self._began > LONGEST_SECONDS:
            self.run.later(0)

    def wait(self, pause: DocumentRun.Pause, seconds: float) -> NoReturn:
        """Nothing can be done for so long: no worker is kept, and it goes on by itself."""
        with self.writing():
            was = (self.row.status, self.row.paused_for)
            self.row.status, self.row.paused_for = DocumentRun.Status.PAUSED, pause
            self.row.resumes_at = timezone.now() + timedelta(seconds=seconds)
            self._save("status", "paused_for", "resumes_at")
            if was != (self.row.status, self.row.paused_for):
                ending.document_follows(self.row)
                telling.progressed(self.row)
        self.run.later(min(max(seconds, 5.0), LONGEST_WAIT_SECONDS))

    def spent(self, **sums: Any) -> None:
        """Written along with a step: what it cost. In the caller's transaction."""
        DocumentRun.objects.filter(pk=self.row.pk).update(**sums)

    def _save(self, *fields: str) -> None:
        # Only these: sums are written by the database.
        self.row.save(update_fields=list(fields))
