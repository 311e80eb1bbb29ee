"""Work beside requests."""

from __future__ import annotations

import logging

from celery import shared_task

from accounts.services import cleanup

logger = logging.getLogger(__name__)


@shared_task(time_limit=300, soft_time_limit=270)
def purge_expired() -> None:
    """Remove expired refresh tokens, sessions and login attempts; running twice does no harm."""
    removed = cleanup.purge_expired()
    logger.info("Removed %(refresh_tokens)s tokens, %(sessions)s sessions, %(login_attempts)s attempts", removed)
