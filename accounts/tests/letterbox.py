"""What arrives in the mailboxes of a test."""

from __future__ import annotations

import re

from django.core import mail
from django.utils import timezone

from core.jobs import worker
from core.models import Job


def work() -> None:
    """Do the jobs that wait, and those they make, until none is left."""
    while waiting := list(Job.objects.filter(state=Job.State.QUEUED, run_at__lte=timezone.now()).order_by("id")):
        for job in waiting:
            assert worker.run_job(job.pk)


def letters(to: str) -> list[mail.EmailMessage]:
    """All letters to an address, oldest first."""
    work()
    return [letter for letter in mail.outbox if letter.to == [to]]


def token(to: str, page: str) -> str:
    """The token of the newest link to a page of the web client."""
    for letter in reversed(letters(to)):
        if found := re.search(rf"/app/{page}#token=([\w-]+)", str(letter.body)):
            return found[1]
    raise AssertionError(f"no link to /app/{page} came to {to}")
