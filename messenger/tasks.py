"""What workers do for the messenger; each a call of a service."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from core import jobs
from messenger.services import previews
from messenger.services import stories

EXPIRE_STORIES = "messenger.expire_stories"
FORGET_PREVIEWS = "messenger.forget_previews"


@jobs.handler(previews.KIND, max_attempts=3, lease=60, timeout=60)
def link_preview(run: jobs.Run) -> None:
    """Show what stands behind the link of a message."""
    previews.work(UUID(run.payload["message_id"]), run.payload["link"])


@jobs.handler(FORGET_PREVIEWS)
def forget_previews(_run: jobs.Run) -> None:
    """Delete what was fetched long ago."""
    previews.forget_old()


@jobs.handler(EXPIRE_STORIES)
def expire_stories(run: jobs.Run) -> None:
    """Remove the stories that are over, with their files."""
    while stories.expire():
        run.check()


jobs.periodic(EXPIRE_STORIES, every=timedelta(minutes=1))
jobs.periodic(FORGET_PREVIEWS, every=timedelta(days=1))
