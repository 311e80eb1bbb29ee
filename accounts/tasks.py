"""The jobs of this app."""

from __future__ import annotations

import logging
from datetime import timedelta

from accounts.services import cleanup
from accounts.services import email_links
from accounts.services import exporting
from accounts.services import purging
from core import jobs

logger = logging.getLogger(__name__)


@jobs.handler(cleanup.KIND, timeout=270)
def purge_expired(_run: jobs.Run) -> None:
    """Remove expired refresh tokens, sessions and login attempts; running twice does no harm."""
    removed = cleanup.purge_expired()
    logger.info(
        "Removed %(refresh_tokens)s tokens, %(sessions)s sessions, %(mailed_tokens)s links and %(login_attempts)s"
        " attempts",
        removed,
    )


@jobs.handler(email_links.KIND, max_attempts=5, lease=60, timeout=60)
def mail_link(run: jobs.Run) -> None:
    """Make a link and put its email into the outbox."""
    email_links.work(run)


@jobs.handler(exporting.KIND, shown=exporting.shown)
def export_user(run: jobs.Run) -> None:
    """Gather everything a user owns."""
    exporting.work(run)


@jobs.handler(purging.KIND, max_attempts=5)
def purge_user(run: jobs.Run) -> None:
    """Erase a user whose days of grace are over."""
    purging.work(run)


@jobs.handler(purging.DUE)
def purge_due(_run: jobs.Run) -> None:
    """Find the accounts whose days of grace are over, and forget old archives."""
    purging.enqueue_due()
    exporting.sweep()


jobs.periodic(cleanup.KIND, every=timedelta(hours=1))
jobs.periodic(purging.DUE, every=timedelta(minutes=15))
