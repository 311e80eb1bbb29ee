"""Notices are sent and forgotten by jobs."""

from __future__ import annotations

from datetime import timedelta

from core import jobs
from core.push import notices
from core.push import sending


@jobs.handler(notices.SEND, max_attempts=10, lease=60, timeout=540)
def send_push(run: jobs.Run) -> None:
    """Send one batch."""
    sending.deliver(run)


@jobs.handler("core.forget_push")
def forget_push(_run: jobs.Run) -> None:
    """Give up what was left, remove what is old."""
    sending.forget()


jobs.periodic("core.forget_push", every=timedelta(hours=1))
