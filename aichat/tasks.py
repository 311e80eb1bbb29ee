"""Background work of the chat."""

from __future__ import annotations

from celery import shared_task

from aichat.services import answers
from aichat.services import chats


@shared_task(name="aichat.abandon_stale_answers", time_limit=60, soft_time_limit=50)
def abandon_stale_answers() -> int:
    """End answers whose process is gone."""
    return answers.abandon_stale()


@shared_task(name="aichat.purge_temporary_chats", time_limit=600, soft_time_limit=540)
def purge_temporary_chats() -> int:
    """Remove temporary chats a day after their last message."""
    return chats.purge_temporary()
