"""Letters are sent and forgotten by jobs."""

from __future__ import annotations

from datetime import timedelta

from core import jobs
from core.mail import services


@jobs.handler(services.SEND, max_attempts=services.ATTEMPTS, lease=60, timeout=120)
def send_mail(run: jobs.Run) -> None:
    """Send one letter."""
    services.deliver(run)


@jobs.handler("core.forget_mails")
def forget_mails(_run: jobs.Run) -> None:
    """Give up what has waited too long, remove what is old."""
    services.forget()


jobs.periodic("core.forget_mails", every=timedelta(minutes=10))
