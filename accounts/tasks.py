"""Work beside requests."""

from __future__ import annotations

import logging

from celery import shared_task

from accounts.services import cleanup
from accounts.services import mailed
from core import jobs

logger = logging.getLogger(__name__)


@shared_task(time_limit=300, soft_time_limit=270)
def purge_expired() -> None:
    """Remove expired refresh tokens, sessions and login attempts; running twice does no harm."""
    removed = cleanup.purge_expired()
    logger.info(
        "Removed %(refresh_tokens)s tokens, %(sessions)s sessions, %(mailed_tokens)s links and %(login_attempts)s"
        " attempts",
        removed,
    )


@jobs.handler(mailed.KIND, max_attempts=5, lease=60, timeout=60)
def mail_link(run: jobs.Run) -> None:
    """Make a link and put its letter into the outbox."""
    mailed.work(run)
