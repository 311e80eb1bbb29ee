"""What workers do for the messenger; each a call of a service."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from core import jobs
from core import searching
from messenger.models import Message
from messenger.services import agents
from messenger.services import notifying
from messenger.services import previews
from messenger.services import renaming
from messenger.services import stories

RECOUNT_AGENTS = "messenger.recount_agents"
REFOLD = "messenger.refold"
EXPIRE_STORIES = "messenger.expire_stories"
DELETE_OLD_PREVIEWS = "messenger.forget_previews"


@jobs.handler(previews.KIND, max_attempts=3, lease=60, timeout=60)
def link_preview(run: jobs.Run) -> None:
    """Show what stands behind the link of a message."""
    previews.attach_requested(UUID(run.payload["message_id"]), run.payload["link"])


@jobs.handler(notifying.FINISHED, max_attempts=3, lease=60, timeout=60)
def notify_finished(run: jobs.Run) -> None:
    """Tell people's devices of an agent's answer."""
    notifying.tell_finished(UUID(run.payload["message_id"]))


@jobs.handler(renaming.KIND, max_attempts=3, lease=60, timeout=300)
def show_person(run: jobs.Run) -> None:
    """Let everybody who sees a person see their new name and picture."""
    renaming.show(UUID(run.payload["user_id"]), run.check)


@jobs.handler(DELETE_OLD_PREVIEWS)
def delete_old_previews(_run: jobs.Run) -> None:
    """Delete what was fetched long ago."""
    previews.delete_old()


@jobs.handler(EXPIRE_STORIES)
def expire_stories(run: jobs.Run) -> None:
    """Remove the stories that are over, with their files."""
    while stories.expire():
        run.check()


@jobs.handler(RECOUNT_AGENTS)
def recount_agents(_run: jobs.Run) -> None:
    """Count the agents anew where the count is wrong."""
    agents.recount_all()


@jobs.handler(REFOLD)
def refold(_run: jobs.Run) -> None:
    """What a process of the release before wrote is searched as everything else is."""
    searching.refold(Message, {"search_text": "content"}, since=timezone.now() - timedelta(days=3))


jobs.periodic(REFOLD, every=timedelta(days=1))
jobs.periodic(RECOUNT_AGENTS, every=timedelta(days=1))
jobs.periodic(EXPIRE_STORIES, every=timedelta(minutes=1))
jobs.periodic(DELETE_OLD_PREVIEWS, every=timedelta(days=1))
