"""Background work of the chat."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from aichat import habits
from aichat.models import Chat
from aichat.models import ChatMessage
from aichat.services import answers
from aichat.services import chats
from aichat.services import importing
from aichat.services import noticing
from core import jobs
from core import searching

PURGE_TEMPORARY = "aichat.purge_temporary_chats"
REFOLD = "aichat.refold"
COUNT_HABITS = "aichat.count_habits"


@shared_task(name="aichat.abandon_stale_answers", time_limit=60, soft_time_limit=50)
def abandon_stale_answers() -> int:
    """End answers whose process is gone."""
    return answers.abandon_stale()


@jobs.handler(PURGE_TEMPORARY)
def purge_temporary_chats(_run: jobs.Run) -> None:
    """Remove temporary chats a day after their last message."""
    chats.purge_temporary()


@jobs.handler(noticing.FINISHED, max_attempts=3, lease=60, timeout=60)
def notify_answered(run: jobs.Run) -> None:
    """Tell the owner's devices of an answer that took long."""
    with run.fenced():
        noticing.tell(UUID(run.payload["message_id"]))


@jobs.handler(importing.KIND, max_attempts=3, timeout=3000, ended=importing.end, shown=importing.shown)
def import_chats(run: jobs.Run) -> None:
    """Bring chats from another product."""
    importing.work(run)


@jobs.handler(COUNT_HABITS)
def count_habits(_run: jobs.Run) -> None:
    """What answers of each model mostly take, for estimates and for the room that thinking needs."""
    habits.count()


@jobs.handler(REFOLD)
def refold(_run: jobs.Run) -> None:
    """What a process of the release before wrote is searched as everything else is."""
    since = timezone.now() - timedelta(days=3)
    searching.refold(Chat, {"search_title": "title"}, since=since)
    searching.refold(ChatMessage, {"search_text": "content"}, since=since)


jobs.periodic(COUNT_HABITS, every=timedelta(days=1))
jobs.periodic(REFOLD, every=timedelta(days=1))
jobs.periodic(PURGE_TEMPORARY, every=timedelta(hours=1))
